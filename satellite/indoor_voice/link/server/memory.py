"""Frees the memory that ended connections leave behind."""

import gc
from typing import Final

from indoor_voice.memory import HeapTrimmer

_CONNECTIONS_PER_COLLECTION: Final = 8


# `speech/worker.py` trims the heaps too, but shares only `REST_SECONDS` and `trim_heaps` with this
# class: its thread waits for work anyway, so a timeout is enough, and models leave no reference
# cycles to collect. A shared timer would trim the models' memory in the event loop and block it.
class MemoryReclaimer:
    """Collects the garbage of ended connections, and returns the memory to the system.

    The objects of asyncio and OpenSSL refer to each other, so only the garbage collector frees
    them, and left to itself it runs only after tens of megabytes. The C library keeps what was
    freed unless it is told to return it.
    """

    def __init__(self) -> None:
        """Exempt long-lived objects from garbage collection, so that collecting is quick.

        What was only needed to start is freed, too.
        """
        gc.collect()
        gc.freeze()
        self._count = 0
        self._trimmer = HeapTrimmer(gc.collect)
        self._trimmer.note()

    def note(self) -> None:
        """Count a connection that has ended, and collect garbage after every few."""
        self._count += 1
        if self._count % _CONNECTIONS_PER_COLLECTION == 0:
            gc.collect()
        self._trimmer.note()

    def close(self) -> None:
        """Cancel pending work."""
        self._trimmer.close()
