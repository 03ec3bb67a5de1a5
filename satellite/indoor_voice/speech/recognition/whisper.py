"""Transcribes speech with faster-whisper."""

import logging
import os
from typing import Any, Final

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.transcribe import Segment
from numpy.typing import NDArray

from indoor_voice.errors import UserError
from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.models import AUTO, ModelFiles
from indoor_voice.speech.pcm import RECOGNITION_RATE

from .end_of_speech import TOO_LONG_SECONDS

_LOGGER = logging.getLogger(__name__)

_WINDOW_FRAMES: Final = round(TOO_LONG_SECONDS * 100)
"""Whisper's spectrum has 100 frames per second."""
_MAX_TOKENS: Final = 160
"""Twice what anybody says in 15 s, so that endless repetition is cut off."""
_NO_SPEECH: Final = 0.7
"""Measured with tiny.en: at most 0.53 for speech in noise, at least 0.71 for noise and silence."""
_PERHAPS_NO_SPEECH: Final = 0.4
_REPETITIVE: Final = 2.4
"""Whisper's own threshold of the compression ratio of text that repeats itself."""
_HALLUCINATIONS: Final = frozenset({"", "bye", "hmm", "oh", "okay", "thank you", "thanks", "you"})
"""What Whisper returns for sounds that aren't speech, without punctuation."""
_MAX_HINT_CHARACTERS: Final = 400
_ALIASES: Final = {"fil": "tl", "jv": "jw", "nb": "no"}
"""Language codes of Home Assistant for which Whisper has another."""


class _ShortWindowModel(WhisperModel):  # type: ignore[misc]  # it has no types
    """Whisper with a window of 15 s instead of 30 s.

    No command is longer, and the encoder does most of the work: a command takes 0.17 s instead of
    0.47 s on two x86 cores with tiny.en, with no more mistakes. With a window of 5 s the model
    starts to repeat itself.
    """

    def encode(self, features: NDArray[np.float32]) -> Any:  # noqa: ANN401 - CTranslate2's own type
        return super().encode(features[..., :_WINDOW_FRAMES])


class Recogniser:
    """One model, loaded and warmed up. Its methods are slow; call them in one thread."""

    def __init__(
        self,
        files: ModelFiles,
        *,
        language: str = AUTO,
        beam_size: int = 5,
        compute_type: str = "int8",
        threads: int | None = None,
    ) -> None:
        """Load the model.

        Args:
            files: The model to load.
            language: Language of requests that don't specify one; `auto` detects it.
            beam_size: Number of hypotheses to compare; 1 is the fastest.
            compute_type: CTranslate2's number type.
            threads: Number of CPU threads; None uses one per core, but at most 4.

        Raises:
            UserError: The model can't be loaded, or doesn't know the language.
        """
        self.name = files.name
        self._beam_size = beam_size
        try:
            self._model = _ShortWindowModel(
                str(files.folder),
                device="cpu",
                compute_type=compute_type,
                cpu_threads=threads or min(os.cpu_count() or 1, 4),
                local_files_only=True,
            )
        except (OSError, RuntimeError, ValueError) as err:
            raise UserError(
                f"Cannot load the model {files.name} from {files.folder}: {err}"
            ) from err
        self.languages: list[str] = sorted(self._model.supported_languages)
        try:
            self._language = None if language == AUTO else self.language_code(language)
        except RequestError as err:
            raise UserError(f"{err}. Choose another with --model or --language.") from err
        self.recognise(np.zeros(RECOGNITION_RATE, np.float32))

    def language_code(self, language: str | None) -> str | None:
        """Return Whisper's code for a request's language, such as `en` for `en-GB`.

        None stands for the default language. Raises `RequestError` (`unknown-language`).
        """
        if language is None:
            return self._language
        family = language.replace("_", "-").partition("-")[0].lower()
        code = _ALIASES.get(family, family)
        if code not in self.languages:
            raise RequestError(
                "unknown-language", f"The model {self.name} does not know the language {language}"
            )
        return code

    def recognise(
        self, audio: NDArray[np.float32], language: str | None = None, hint: str | None = None
    ) -> str:
        """Transcribe 16 kHz mono `audio`; the text is empty when nobody speaks.

        Args:
            audio: Up to 15 s; the rest is cut off.
            language: One of Whisper's codes; None detects it.
            hint: Names that are likely to occur.
        """
        if not self._model.model.is_multilingual:
            language = "en"
        segments, _ = self._model.transcribe(
            audio[: round(TOO_LONG_SECONDS * RECOGNITION_RATE)],
            language=language,
            beam_size=self._beam_size,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=True,
            max_new_tokens=_MAX_TOKENS,
            hotwords=hint[:_MAX_HINT_CHARACTERS] if hint else None,
        )
        return " ".join(segment.text.strip() for segment in segments if _is_speech(segment))


def _is_speech(segment: Segment) -> bool:
    if segment.no_speech_prob > _NO_SPEECH or segment.compression_ratio > _REPETITIVE:
        _LOGGER.debug(
            "Dropped a segment: no speech %.2f, repetition %.2f",
            segment.no_speech_prob,
            segment.compression_ratio,
        )
        return False
    words = "".join(c for c in segment.text.casefold() if c.isalpha() or c == " ").strip()
    if words in _HALLUCINATIONS and segment.no_speech_prob > _PERHAPS_NO_SPEECH:
        return False
    return any(character.isalnum() for character in segment.text)
