"""Estimates when the loudspeaker's next samples will be heard, for music that plays in sync.

PortAudio says how much of its buffer is free. Together with how much was written, that gives a
time for each sample: now, plus what is still in the buffer. It is never too early, and late by as
long as the thread was kept from running after it looked at the clock, or before it could write. So
the earliest of the latest estimates is the right one. They are compared as the time at which the
first sample of all would have been heard, which a steady device never changes.
"""

import time
from collections import deque
from typing import Final

_KEPT: Final = 25
"""Estimates that are compared: half a second. After a dropout, it takes that long to notice."""
_NEEDED: Final = 10


def steady_seconds() -> float:
    """Return the time of a clock that nobody sets or corrects, as audio devices have."""
    return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)


class Schedule:
    """When what is played next will be heard; used in the loudspeaker thread only."""

    def __init__(self) -> None:
        """Prepare for the first playback."""
        self._rate = 1
        self._buffer = 0
        self._written = 0
        self._beginnings: deque[float] = deque(maxlen=_KEPT)

    def begin(self, rate: int, buffer: int) -> None:
        """Begin a playback at `rate` samples per second, into an empty buffer of `buffer` ones."""
        self._rate = rate
        self._buffer = buffer
        self._written = 0
        self._beginnings.clear()

    def look(self, free: int, now: float | None = None) -> None:
        """Take into account that `free` samples can be written without waiting."""
        waiting = self._buffer - free
        if waiting >= self._written:
            return  # the device has not begun to play
        now = steady_seconds() if now is None else now
        self._beginnings.append(now + (waiting - self._written) / self._rate)

    def add(self, samples: int) -> None:
        """Count samples that are written next."""
        self._written += samples

    @property
    def heard_at(self) -> float | None:
        """When the next sample will be heard, as `steady_seconds`; None if that is not known yet.

        What comes after the device's own buffer, such as that of a sound server, takes time, too.
        """
        if len(self._beginnings) < _NEEDED:
            return None
        return min(self._beginnings) + self._written / self._rate
