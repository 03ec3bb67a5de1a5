"""The memory of this process, Home Assistant in it."""

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
"""As docs/threat-model.md promises."""
_STATUS: Final = Path("/proc/self/status")


def memory(what: str = "VmRSS") -> float:
    """Return MiB now, or at most so far (`VmHWM`)."""
    found = re.search(rf"{what}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024


def settle() -> None:
    """Give back what is not in use."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def bounded() -> Generator[None]:
    """Hold what happens in the block to the promise, at its worst and after it."""
    settle()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    idle = memory()
    yield
    worst = memory("VmHWM") - idle
    settle()
    after = memory() - idle
    sys.stdout.write(f"grew by {worst:.1f} MiB over {idle:.1f} MiB, {after:.1f} MiB for good\n")
    assert worst <= MOST_MEBIBYTES
