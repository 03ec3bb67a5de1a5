"""Reads the status of a process from Linux's /proc."""

import re
from contextlib import suppress
from pathlib import Path


def status_number(pid: int, field: str) -> int:
    """Return a number of a process: `Threads`, or in KiB `VmRSS` (now) and `VmHWM` (the peak)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    found = re.search(rf"^{field}:\s+(\d+)", status, re.MULTILINE)
    assert found is not None, field
    return int(found[1])


def memory_bytes(pid: int, field: str = "VmRSS") -> int:
    """Return the resident memory of a process in bytes; with `VmHWM` its peak."""
    return status_number(pid, field) * 1024


def reset_peak_memory(pid: int) -> None:
    """Let the peak of a process's memory begin again at what it has now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def open_sockets(pid: int) -> int:
    """Return the number of sockets that a process has open."""
    count = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed in the meantime
            count += str(descriptor.readlink()).startswith("socket:")
    return count
