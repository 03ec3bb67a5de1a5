"""What a satellite sends and takes so that a household can verify its wake words."""

import base64
import math
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wyoming.event import Event

from .text import MAX_NAME, clean
from .timers import ContentError

if TYPE_CHECKING:
    from collections.abc import Mapping

VERIFIERS: Final = "verifiers"
"""The type of the event in which a satellite lists the wake words that are verified."""
FEATURES_SHAPE: Final = (12, 96)
"""Rows, one for each 80 ms, oldest first; and columns."""
_NUMBERS: Final = FEATURES_SHAPE[0] * FEATURES_SHAPE[1]
_FEATURES: Final = struct.Struct(f"<{_NUMBERS}e")
_WEIGHTS: Final = struct.Struct(f"<{_NUMBERS}f")
_MAX_WORDS: Final = 1000


@dataclass(frozen=True, slots=True)
class WakeVerifier:
    """A logistic regression on the features of a wake word, which can only make waking stricter."""

    weights: bytes = field(repr=False)
    """Of the shape of the features, as 32 bit floating point numbers, little-endian."""

    bias: float
    threshold: float
    """The least score of a wake word: the sum of weights times features, plus the bias."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for what no satellite takes."""
        if len(self.weights) != _WEIGHTS.size:
            raise ValueError("a verifier must have 12 x 96 weights")
        numbers = (*_WEIGHTS.unpack(self.weights), self.bias, self.threshold)
        if not all(map(math.isfinite, numbers)):
            raise ValueError("a verifier's numbers must be finite")


def set_verifiers(
    verifiers: Mapping[str, WakeVerifier], stricter: Mapping[str, int] | None = None
) -> Event:
    """Return the event that gives a satellite all its verifiers, by the names of wake words.

    `stricter` says by how many steps it is to be less sensitive than it was set to be.
    """
    entries = {
        word: {
            "weights": base64.b64encode(verifier.weights).decode(),
            "bias": verifier.bias,
            "threshold": verifier.threshold,
        }
        for word, verifier in verifiers.items()
    }
    return Event("set-verifiers", {"verifiers": entries, "stricter": dict(stricter or {})})


def wake_features(*, wanted: bool) -> Event:
    """Return the event that says whether turns shall come with the features of their wake word."""
    return Event("wake-features", {"wanted": wanted})


def verified_words(event: Event) -> frozenset[str]:
    """Return the wake words that a satellite verifies; raises `ContentError`."""
    words = event.data.get("words")
    if not isinstance(words, list) or len(words) > _MAX_WORDS:
        raise ContentError("words must be a list of wake words")
    if not all(isinstance(word, str) for word in words):
        raise ContentError("words must be a list of wake words")
    return frozenset(clean(word, MAX_NAME) for word in words)


def turn_features(event: Event) -> bytes | None:
    """Return the features of the wake word in a `run-pipeline`, if there are any.

    They have `FEATURES_SHAPE`, as 16 bit floating point numbers, little-endian. Raises
    `ContentError`.
    """
    shape, features = event.data.get("features"), event.payload or b""
    if shape is None:
        return None
    rows, columns = FEATURES_SHAPE
    if shape != {"rows": rows, "columns": columns} or len(features) != _FEATURES.size:
        raise ContentError(f"features must be {rows} x {columns} numbers of 16 bit")
    if not all(map(math.isfinite, _FEATURES.unpack(features))):
        raise ContentError("features must be finite")
    return features
