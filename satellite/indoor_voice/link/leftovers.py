"""What connections leave behind in memory, freed while strangers come and go."""

import gc
from typing import Final

_EVERY: Final = 8


class Leftovers:
    """Frees what ended connections leave behind.

    The objects of asyncio and OpenSSL refer to each other, so only the garbage collector frees
    them, and by its own measure it comes after tens of megabytes.
    """

    def __init__(self) -> None:
        """Set aside what exists by now and lives on, so that collecting takes little time."""
        gc.collect()
        gc.freeze()
        self._count = 0

    def note(self) -> None:
        """Count a connection that has ended; every few of them are freed together."""
        self._count += 1
        if self._count % _EVERY == 0:
            gc.collect()
