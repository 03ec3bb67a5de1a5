"""What time it is, in a way that outlasts a restart of the satellite or of its machine."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment on the machine's two clocks."""

    boot: str
    """Identifies the time since the machine was started; empty if the system has no such id."""
    running_seconds: float
    """Since the machine was started, including sleep; never set, so it never jumps."""
    wall_seconds: float
    """Since 1970; jumps when somebody, or a time server, sets the clock."""

    @classmethod
    def now(cls) -> Self:
        """Return the present moment."""
        return cls(boot=_boot(), running_seconds=running_seconds(), wall_seconds=time.time())

    def seconds_since(self, earlier: "Moment") -> float:
        """Return the time since an earlier moment.

        If the machine was started in between, only the clock on the wall can tell. One that was set
        back tells nothing: then no time counts as passed.
        """
        if self.boot and self.boot == earlier.boot:
            return self.running_seconds - earlier.running_seconds
        return max(0.0, self.wall_seconds - earlier.wall_seconds)


def running_seconds() -> float:
    """Return the seconds since the machine was started, including sleep."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _boot() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
