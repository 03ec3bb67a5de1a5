"""Turns text into speech with Piper."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnxruntime import (  # type: ignore[import-untyped]
    InferenceSession,
    RunOptions,
    SessionOptions,
)
from piper import PiperConfig, PiperVoice, SynthesisConfig
from wyoming.tts import SynthesizeVoice

from indoor_voice.errors import UserError
from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.models import VoiceFiles

from .pieces import MAX_PIECE_SECONDS, PHONEME_SECONDS, pieces
from .spoken_text import SpokenText

SENTENCE_PAUSE_SECONDS: Final = 0.25
"""Pause between sentences, as Piper ends them with hardly any silence."""

# Piper logs letters that a voice doesn't know, which are part of somebody's words.
logging.getLogger("piper").setLevel(logging.ERROR)

_SILENT_AMPLITUDE: Final = 1e-8


class _FrugalSession(InferenceSession):  # type: ignore[misc]  # it has no types
    """Frees memory after each piece; by default, a session keeps the most it ever needed."""

    def __init__(self, model: str) -> None:
        options = SessionOptions()
        # This would store a memory plan for each length that was ever spoken.
        options.enable_mem_pattern = False
        super().__init__(model, options, providers=["CPUExecutionProvider"])
        self._options = RunOptions()
        self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def run(self, output_names: Any, input_feed: Any) -> Any:  # noqa: ANN401 - onnxruntime's own types
        return super().run(output_names, input_feed, self._options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A loaded voice, and the speaker to use in it."""

    name: str
    language: str
    """Such as `en-US`."""
    rate: int
    """Samples per second."""
    speakers: tuple[str, ...]
    """Names of the speakers, in a voice with several."""
    voice: PiperVoice = field(repr=False)
    spoken_text: SpokenText = field(repr=False)
    speaker_id: int | None = None


class Synthesiser:
    """One or more voices, loaded and warmed up. Its methods are slow; call them in one thread."""

    def __init__(
        self, voices: Sequence[VoiceFiles], *, speaker: str | None = None, length_scale: float = 1.0
    ) -> None:
        """Load the voices; the first is the default.

        Args:
            voices: The voices to load, at least one.
            speaker: Speaker of the default voice, if it has several.
            length_scale: Relative duration of speech; 0.5 is twice as fast.

        Raises:
            UserError: A voice can't be loaded, or has no such speaker.
        """
        self._length_scale = length_scale
        self.voices = {files.name: _load(files) for files in voices}
        self._default = next(iter(self.voices.values()))
        if speaker is not None:
            try:
                self._default = _with_speaker(self._default, speaker)
            except RequestError as err:
                names = ", ".join(self._default.speakers) or "one without a name"
                raise UserError(f"{err}. Its speakers: {names}.") from err
        for voice in self.voices.values():
            for piece in self.prepare("Hello.", voice):
                self.speak(piece, voice)

    def choose(self, wanted: SynthesizeVoice | None) -> Speaker:
        """Return the voice that a request asks for; raises `RequestError` (`unknown-voice`)."""
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

    def prepare(self, sentence: str, speaker: Speaker) -> list[Sequence[str]]:
        """Return the phonemes of a sentence, cut into pieces for `speak`."""
        text = speaker.spoken_text.say(sentence)
        slowness = max(1.0, self._length_scale * speaker.voice.config.length_scale)
        most = max(1, round(MAX_PIECE_SECONDS / PHONEME_SECONDS / slowness))
        return [
            piece for phonemes in speaker.voice.phonemize(text) for piece in pieces(phonemes, most)
        ]

    def speak(self, piece: Sequence[str], speaker: Speaker) -> NDArray[np.float32]:
        """Return a piece as mono audio at the voice's rate, between -1 and 1."""
        voice = speaker.voice
        settings = SynthesisConfig(
            speaker_id=speaker.speaker_id,
            length_scale=voice.config.length_scale * self._length_scale,
        )
        audio = voice.phoneme_ids_to_audio(voice.phonemes_to_ids(list(piece)), settings)
        assert isinstance(audio, np.ndarray)  # a tuple only when alignments are requested
        return _normalise(np.atleast_1d(audio))


def _normalise(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    peak = np.abs(audio).max(initial=0.0)
    return np.zeros_like(audio) if peak < _SILENT_AMPLITUDE else audio / peak


def _load(files: VoiceFiles) -> Speaker:
    try:
        description = json.loads(files.config.read_text(encoding="utf-8"))
        config = PiperConfig.from_dict(description)
        voice = PiperVoice(session=_FrugalSession(str(files.model)), config=config)
    # onnxruntime's exceptions have no common base class of their own.
    except Exception as err:
        raise UserError(f"Cannot load the voice {files.name} from {files.model}: {err}") from err
    language = description.get("language", {}).get("code") or config.espeak_voice
    language = language.replace("_", "-")
    return Speaker(
        name=files.name,
        language=language,
        rate=config.sample_rate,
        speakers=tuple(config.speaker_id_map),
        voice=voice,
        spoken_text=SpokenText(language),
    )


def _with_speaker(voice: Speaker, name: str) -> Speaker:
    speaker_id = voice.voice.config.speaker_id_map.get(name)
    if speaker_id is None:
        raise RequestError("unknown-voice", f"The voice {voice.name} has no speaker {name}")
    return replace(voice, speaker_id=speaker_id)


def _family(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
