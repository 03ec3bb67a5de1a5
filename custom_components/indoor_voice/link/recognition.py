"""Speech-to-text requests to a speech server, whose answers are bounded in size and time."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from wyoming.asr import Transcribe, Transcript
from wyoming.error import Error
from wyoming.event import Event
from wyoming.vad import VoiceStarted, VoiceStopped

from .client import Bounds, connected
from .refusal import ServerRefusedError, code_of
from .text import clean_speech
from .upload import sound_events, upload
from .wire import FrameError, LinkError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterable, Callable, Sequence

    from .client import Address
    from .wire import Connection

TOTAL_SECONDS: Final = 30.0
"""From the request to the answer: no turn waits longer, whatever the server does."""
AFTER_AUDIO_SECONDS: Final = 12.0
"""From the end of the sound to the answer; our server itself gives up after 10 s."""
MAX_TRANSCRIPT: Final = 500
"""In characters: more than anyone says in the 15 s that a turn's sound may last."""
MAX_TEXTS: Final = 10
"""Texts in one question; a server of ours sends at most five."""
MAX_EVENTS: Final = 200
"""Events accepted before the transcript; a server of ours sends two, and three in each pause."""
BOUNDS: Final = Bounds(data_bytes=16 * 1024, payload_bytes=4 * 1024)


class Understanding(Protocol):
    """What the home understands."""

    async def async_first_understood(self, texts: Sequence[str]) -> int | None:
        """Return the index of the first text that is understood."""

    async def async_expected(self, texts: Sequence[str]) -> list[str]:
        """Return sentences that would be understood and come near one of the texts."""

    async def async_taught(self, texts: Sequence[str]) -> list[str]:
        """Return what to expect according to what was learned, if nothing else is understood."""

    async def async_corrected(self, texts: Sequence[str]) -> str | None:
        """Return one of the texts with approved corrections that make it understood, if any."""


class Hints(Protocol):
    """Information for the server in addition to the sound, and callbacks for its progress."""

    @property
    def wake_word_phrase(self) -> str | None:
        """The phrase that the sound may begin with and the text must not."""

    @property
    def vad_sensitivity(self) -> str:
        """`default`, `relaxed` or `aggressive`."""

    @property
    def understanding(self) -> Understanding | None:
        """Answers which reading of a command is understood; None if nobody can say."""

    @property
    def voice_started(self) -> Callable[[], None]:
        """Called when the server hears someone start to speak."""

    @property
    def voice_stopped(self) -> Callable[[], None]:
        """Called when the server hears them stop."""


async def recognise(
    address: Address,
    tls_context: ssl.SSLContext | None,
    stream: AsyncIterable[bytes],
    *,
    language: str,
    hints: Hints | None,
) -> str:
    """Send sound (16 kHz, 16 bit, mono) to the server and return its text, a line or empty.

    Raises:
        ServerRefusedError: The server answered with an error.
        LinkError: The server can't be reached, or its answer can't be a transcript.
        TimeoutError: The server did not answer in time.
    """
    async with (
        asyncio.timeout(TOTAL_SECONDS),
        connected(address, tls_context, BOUNDS) as connection,
    ):
        await connection.send(_request(language, hints))
        # Concurrently: a server that detects the end of speech answers while sound still arrives.
        sending = asyncio.create_task(upload(connection, sound_events(stream)))
        answer = asyncio.create_task(_transcript(connection, hints))
        try:
            await asyncio.wait((sending, answer), return_when=asyncio.FIRST_COMPLETED)
            async with asyncio.timeout(AFTER_AUDIO_SECONDS):
                return await answer
        finally:
            sending.cancel()
            answer.cancel()
            await asyncio.gather(sending, answer, return_exceptions=True)


def _request(language: str, hints: Hints | None) -> Transcribe:
    context: dict[str, str | bool] = {}
    if hints is not None and hints.wake_word_phrase:
        context["wake_word_phrase"] = hints.wake_word_phrase
    if hints is not None and hints.understanding is not None:
        context["understands"] = True
    return Transcribe(
        language=language,
        vad_sensitivity=hints.vad_sensitivity if hints else None,
        context=context or None,
    )


async def _transcript(connection: Connection, hints: Hints | None) -> str:
    answering = _Answering(connection)
    try:
        for _ in range(MAX_EVENTS):
            event = await connection.receive()
            if Transcript.is_type(event.type):
                return _text(event.data.get("text"))
            if Error.is_type(event.type):
                raise ServerRefusedError(code_of(event))
            if hints is None:
                continue
            if event.type == "readings" and hints.understanding is not None:
                answering.begin(event, hints.understanding)
            elif VoiceStarted.is_type(event.type):
                hints.voice_started()
            elif VoiceStopped.is_type(event.type):
                hints.voice_stopped()
        raise FrameError("the server sent a flood of events")
    finally:
        answering.stop()


class _Answering:
    """Answers a server's latest question, while its other events are received."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._task: asyncio.Task[None] | None = None

    def begin(self, event: Event, understanding: Understanding) -> None:
        """Answer a question; raises `FrameError` if it can't be one."""
        question, texts = event.data.get("question"), event.data.get("texts")
        if not (isinstance(question, int) and isinstance(texts, list) and len(texts) <= MAX_TEXTS):
            raise FrameError("a question about readings has no texts")
        self.stop()
        readings = [_text(text) for text in texts]
        self._task = asyncio.create_task(self._answer(question, readings, understanding))

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _answer(
        self, question: int, readings: list[str], understanding: Understanding
    ) -> None:
        index = await understanding.async_first_understood(readings)
        answer: dict[str, object] = {"question": question, "index": index}
        if index is None:
            answer["expected"] = await understanding.async_expected(readings)
            answer["corrected"] = await understanding.async_corrected(readings)
            answer["taught"] = await understanding.async_taught(readings)
        with suppress(LinkError):  # whoever receives from the connection notices
            await self._connection.send(Event("understood", answer))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise FrameError("a transcript has no text")
    # One character more than allowed, to detect a longer text.
    text = clean_speech(value, MAX_TRANSCRIPT + 1)
    if len(text) > MAX_TRANSCRIPT or len(value) > 4 * MAX_TRANSCRIPT:
        raise FrameError("a transcript is longer than anyone can have spoken")
    return text
