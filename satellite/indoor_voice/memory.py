"""Limits the memory that glibc keeps for itself after models have freed it."""

import ctypes
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


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
