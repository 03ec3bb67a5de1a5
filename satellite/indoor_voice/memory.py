"""Limits the memory that glibc keeps for itself after models have freed it."""

import asyncio
import ctypes
from collections.abc import Callable
from functools import cache
from typing import Final

REST_SECONDS: Final = 1.0
"""How long to wait after the last piece of work before calling `trim_heaps`."""
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2


def use_few_heaps() -> None:
    """Make threads share two heaps instead of having one each; call this before starting threads.

    Memory freed by one thread can then be reused by others. Does nothing with other C libraries.
    """
    if hasattr(_library(), "mallopt"):
        _library().mallopt(_M_ARENA_MAX, _ARENAS)


def trim_heaps() -> None:
    """Return freed memory to the system, which takes a few milliseconds."""
    if hasattr(_library(), "malloc_trim"):
        _library().malloc_trim(0)


class HeapTrimmer:
    """Trims the heaps once a piece of work is over and no other has ended since."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        """Prepare to call `before` each time, in the event loop, and then to trim."""
        self._before = before
        self._timer: asyncio.TimerHandle | None = None

    def note(self) -> None:
        """Note that a piece of work is over."""
        self.close()
        self._timer = asyncio.get_running_loop().call_later(REST_SECONDS, self._trim)

    def close(self) -> None:
        """Cancel pending work."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _trim(self) -> None:
        self._timer = None
        self._before()
        trim_heaps()


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
