"""One timer, and all timers of a satellite, without a clock and without I/O.

Times are seconds of one clock that never jumps, and that all calls share.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

MAX_TIMERS: Final = 200
MAX_SECONDS: Final = 366 * 24 * 3600


class UnknownTimerError(Exception):
    """There is no such timer."""


class TooManyTimersError(Exception):
    """There are `MAX_TIMERS` already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A countdown that runs or is paused."""

    id: str
    total_seconds: float
    """The longest that it has been set to."""
    left_seconds: float
    """What was left at `since_seconds`."""
    since_seconds: float | None
    """Since when it has been running; None while it is paused."""
    start: Mapping[str, int] = field(default_factory=dict)
    """What Home Assistant wants to know again after its restart: the time as the user said it."""

    def left(self, now_seconds: float) -> float:
        """Return what is left, in seconds; negative if it should have ended earlier."""
        if self.since_seconds is None:
            return self.left_seconds
        return self.left_seconds - (now_seconds - self.since_seconds)

    def changed(self, left_seconds: float, *, running: bool, now_seconds: float) -> Self:
        """Return the timer with another time left, running or paused."""
        return replace(
            self,
            total_seconds=max(self.total_seconds, left_seconds),
            left_seconds=left_seconds,
            since_seconds=now_seconds if running else None,
        )


class Timers:
    """The timers of a satellite that have not ended."""

    def __init__(self, timers: Iterable[Timer] = ()) -> None:
        """Begin with these."""
        self._timers = {timer.id: timer for timer in timers}

    def __iter__(self) -> Iterator[Timer]:
        """Yield the timers, oldest first."""
        return iter(self._timers.values())

    def add(self, timer: Timer) -> None:
        """Add a timer, or replace the one with the same id; raises `TooManyTimersError`."""
        if timer.id not in self._timers and len(self._timers) >= MAX_TIMERS:
            raise TooManyTimersError
        self._timers[timer.id] = timer

    def change(
        self, timer_id: str, left_seconds: float, *, running: bool, now_seconds: float
    ) -> None:
        """Set what is left of a timer, and whether it runs; raises `UnknownTimerError`."""
        timer = self._timers.get(timer_id)
        if timer is None:
            raise UnknownTimerError
        self._timers[timer_id] = timer.changed(
            left_seconds, running=running, now_seconds=now_seconds
        )

    def remove(self, timer_id: str) -> Timer | None:
        """Remove a timer, and return it; None if there is none."""
        return self._timers.pop(timer_id, None)

    def take_ended(self, now_seconds: float) -> list[Timer]:
        """Remove and return the timers that have ended, earliest first."""
        running = (timer for timer in self if timer.since_seconds is not None)
        ended = [timer for timer in running if timer.left(now_seconds) <= 0]
        for timer in ended:
            del self._timers[timer.id]
        return sorted(ended, key=lambda timer: timer.left(now_seconds))

    def next_end_seconds(self, now_seconds: float) -> float | None:
        """Return in how many seconds the next timer ends; None if none runs."""
        running = (timer for timer in self if timer.since_seconds is not None)
        return min((timer.left(now_seconds) for timer in running), default=None)
