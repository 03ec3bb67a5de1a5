"""Keeps the process as small as what it needs: models leave much behind in glibc's heaps."""

import ctypes
from functools import cache
from typing import Final

_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2


def use_few_heaps() -> None:
    """Let threads share their heaps, of which glibc gives each its own; call it before them.

    What one of them frees can then be used by the others. Does nothing with another C library.
    """
    if hasattr(_library(), "mallopt"):
        _library().mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Give freed memory back to the system, which takes a few milliseconds."""
    if hasattr(_library(), "malloc_trim"):
        _library().malloc_trim(0)


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
