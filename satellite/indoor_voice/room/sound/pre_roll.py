"""The last moments of what was heard, in RAM and nowhere else."""

from collections import deque

import numpy as np

from .pcm import BLOCK_SECONDS, Samples


class PreRoll:
    """Remembers the latest blocks, and forgets what is older."""

    def __init__(self, seconds: float) -> None:
        """Remember `seconds`, rounded up to whole blocks."""
        self._blocks: deque[Samples] = deque(maxlen=max(1, int(np.ceil(seconds / BLOCK_SECONDS))))

    def add(self, block: Samples) -> None:
        """Remember a block."""
        self._blocks.append(block)

    def drain(self) -> list[Samples]:
        """Return what is remembered, oldest first, and forget it."""
        blocks = list(self._blocks)
        self._blocks.clear()
        return blocks

    def __len__(self) -> int:
        """Return how many blocks are remembered."""
        return len(self._blocks)
