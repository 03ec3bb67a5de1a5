"""Measures the memory of this process, which includes Home Assistant."""

import ctypes
import gc
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tests.process_status import reset_peak_memory, status_number

if TYPE_CHECKING:
    from collections.abc import Generator

MOST_MEBIBYTES: Final = 30.0
"""The limit that docs/threat-model.md promises."""


def memory(what: str = "VmRSS") -> float:
    """Return the memory in MiB: the current, or with `VmHWM` the highest so far."""
    return status_number(os.getpid(), what) / 1024


def settle() -> None:
    """Return unused memory to the system."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def bounded() -> Generator[None]:
    """Check the promised limit during the block, at its peak, and after it."""
    settle()
    reset_peak_memory(os.getpid())
    idle = memory()
    yield
    worst = memory("VmHWM") - idle
    settle()
    after = memory() - idle
    sys.stdout.write(f"grew by {worst:.1f} MiB over {idle:.1f} MiB, {after:.1f} MiB for good\n")
    assert worst <= MOST_MEBIBYTES
