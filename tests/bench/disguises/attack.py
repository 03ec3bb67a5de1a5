"""Tries to tell by a verifier's vectors who speaks, and counts how often that fails.

An attacker has some recordings of which the speaker is known, and one or several that are
disguised. Each pair of a known speaker and an unknown recording is scored. The equal error rate is
that of the threshold at which as many pairs of one speaker are rejected as pairs of two speakers
are accepted: 0 % for an attacker who is never wrong, 50 % for one who guesses.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from .verifier import Matrix, normalised

_SHRINKAGE: Final = 0.1
"""Part of the mean variance that is added to every direction, as examples are few."""


class Eye:
    """How the attacker looks at vectors: as they are, or trained on disguised recordings."""

    def __init__(self, examples: Sequence[Matrix] = ()) -> None:
        """Learn from examples: each holds one recording in several disguises, in rows.

        Directions in which a disguise moves a recording count for less (within-class covariance
        normalisation: Hatch, Kajarekar and Stolcke, 2006).
        """
        self._mean: Matrix | None = None
        if examples:
            every = np.concatenate(examples)
            self._mean = every.mean(axis=0)
            inner = np.concatenate([one - one.mean(axis=0) for one in examples])
            within = inner.T @ inner / len(inner)
            size = len(within)
            within += _SHRINKAGE * np.trace(within) / size * np.eye(size, dtype=within.dtype)
            values, vectors = np.linalg.eigh(within)
            self._whitening = vectors / np.sqrt(values)

    def see(self, rows: Matrix) -> Matrix:
        """Return rows, at unit length, of which the product is the likeness."""
        if self._mean is None:
            return normalised(rows)
        return normalised(np.asarray((rows - self._mean) @ self._whitening, np.float32))


def scores(known: Sequence[Matrix], unknown: Matrix, eye: Eye) -> Matrix:
    """Return how like each unknown recording (row) is each known speaker (column).

    Several vectors of a speaker are averaged.
    """
    speakers = np.array([eye.see(rows).mean(axis=0) for rows in known], np.float32)
    return eye.see(unknown) @ normalised(speakers).T


def equal_error_rate(likeness: Matrix, speakers: Sequence[int]) -> float:
    """Return it for rows whose speakers, by column, are known."""
    is_same = np.zeros(likeness.shape, bool)
    is_same[np.arange(len(speakers)), list(speakers)] = True
    same, other = np.sort(likeness[is_same]), np.sort(likeness[~is_same])
    thresholds = np.unique(likeness)
    rejected = np.searchsorted(same, thresholds, "left") / len(same)
    accepted = 1 - np.searchsorted(other, thresholds, "left") / len(other)
    # Beyond the last threshold everything is rejected.
    rejected, accepted = np.append(rejected, 1.0), np.append(accepted, 0.0)
    after = int(np.argmax(rejected >= accepted))
    if after == 0:
        return float((rejected[0] + accepted[0]) / 2)
    # Where both lines cross, which with equal scores is between thresholds.
    gap_before = accepted[after - 1] - rejected[after - 1]
    gap_after = rejected[after] - accepted[after]
    part = gap_before / (gap_before + gap_after) if gap_before + gap_after else 0.0
    return float(rejected[after - 1] + part * (rejected[after] - rejected[after - 1]))
