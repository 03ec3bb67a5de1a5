"""A clock that never goes back: turning it back keeps no recording and no consent alive."""

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
"""What a clock is ahead by at once before it counts as a leap; less is a clock being put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a clock stood when it was last read, for the next process to go on from."""

    time: float
    wall: float = math.inf
    """What the wall clock said then, in seconds since 1970; infinite where it is not known."""

    elapsed: float = math.inf
    boot: str = ""
    """How many seconds the machine had run since it was started, and since which start."""

    jumped: float = 0.0
    """By how many seconds it has ever gone ahead of the time in which it ran."""

    leapt: float = 0.0
    """By how many seconds the wall clock has ever leapt ahead of what had passed."""

    def to_json(self) -> dict[str, object]:
        """Return it as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Mark:
        """Read it, strictly; raises `ValueError`. Earlier versions wrote the time alone."""
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


def _running() -> float:
    """Return for how many seconds the machine has been on, also while it slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError, ValueError:
        return ""


class Clock:
    """Tells the time in seconds since 1970: each reading is later than all before it.

    The wall clock leads while it runs ahead; where it was turned back, the time that passed since
    the latest reading counts on. A clock that was put forward by mistake therefore stays there:
    what expires early is lost, what expires late would be a broken promise.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = _running,
        boot: Callable[[], str] = _boot_id,
    ) -> None:
        """Begin at the wall clock.

        `elapsed` counts seconds, from anywhere, and goes back only where `boot` changes.
        """
        self._wall = wall
        self._elapsed = elapsed
        self._boot = boot()
        self._mark = -math.inf
        self._marked_at = elapsed()
        self._jumped = 0.0
        self._leapt = 0.0

    def resume(self, mark: float | Mark) -> None:
        """Go on from the latest time of an earlier process, with what has passed since then.

        Raises:
            ValueError: for what is no time.
        """
        then = mark if isinstance(mark, Mark) else Mark(time=mark)
        if not math.isfinite(then.time):
            raise ValueError("A clock's mark is a finite number of seconds")
        self._mark, self._marked_at = max(self._mark, then.time), self._elapsed()
        self._jumped += then.jumped
        self._leapt += then.leapt
        self._advance(then.time + self._passed_since(then))

    def now(self) -> float:
        """Return the time; no two readings are equal, so what came first stays first."""
        jumped = self._jumped
        self._advance(self._wall(), math.nextafter(self._mark, math.inf))
        if self._jumped - jumped >= _LEAP_SECONDS:
            self._leapt += self._jumped - jumped
        return self._mark

    @property
    def mark(self) -> Mark:
        """Where it stands, for the next process."""
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
        """By how many seconds it has ever gone ahead of the time in which it ran.

        Somebody put it forward, or it did not run: from here the two cannot be told apart.
        """
        return self._jumped

    @property
    def leapt(self) -> float:
        """By how many seconds the wall clock has ever leapt ahead of what had passed.

        What went by while nothing ran is none of it, as far as the machine or its clock tells.
        """
        return self._leapt

    @property
    def behind_seconds(self) -> float:
        """How far the wall clock is behind; 0 while nobody has turned it back."""
        self._advance()
        return max(0.0, self._mark - self._wall())

    def _passed_since(self, then: Mark) -> float:
        """Return how much time has passed since a mark, as far as anything tells.

        Where the machine has run on, it counted. Else the wall clock tells, also one that is behind
        the mark; where it was put right meanwhile that is too much, so it is bounded.
        """
        if self._boot and self._boot == then.boot and self._marked_at >= then.elapsed:
            return self._marked_at - then.elapsed
        return min(max(0.0, self._wall() - then.wall), MAX_RETENTION_SECONDS)

    def _advance(self, *floors: float) -> None:
        """Count on what has passed since the latest time, and go to what is later than that."""
        elapsed = self._elapsed()
        counted = self._mark + max(0.0, elapsed - self._marked_at)
        self._mark, self._marked_at = max((counted, *floors)), elapsed
        if math.isfinite(counted):
            self._jumped += self._mark - counted
