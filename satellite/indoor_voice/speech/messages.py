"""Parses and validates the events that a speech server handles.

The `wyoming` package doesn't check what it reads.
"""

from collections.abc import Callable
from typing import Final

from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeVoice,
)

from .disguise.request import Disguise
from .errors import RequestError
from .recognition.matching import Understood
from .recognition.wake_phrase import is_possible_phrase

MAX_NAME_CHARACTERS: Final = 200
"""Limit for the name of a model, voice, speaker or language."""

Message = (
    Describe
    | Ping
    | Transcribe
    | AudioStart
    | AudioChunk
    | AudioStop
    | Understood
    | Disguise
    | Synthesize
    | SynthesizeStart
    | SynthesizeChunk
    | SynthesizeStop
)

_READERS: Final[dict[str, Callable[[Event], Message]]] = {
    "describe": Describe.from_event,
    "ping": Ping.from_event,
    "transcribe": Transcribe.from_event,
    "audio-start": AudioStart.from_event,
    "audio-chunk": AudioChunk.from_event,
    "audio-stop": AudioStop.from_event,
    "understood": Understood.from_event,
    "disguise": Disguise.from_event,
    "synthesize": Synthesize.from_event,
    "synthesize-start": SynthesizeStart.from_event,
    "synthesize-chunk": SynthesizeChunk.from_event,
    "synthesize-stop": SynthesizeStop.from_event,
}


def read_message(event: Event) -> Message | None:
    """Parse an event; return None for a type that a speech server doesn't handle.

    `IncomingAudio` checks the numbers of an audio format. Raises `RequestError` (`bad-request`)
    when the content is invalid.
    """
    reader = _READERS.get(event.type)
    if reader is None:
        return None
    try:
        message = reader(event)
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError):
        message = None
    # The package ignores a voice that is not an object.
    voice = event.data.get("voice")
    if message is None or not _is_valid(message) or not (voice is None or isinstance(voice, dict)):
        raise RequestError("bad-request", f"The content of {event.type} is not valid")
    return message


def _is_valid(message: Message) -> bool:
    match message:
        case Ping():
            return message.text is None or _is_text(message.text)
        case Transcribe():
            return (
                _are_names(message.name, message.language, message.vad_sensitivity)
                and _is_text_list(message.transcript_names)
                and _is_text_list(message.transcript_terms)
                and _is_context(message.context)
                and _is_phrase((message.context or {}).get("wake_word_phrase"))
            )
        case Synthesize():
            return (
                _is_text(message.text) and _is_voice(message.voice) and _is_context(message.context)
            )
        case SynthesizeStart():
            return _is_voice(message.voice) and _is_context(message.context)
        case SynthesizeChunk():
            return _is_text(message.text)
        case _:
            return True


def _is_text(value: object) -> bool:
    """Return whether a value is text that can be encoded; JSON allows lone surrogates."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _are_names(*values: object) -> bool:
    return all(
        value is None
        or (isinstance(value, str) and len(value) <= MAX_NAME_CHARACTERS and _is_text(value))
        for value in values
    )


def _is_text_list(values: object) -> bool:
    return values is None or (isinstance(values, list) and all(_is_text(value) for value in values))


def _is_context(context: object) -> bool:
    return context is None or isinstance(context, dict)


def _is_phrase(phrase: object) -> bool:
    return phrase is None or (
        isinstance(phrase, str) and is_possible_phrase(phrase) and _is_text(phrase)
    )


def _is_voice(voice: SynthesizeVoice | None) -> bool:
    return voice is None or _are_names(voice.name, voice.language, voice.speaker)
