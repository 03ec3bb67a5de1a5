"""A household's own verifiers of wake words, beside those that come with the satellite.

A household makes one from features of wake words that its people have reviewed: a logistic
regression on the same embeddings as `wake_verifier.py` looks at. It judges once, at the moment at
which the satellite would wake without it, and can only keep it asleep. So those who made it know
what it would have done to each wake word that they have reviewed.
"""

import base64
import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .speech_embedding import EMBEDDING, Floats
from .wake_verifier import VERIFIED_BLOCKS

MAX_VERIFIERS: Final = 20
FEATURES_SHAPE: Final = (VERIFIED_BLOCKS, EMBEDDING)
_MAX_HALF: Final = float(np.finfo(np.float16).max)
_MAX_SHOWN: Final = 100
"""Characters of a name in a message."""

Features = npt.NDArray[np.float16]


def features_of(embeddings: Floats) -> Features:
    """Return embeddings, shape (12, 96), as they are sent, learned from and judged."""
    return np.clip(embeddings, -_MAX_HALF, _MAX_HALF).astype("<f2")


@dataclass(frozen=True, slots=True, eq=False)
class HouseholdVerifier:
    """Keeps the satellite from waking for what its household says is not the wake word."""

    weights: Floats
    """Shape (12, 96), finite."""
    bias: float
    threshold: float
    """The least score of a wake word."""

    def accepts(self, features: Features) -> bool:
        """Return whether features of shape (12, 96) are of the wake word."""
        # In double precision, which finite weights and features can't exceed.
        weights, seen = self.weights.astype(np.float64), features.astype(np.float64)
        return float(np.vdot(weights, seen)) + self.bias >= self.threshold


def parse_household_verifiers(content: object) -> dict[str, HouseholdVerifier]:
    """Return verifiers by wake word from their JSON; raises `ValueError` if any is impossible."""
    if not isinstance(content, dict) or len(content) > MAX_VERIFIERS:
        raise ValueError(f"verifiers must be an object of at most {MAX_VERIFIERS}")
    return {str(word): _parse(str(word), entry) for word, entry in content.items()}


def household_verifier_json(verifier: HouseholdVerifier) -> dict[str, Any]:
    """Return a verifier as JSON."""
    weights = base64.b64encode(verifier.weights.astype("<f4").tobytes()).decode()
    return {"weights": weights, "bias": verifier.bias, "threshold": verifier.threshold}


def shown(word: str) -> str:
    """Return a wake word's name, which may be anything, for a message."""
    return repr(word[:_MAX_SHOWN])


def _parse(word: str, entry: object) -> HouseholdVerifier:
    if not isinstance(entry, dict):
        raise ValueError(f"the verifier of {shown(word)} must be an object")  # noqa: TRY004 - as below
    try:
        weights = np.frombuffer(base64.b64decode(entry["weights"], validate=True), "<f4")
        weights = weights.reshape(FEATURES_SHAPE).astype(np.float32)
    except (LookupError, TypeError, ValueError) as err:
        raise ValueError(f"weights of {shown(word)} must be 12 x 96 numbers in base64") from err
    if not np.isfinite(weights).all():
        raise ValueError(f"weights of {shown(word)} must be finite")
    return HouseholdVerifier(
        weights, _number(word, entry, "bias"), _number(word, entry, "threshold")
    )


def _number(word: str, entry: dict[str, Any], key: str) -> float:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key} of {shown(word)} must be a number")  # noqa: TRY004 - as above
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{key} of {shown(word)} must be finite")
    return number
