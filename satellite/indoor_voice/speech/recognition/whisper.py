"""Turns speech into text with faster-whisper."""

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
"""Twice what anybody says in 15 s; a repetition that does not end is cut here."""
_NO_SPEECH: Final = 0.7
"""Seen with tiny.en: speech in noise at most 0.53, noise and silence at least 0.71."""
_PERHAPS_NO_SPEECH: Final = 0.4
_REPETITIVE: Final = 2.4
"""Compression ratio of text that repeats itself; Whisper's own."""
_INVENTIONS: Final = frozenset({"", "bye", "hmm", "oh", "okay", "thank you", "thanks", "you"})
"""What Whisper makes of sounds that are not speech, without punctuation."""
_MAX_HINT_CHARACTERS: Final = 400
_ALIASES: Final = {"fil": "tl", "jv": "jw", "nb": "no"}
"""Home Assistant's code of a language, where Whisper has another."""


class _ShortWindowModel(WhisperModel):  # type: ignore[misc]  # it has no types
    """Whisper over 15 s instead of the 30 s that it was made for.

    Nothing we recognise is longer, and most of the work is in the encoder: 0.17 s instead of
    0.47 s for a command on two x86 cores with tiny.en, with as few mistakes. A window of 5 s
    begins to repeat itself.
    """

    def encode(self, features: NDArray[np.float32]) -> Any:  # noqa: ANN401 - CTranslate2's own type
        return super().encode(features[..., :_WINDOW_FRAMES])


class Recogniser:
    """One model, loaded and warmed. Its methods take their time; one thread calls them."""

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
            files: What to load.
            language: What is spoken where a request does not say; `auto` detects it.
            beam_size: How many readings are weighed up; 1 is the fastest.
            compute_type: CTranslate2's type of number.
            threads: Of the processor; as many as it has cores, but at most 4, when None.

        Raises:
            UserError: The model cannot be loaded, or does not know the language.
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

        None stands for the language of the house. Raises `RequestError` (`unknown-language`).
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
        """Return what is said in 16 kHz mono `audio`, or nothing when nobody speaks.

        Args:
            audio: At most 15 s; the rest is cut off.
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
        return " ".join(segment.text.strip() for segment in segments if _is_said(segment))


def _is_said(segment: Segment) -> bool:
    if segment.no_speech_prob > _NO_SPEECH or segment.compression_ratio > _REPETITIVE:
        _LOGGER.debug(
            "Withheld: no speech %.2f, repetition %.2f",
            segment.no_speech_prob,
            segment.compression_ratio,
        )
        return False
    words = "".join(c for c in segment.text.casefold() if c.isalpha() or c == " ").strip()
    return not (words in _INVENTIONS and segment.no_speech_prob > _PERHAPS_NO_SPEECH) and any(
        character.isalnum() for character in segment.text
    )
