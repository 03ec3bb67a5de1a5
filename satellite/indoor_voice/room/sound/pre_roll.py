"""Keeps the latest sound, only in RAM."""

import math
from collections import deque
from typing import Final

from .pcm import BLOCK_SECONDS, Samples

PRE_ROLL_SECONDS: Final = 1.4
"""Sound from before the detection that is sent with a turn: long enough for the whole wake word.

Measured with Piper's "hey jarvis" at three speeds, 72 utterances with gaps of 0 to 500 ms before
the command: detected -0.06 to 0.10 s after the phrase ended, 0.66 to 0.84 s after it began.
Of 36 commands, Whisper tiny.en transcribed correctly, with the wake phrase removed: 31 without
pre-roll or with 0.16 s, 27 with 0.32 s, 16 with 0.48 s (half a wake word is transcribed as some
other word), and 31 with 0.8 to 2 s. So send all of the wake word or nothing. Sending all of it also
preserves the first sound of the command after a late detection. The cue, which plays at the same
time, does not affect these numbers.
"""


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
