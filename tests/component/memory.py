"""Measures the memory of this process, which includes Home Assistant."""

import ctypes
import gc
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

MOST_MEBIBYTES: Final = 30.0
"""The limit that docs/threat-model.md promises."""
_STATUS: Final = Path("/proc/self/status")


def memory(what: str = "VmRSS") -> float:
    """Return the memory in MiB: the current, or with `VmHWM` the highest so far."""
    found = re.search(rf"{what}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024


def settle() -> None:
    """Return unused memory to the system."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def bounded() -> Generator[None]:
    """Check the promised limit during the block, at its peak, and after it."""
    settle()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    idle = memory()
    yield
    worst = memory("VmHWM") - idle
    settle()
    after = memory() - idle
    sys.stdout.write(f"grew by {worst:.1f} MiB over {idle:.1f} MiB, {after:.1f} MiB for good\n")
    assert worst <= MOST_MEBIBYTES
