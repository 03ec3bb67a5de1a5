"""What running programs cost, read from Linux."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
_AFTER_NAME_UTIME: Final = 11
"""Index of the CPU time in user mode among the fields of /proc/PID/stat after the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What programs and their children have used, or used between two moments."""

    cpu_seconds: float
    rss_mb: float
    """Memory that is resident now, in 10**6 bytes; what programs share counts for each."""

    @classmethod
    def of(cls, *pids: int) -> "Usage":
        """Read the use of the processes and of the children that they have now."""
        everyone = [member for pid in pids for member in _family(pid)]
        return cls(
            cpu_seconds=sum(_cpu_seconds(pid) for pid in everyone),
            rss_mb=sum(_rss_bytes(pid) for pid in everyone) / 1e6,
        )


def _family(pid: int) -> list[int]:
    family = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            family += _family(int(child))
    return family


def _cpu_seconds(pid: int) -> float:
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    fields = text.rpartition(")")[2].split()
    ticks = int(fields[_AFTER_NAME_UTIME]) + int(fields[_AFTER_NAME_UTIME + 1])
    return ticks / _TICKS_PER_SECOND


def _rss_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
