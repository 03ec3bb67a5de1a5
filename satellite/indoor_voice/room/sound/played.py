"""Passes what is played from the loudspeaker's thread to the listener's, at 16 kHz."""

import threading
from collections import deque
from typing import Final

import soxr

from .pcm import RATE, Samples

_MAX_PIECES: Final = 500
"""Pieces of 20 ms that wait while the microphone delivers nothing."""


class Played:
    """A queue of played sound: filled in the loudspeaker's thread, emptied in the listener's."""

    def __init__(self) -> None:
        """Prepare an empty queue."""
        self._lock = threading.Lock()
        self._pieces: deque[Samples | None] = deque(maxlen=_MAX_PIECES)
        self._resampler: soxr.ResampleStream | None = None

    # In the loudspeaker thread

    def begin(self, rate: int) -> None:
        """Begin a playback at `rate` samples per second."""
        self._resampler = None
        if rate != RATE:
            self._resampler = soxr.ResampleStream(rate, RATE, 1, dtype="int16", quality="LQ")
        with self._lock:
            self._pieces.append(None)

    def add(self, piece: Samples) -> None:
        """Add what is played next."""
        if self._resampler is not None:
            piece = self._resampler.resample_chunk(piece)
        with self._lock:
            self._pieces.append(piece)

    # In the listener thread

    def take(self) -> list[Samples | None]:
        """Return what was played since the last call; None marks the beginning of a playback."""
        if not self._pieces:
            return []
        with self._lock:
            pieces = list(self._pieces)
            self._pieces.clear()
        return pieces

    def discard(self) -> None:
        """Discard what has not been taken."""
        with self._lock:
            self._pieces.clear()
