"""Looks a second time, when a rule accepts a wake word, to tell it from words near it.

The models give "Lexus" the scores of "alexa", so no threshold on them can part the two. The
embeddings that openWakeWord computes its score from still can: a verifier is a logistic regression
on the latest of them, small enough to be data. It only makes waking stricter, and costs next to
nothing, because openWakeWord has heard the sound by then.

`wake_verifiers.json` has the weights, and says what they were fitted on.
`python -m tests.bench.wake_words.verifiers` in the repository fits them.
"""

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from .speech_embedding import EMBEDDING, Floats
from .wake_models import WakeModel

VERIFIED_BLOCKS: Final = 12
"""Embeddings that a verifier looks at: the latest 1.7 s, because each is made of 0.76 s."""

_FILE: Final = Path(__file__).with_name("wake_verifiers.json")


@dataclass(frozen=True, slots=True)
class Verifier:
    """Tells a wake word from words near it."""

    weights: Floats
    """Shape (12, 96)."""
    bias: float

    def score(self, embeddings: Floats) -> float:
        """Return the log odds that embeddings of shape (12, 96) are of the wake word."""
        return float(np.vdot(self.weights, embeddings)) + self.bias


def verifier_of(model: WakeModel) -> Verifier | None:
    """Return the verifier of a wake word; models of the user have none."""
    return _verifiers().get(model.name) if model.built_in else None


@cache
def _verifiers() -> dict[str, Verifier]:
    content: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {word: parse_verifier(entry) for word, entry in content["words"].items()}


def parse_verifier(entry: dict[str, Any]) -> Verifier:
    """Return a verifier from its JSON."""
    weights = np.frombuffer(base64.b64decode(entry["weights"]), "<f2").astype(np.float32)
    return Verifier(weights.reshape(VERIFIED_BLOCKS, EMBEDDING), float(entry["bias"]))


def verifier_json(verifier: Verifier) -> dict[str, Any]:
    """Return a verifier as JSON."""
    weights = base64.b64encode(verifier.weights.astype("<f2").tobytes()).decode()
    return {"bias": round(verifier.bias, 3), "weights": weights}
