"""Sound in which each frame tells its number, to see when it is played."""

from typing import Final

import numpy as np
import numpy.typing as npt

RATE: Final = 48_000
PIECE: Final = RATE // 50
RAMP: Final = 20_000
"""How loud it is."""


def numbered(first: int, count: int) -> bytes:
    """Return sound in which each frame tells its number, and none is silent."""
    number = np.arange(first, first + count)
    frames = np.stack((number % RAMP + 1, number // RAMP + 1), axis=1)
    return frames.astype("<i2").tobytes()


def numbers(frames: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Return the numbers of frames; -1 for what is silent."""
    told = (frames[:, 1].astype(np.int64) - 1) * RAMP + frames[:, 0] - 1
    return np.where(frames[:, 0] == 0, -1, told)
