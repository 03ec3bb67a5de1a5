"""Reads speech with sherpa-onnx's models: one text of a command, but quickly."""

import os
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sherpa_onnx import OfflineRecognizer

from indoor_voice.errors import UserError
from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.models import AUTO
from indoor_voice.speech.pcm import RECOGNITION_RATE

from .end_of_speech import TOO_LONG_SECONDS
from .engine import Heard, Origin
from .inventions import has_words, is_repetitive
from .sherpa_models import Layout, SherpaFiles

_AT_ONCE_SECONDS: Final = {Layout.MOONSHINE: 9.0, Layout.TRANSDUCER: TOO_LONG_SECONDS}
"""Several of Moonshine's models fail after 9.2 s, for which sherpa-onnx returns an empty text."""
_THREADS: Final = {Layout.MOONSHINE: 1, Layout.TRANSDUCER: min(os.cpu_count() or 1, 4)}
"""A command took moonshine-tiny 0.06 CPU-seconds with one thread, and 0.18 with two."""
_SEARCH_SECONDS: Final = 3.0
"""In which sound is cut at its softest place, so that no word is cut."""
_SOFT_SECONDS: Final = 0.1


class Sherpa:
    """One model, loaded and warmed up. Its methods are slow; call them in one thread.

    It gives one reading only, and can't be told what to expect.
    """

    def __init__(
        self, files: SherpaFiles, *, language: str = AUTO, threads: int | None = None
    ) -> None:
        """Load the model.

        Args:
            files: The model to load.
            language: Language of requests that don't specify one; `auto` leaves it to the model.
            threads: Number of CPU threads; None uses one for Moonshine, which two slow down, and
                otherwise one per core, but at most 4.

        Raises:
            UserError: The model can't be loaded, or doesn't know the language.
        """
        self.name = files.name
        self.languages: list[str] = sorted(files.languages)
        self.origin = Origin(
            software="sherpa-onnx",
            version=version("sherpa-onnx"),
            url="https://github.com/k2-fsa/sherpa-onnx",
            description=files.description,
        )
        self._at_once = round(_AT_ONCE_SECONDS[files.layout] * RECOGNITION_RATE)
        try:
            self._language = None if language == AUTO else self.language_code(language)
        except RequestError as err:
            raise UserError(f"{err}. Choose another with --model or --language.") from err
        try:
            self._model = _load(files, threads or _THREADS[files.layout])
        except (OSError, RuntimeError, ValueError) as err:
            raise UserError(
                f"Cannot load the model {files.name} from {files.folder}: {err}"
            ) from err
        self.recognise(np.zeros(RECOGNITION_RATE, np.float32))

    def language_code(self, language: str | None) -> str | None:
        """Return the model's code for a request's language, such as `en` for `en-GB`.

        None stands for the default language. Raises `RequestError` (`unknown-language`).
        """
        if language is None:
            return self._language
        code = language.replace("_", "-").partition("-")[0].lower()
        if code not in self.languages:
            raise RequestError(
                "unknown-language", f"The model {self.name} does not know the language {language}"
            )
        return code

    def recognise(self, audio: NDArray[np.float32], language: str | None = None) -> Heard:  # noqa: ARG002 - these models know one language, or detect it
        """Read 16 kHz mono `audio`, up to 15 s; the rest is cut off."""
        audio = audio[: round(TOO_LONG_SECONDS * RECOGNITION_RATE)]
        texts = (self._read(piece) for piece in _pieces(audio, self._at_once))
        text = " ".join(text for text in texts if has_words(text) and not is_repetitive(text))
        return Heard((text,) if text else ())

    def read_again(self, heard: Heard, expected: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002 - can't be used
        """Return nothing, because these models can't be told what to expect."""
        return ()

    def _read(self, audio: NDArray[np.float32]) -> str:
        stream = self._model.create_stream()
        stream.accept_waveform(RECOGNITION_RATE, audio)
        self._model.decode_stream(stream)
        text: str = stream.result.text
        return text.strip()


def _load(files: SherpaFiles, threads: int) -> OfflineRecognizer:
    paths = [str(files.folder / file) for file in files.layout.value]
    match files.layout:
        case Layout.MOONSHINE:
            encoder, decoder, tokens = paths
            return OfflineRecognizer.from_moonshine_v2(
                encoder=encoder, decoder=decoder, tokens=tokens, num_threads=threads
            )
        case Layout.TRANSDUCER:
            encoder, decoder, joiner, tokens = paths
            return OfflineRecognizer.from_transducer(
                encoder=encoder,
                decoder=decoder,
                joiner=joiner,
                tokens=tokens,
                num_threads=threads,
                model_type="nemo_transducer",
            )


def _pieces(audio: NDArray[np.float32], at_once: int) -> Iterator[NDArray[np.float32]]:
    """Cut sound that is longer than a model reads at once, at its softest places."""
    soft = round(_SOFT_SECONDS * RECOGNITION_RATE)
    while len(audio) > at_once:
        start = at_once - round(_SEARCH_SECONDS * RECOGNITION_RATE)
        searched = audio[start:at_once]
        searched = searched[: len(searched) - len(searched) % soft]
        loudness = np.square(searched.reshape(-1, soft)).sum(axis=1)
        cut = start + int(loudness.argmin()) * soft + soft // 2
        yield audio[:cut]
        audio = audio[cut:]
    yield audio
