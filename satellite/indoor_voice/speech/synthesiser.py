"""Turns text into speech with Piper."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from piper import PiperVoice, SynthesisConfig
from wyoming.tts import SynthesizeVoice

from indoor_voice.errors import UserError

from .errors import RequestError
from .models import VoiceFiles

SENTENCE_PAUSE_SECONDS: Final = 0.25
"""Between sentences; Piper's own ends are nearly without silence."""

# Piper names letters that a voice does not know, and these are somebody's words.
logging.getLogger("piper").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A loaded voice, and who speaks in it."""

    name: str
    language: str
    """Such as `en-US`."""
    rate: int
    """Samples per second."""
    speakers: tuple[str, ...]
    """Names of the people in a voice of several."""
    voice: PiperVoice = field(repr=False)
    speaker_id: int | None = None


class Synthesiser:
    """Some voices, loaded and warmed. `speak` takes its time; one thread calls it."""

    def __init__(
        self, voices: Sequence[VoiceFiles], *, speaker: str | None = None, length_scale: float = 1.0
    ) -> None:
        """Load the voices, of which the first speaks unless a request says otherwise.

        Args:
            voices: What to load, at least one.
            speaker: Who speaks in a first voice of several people.
            length_scale: How slowly; 0.5 is twice as fast.

        Raises:
            UserError: A voice cannot be loaded, or has no such speaker.
        """
        self._length_scale = length_scale
        self.voices = {files.name: _load(files) for files in voices}
        self._default = next(iter(self.voices.values()))
        if speaker is not None:
            try:
                self._default = _with_speaker(self._default, speaker)
            except RequestError as err:
                people = ", ".join(self._default.speakers) or "one, without a name"
                raise UserError(f"{err}. Its speakers: {people}.") from err
        for voice in self.voices.values():
            self.speak("Hello.", voice)

    def choose(self, wanted: SynthesizeVoice | None) -> Speaker:
        """Return the voice that a request wants; raises `RequestError` (`unknown-voice`)."""
        if wanted is None:
            return self._default
        if wanted.name is not None:
            voice = self.voices.get(wanted.name)
            if voice is None:
                raise RequestError("unknown-voice", f"There is no voice {wanted.name} here")
            if wanted.speaker is not None:
                return _with_speaker(voice, wanted.speaker)
            return self._default if voice.name == self._default.name else voice
        if wanted.language is not None:
            family = _family(wanted.language)
            for voice in (self._default, *self.voices.values()):
                if _family(voice.language) == family:
                    return voice
            raise RequestError("unknown-voice", f"No voice here speaks {wanted.language}")
        return self._default

    def speak(self, sentence: str, speaker: Speaker) -> NDArray[np.float32]:
        """Return a sentence as mono audio at the voice's rate, between -1 and 1."""
        settings = SynthesisConfig(
            speaker_id=speaker.speaker_id,
            length_scale=speaker.voice.config.length_scale * self._length_scale,
        )
        chunks = [chunk.audio_float_array for chunk in speaker.voice.synthesize(sentence, settings)]
        return np.concatenate(chunks) if chunks else np.empty(0, np.float32)


def _load(files: VoiceFiles) -> Speaker:
    try:
        voice = PiperVoice.load(files.model, files.config)
        description = json.loads(files.config.read_text(encoding="utf-8"))
    # onnxruntime's exceptions have no common class of their own.
    except Exception as err:
        raise UserError(f"Cannot load the voice {files.name} from {files.model}: {err}") from err
    language = description.get("language", {}).get("code") or voice.config.espeak_voice
    return Speaker(
        name=files.name,
        language=language.replace("_", "-"),
        rate=voice.config.sample_rate,
        speakers=tuple(voice.config.speaker_id_map),
        voice=voice,
    )


def _with_speaker(voice: Speaker, name: str) -> Speaker:
    speaker_id = voice.voice.config.speaker_id_map.get(name)
    if speaker_id is None:
        raise RequestError("unknown-voice", f"The voice {voice.name} has no speaker {name}")
    return Speaker(
        name=voice.name,
        language=voice.language,
        rate=voice.rate,
        speakers=voice.speakers,
        voice=voice.voice,
        speaker_id=speaker_id,
    )


def _family(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
