"""Keeps the latest sound, only in RAM."""

from collections import deque

import numpy as np

from .pcm import BLOCK_SECONDS, Samples


class PreRoll:
    """A ring buffer of the latest blocks."""

    def __init__(self, seconds: float) -> None:
        """Create a buffer for `seconds`, rounded up to whole blocks."""
        self._blocks: deque[Samples] = deque(maxlen=max(1, int(np.ceil(seconds / BLOCK_SECONDS))))

    def add(self, block: Samples) -> None:
        """Add a block, and drop the oldest one if the buffer is full."""
        self._blocks.append(block)

    def drain(self) -> list[Samples]:
        """Remove and return all blocks, oldest first."""
        blocks = list(self._blocks)
        self._blocks.clear()
        return blocks

    def __len__(self) -> int:
        """Return the number of blocks in the buffer."""
        return len(self._blocks)
