"""What every engine for speech recognition offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Heard:
    """What may have been said in a stretch of sound."""

    readings: tuple[str, ...]
    """Texts, the likeliest first; none if nobody speaks."""
    encoded: Any = None
    """The engine's own form of the sound, with which it can read it again."""

    @property
    def best(self) -> str:
        """The likeliest text, empty if nobody speaks."""
        return self.readings[0] if self.readings else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The software and model behind a recogniser, as clients are told."""

    software: str
    version: str
    """Of the software."""
    url: str
    description: str
    """Of the model, in a few words."""


class Recogniser(Protocol):
    """A model, loaded and warmed up. Its methods are slow; call them in one thread."""

    name: str
    languages: list[str]
    origin: Origin

    def language_code(self, language: str | None) -> str | None:
        """Return the engine's code for a request's language, such as `en` for `en-GB`.

        None stands for the default language. Raises `RequestError` (`unknown-language`).
        """

    def recognise(self, audio: NDArray[np.float32], language: str | None = None) -> Heard:
        """Read 16 kHz mono `audio` in a language, or in one that is detected.

        Only the first 15 s are read.
        """

    def read_again(self, heard: Heard, expected: Sequence[str]) -> tuple[str, ...]:
        """Read the same sound again, in the expectation of sentences like `expected`.

        The sound must be known to be speech: an expectation makes an engine find words in noise.
        Returns texts, the likeliest first; none if the engine can't be told what to expect.
        """
