"""CPU time and memory of running programs, read from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
_AFTER_NAME_UTIME: Final = 11
"""Index of the user-mode CPU time among the fields after the name in /proc/PID/stat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """CPU time and memory of programs and their children."""

    cpu_seconds: float
    rss_mb: float
    """Resident memory in 10**6 bytes; shared memory counts for each process."""

    @classmethod
    def of(cls, *pids: int) -> "Usage":
        """Read the usage of processes and of their present children."""
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
