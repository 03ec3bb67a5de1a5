"""Reads speech with faster-whisper's models: the five likeliest texts of a command."""

import logging
import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens
from numpy.typing import NDArray

from indoor_voice.errors import UserError
from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.models import AUTO, ModelFiles
from indoor_voice.speech.pcm import RECOGNITION_RATE

from .end_of_speech import TOO_LONG_SECONDS
from .engine import Heard, Origin
from .inventions import has_words, is_invented_for_noise, is_repetitive

_LOGGER = logging.getLogger(__name__)

_WINDOW_FRAMES: Final = round(TOO_LONG_SECONDS * 100)
"""Whisper's spectrum has 100 frames per second."""
_MAX_TOKENS: Final = 160
"""Twice what anybody says in 15 s, so that endless repetition is cut off."""
_NO_SPEECH: Final = 0.7
"""Measured with tiny.en: at most 0.53 for speech in noise, at least 0.71 for noise and silence."""
_PERHAPS_NO_SPEECH: Final = 0.4
READINGS: Final = 5
"""As many as Whisper's usual search compares anyway, so they cost nothing."""
_UNLIKELY: Final = -1.0
"""Whisper's own threshold of the average log probability of a text's tokens."""
_UNLIKELY_AND_NO_SPEECH: Final = 0.6
"""Whisper's own threshold of the probability of no speech for an unlikely text."""
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


class Whisper:
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
        self.origin = Origin(
            software="faster-whisper",
            version=version("faster-whisper"),
            url="https://github.com/SYSTRAN/faster-whisper",
            description=f"Whisper {files.name}",
        )
        self._beam_size = beam_size
        self._tokenizers: dict[str, Tokenizer] = {}
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

    def recognise(self, audio: NDArray[np.float32], language: str | None = None) -> Heard:
        """Read 16 kHz mono `audio`.

        Args:
            audio: Up to 15 s; the rest is cut off.
            language: One of Whisper's codes; None detects it.
        """
        features = self._model.feature_extractor(
            audio[: round(TOO_LONG_SECONDS * RECOGNITION_RATE)]
        )
        sound = self._model.encode(pad_or_trim(features[:, :-1]))
        tokenizer = self._tokenizer(language or self._detect_language(sound))
        result = self._search(sound, tokenizer)
        texts = self._texts(result, tokenizer)
        tokens = len(result.sequences_ids[0])
        # Whisper counts the token that ends the text.
        likelihood = result.scores[0] * tokens / (tokens + 1)
        if not _is_speech(texts[0], result.no_speech_prob, likelihood):
            return Heard(())
        return Heard(_worth_reading(texts), (sound, tokenizer))

    def read_again(self, heard: Heard, expected: Sequence[str]) -> tuple[str, ...]:
        """Read the same sound again, in the expectation of sentences like `expected`.

        The sound must be known to be speech: an expectation makes Whisper find words in noise.
        """
        sound, tokenizer = heard.encoded
        result = self._search(sound, tokenizer, bias=self._remembered(expected, tokenizer))
        return _worth_reading(self._texts(result, tokenizer))

    def _remembered(self, expected: Sequence[str], tokenizer: Tokenizer) -> str:
        """Join as many of the last sentences as the model can remember.

        Given more, the library would cut off the end, where the nearest are.
        """
        most = self._model.max_length // 2 - 1
        texts = [f" {text.strip()}" for text in expected]
        while len(tokenizer.encode("".join(texts))) > most:
            del texts[0]
        return "".join(texts).strip()

    def _search(self, sound: Any, tokenizer: Tokenizer, bias: str | None = None) -> Any:  # noqa: ANN401 - CTranslate2's own types
        prompt = self._model.get_prompt(tokenizer, [], without_timestamps=True, hotwords=bias)
        return self._model.model.generate(
            sound,
            [prompt],
            beam_size=max(self._beam_size, 1),
            num_hypotheses=min(READINGS, self._beam_size),
            max_length=len(prompt) + _MAX_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
        )[0]

    def _texts(self, result: Any, tokenizer: Tokenizer) -> list[str]:  # noqa: ANN401 - CTranslate2's own type
        return [tokenizer.decode(tokens).strip() for tokens in result.sequences_ids]

    def _detect_language(self, sound: Any) -> str:  # noqa: ANN401 - CTranslate2's own type
        if not self._model.model.is_multilingual:
            return "en"
        token: str = self._model.model.detect_language(sound)[0][0][0]
        return token.strip("<|>")

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            is_multilingual = self._model.model.is_multilingual
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer,
                is_multilingual,
                task="transcribe",
                language=language if is_multilingual else "en",
            )
        return self._tokenizers[language]


def _is_speech(text: str, no_speech: float, likelihood: float) -> bool:
    if (
        no_speech > _NO_SPEECH
        or (no_speech > _UNLIKELY_AND_NO_SPEECH and likelihood <= _UNLIKELY)
        or is_repetitive(text)
    ):
        _LOGGER.debug("Dropped a text: no speech %.2f, likelihood %.2f", no_speech, likelihood)
        return False
    return not (is_invented_for_noise(text) and no_speech > _PERHAPS_NO_SPEECH)


def _worth_reading(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the texts with words that aren't repeated endlessly."""
    return tuple(text for text in texts if has_words(text) and not is_repetitive(text))
