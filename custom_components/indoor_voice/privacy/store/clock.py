"""A clock that never goes back, so that turning it back prolongs no recording and no consent."""

import math
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..people import MAX_RETENTION_SECONDS
from ..strict_json import members_of, number_of

if TYPE_CHECKING:
    from collections.abc import Callable

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_LEAP_SECONDS: Final = 60.0
"""A clock that goes ahead by at least this much at once leaps; less is an ordinary correction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The state of a clock, from which the next process continues."""

    time: float
    wall: float = math.inf
    """The wall clock's time, in seconds since 1970; infinite if unknown."""

    elapsed: float = math.inf
    """For how many seconds the machine had been on."""

    boot: str = ""
    """The id of the boot since which `elapsed` counts."""

    jumped: float = 0.0
    """See `Clock.jumped`."""

    leapt: float = 0.0
    """See `Clock.leapt`."""

    def to_json(self) -> dict[str, object]:
        """Return the mark as JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Mark:
        """Read a mark; raises `ValueError`. Earlier versions wrote only the time."""
        if not isinstance(data, dict):
            return Mark(time=number_of(data))
        members = members_of({"leapt": 0.0, **data}, {field.name for field in fields(Mark)})
        return Mark(
            time=number_of(members["time"]),
            wall=number_of(members["wall"]),
            elapsed=number_of(members["elapsed"]),
            boot=str(members["boot"]),
            jumped=number_of(members["jumped"]),
            leapt=number_of(members["leapt"]),
        )


def _uptime() -> float:
    """Return for how many seconds the machine has been on, including sleep."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError, ValueError:
        return ""


class Clock:
    """Tells the time in seconds since 1970; each reading is later than all before it.

    It follows the wall clock while that is ahead. When the wall clock was turned back, it counts
    elapsed time instead. So after the wall clock was set forward by mistake, this clock stays
    ahead: expiring early loses a recording, but expiring late would break a promise.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = _uptime,
        boot: Callable[[], str] = _boot_id,
    ) -> None:
        """Begin at the wall clock's time.

        `elapsed` counts seconds from any start, and goes back only if `boot` changes.
        """
        self._wall = wall
        self._elapsed = elapsed
        self._boot = boot()
        self._mark = -math.inf
        self._marked_at = elapsed()
        self._jumped = 0.0
        self._leapt = 0.0

    def resume(self, mark: float | Mark) -> None:
        """Continue from the mark of an earlier process, plus the time that has passed since.

        Raises:
            ValueError: The mark's time is not finite.
        """
        then = mark if isinstance(mark, Mark) else Mark(time=mark)
        if not math.isfinite(then.time):
            raise ValueError("The time of a clock's mark must be finite")
        self._mark, self._marked_at = max(self._mark, then.time), self._elapsed()
        self._jumped += then.jumped
        self._leapt += then.leapt
        self._advance(then.time + self._passed_since(then))

    def now(self) -> float:
        """Return the time. No two readings are equal, so events keep their order."""
        jumped = self._jumped
        self._advance(self._wall(), math.nextafter(self._mark, math.inf))
        if self._jumped - jumped >= _LEAP_SECONDS:
            self._leapt += self._jumped - jumped
        return self._mark

    @property
    def mark(self) -> Mark:
        """The state of the clock, for the next process."""
        return Mark(
            time=self._mark,
            wall=self._wall(),
            elapsed=self._marked_at,
            boot=self._boot,
            jumped=self._jumped,
            leapt=self._leapt,
        )

    @property
    def jumped(self) -> float:
        """By how many seconds, in all, the clock went ahead of the time during which it ran.

        Either the wall clock was set forward or the clock was not running; `jumped` includes both.
        """
        return self._jumped

    @property
    def leapt(self) -> float:
        """By how many seconds, in all, the wall clock leapt ahead of the time that had passed.

        Time during which nothing ran is not included, as far as it is known.
        """
        return self._leapt

    @property
    def behind_seconds(self) -> float:
        """How far the wall clock is behind this clock; 0 unless somebody turned it back."""
        self._advance()
        return max(0.0, self._mark - self._wall())

    def _passed_since(self, then: Mark) -> float:
        """Return how much time has passed since a mark, as far as that is known.

        If the machine was on all the time, its own count tells. Otherwise it is the difference of
        the wall clock's times, even if they are behind the mark. That may be too much if the wall
        clock was corrected in between, so it is bounded.
        """
        if self._boot and self._boot == then.boot and self._marked_at >= then.elapsed:
            return self._marked_at - then.elapsed
        return min(max(0.0, self._wall() - then.wall), MAX_RETENTION_SECONDS)

    def _advance(self, *floors: float) -> None:
        """Add the time that has passed since the last reading, then go ahead to any later floor."""
        elapsed = self._elapsed()
        counted = self._mark + max(0.0, elapsed - self._marked_at)
        self._mark, self._marked_at = max((counted, *floors)), elapsed
        if math.isfinite(counted):
            self._jumped += self._mark - counted
