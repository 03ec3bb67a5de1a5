"""Keeps the latest sound, only in RAM."""

import math
from collections import deque

from .pcm import BLOCK_SECONDS, Samples


class PreRoll:
    """A ring buffer of the latest blocks."""

    def __init__(self, seconds: float, waiting_seconds: float = 0.0) -> None:
        """Create a buffer for `seconds`, rounded up to whole blocks.

        What is heard after `mark` is kept in addition, for `waiting_seconds`.
        """
        self._usual = max(1, math.ceil(seconds / BLOCK_SECONDS))
        self._waiting = math.ceil(waiting_seconds / BLOCK_SECONDS)
        self._blocks: deque[Samples] = deque()
        self._since_mark = self._waiting

    def add(self, block: Samples) -> None:
        """Add a block, and drop the oldest ones if the buffer is full."""
        self._blocks.append(block)
        self._since_mark += 1
        extra = self._since_mark if self._since_mark <= self._waiting else 0
        while len(self._blocks) > self._usual + extra:
            self._blocks.popleft()

    def mark(self) -> None:
        """Keep what is in the buffer for a while, because it may soon be needed."""
        self._since_mark = 0

    def drain(self) -> list[Samples]:
        """Remove and return all blocks, oldest first."""
        blocks = list(self._blocks)
        self._blocks.clear()
        return blocks

    def __len__(self) -> int:
        """Return the number of blocks in the buffer."""
        return len(self._blocks)
