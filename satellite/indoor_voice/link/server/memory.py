"""What connections leave behind in memory, freed while strangers come and go."""

import asyncio
import gc
from typing import Final

from indoor_voice.memory import give_back

_EVERY: Final = 8
_REST_SECONDS: Final = 1.0


class MemoryReclaimer:
    """Frees what ended connections leave behind.

    The objects of asyncio and OpenSSL refer to each other, so only the garbage collector frees
    them, and by its own measure it comes after tens of megabytes. What it frees, the C library
    keeps, unless it is told to give it back.
    """

    def __init__(self) -> None:
        """Set aside what exists by now and lives on, so that collecting takes little time."""
        gc.collect()
        gc.freeze()
        self._count = 0
        self._rest: asyncio.TimerHandle | None = None

    def note(self) -> None:
        """Count a connection that has ended; every few of them are freed together."""
        self._count += 1
        if self._count % _EVERY == 0:
            gc.collect()
        self.close()
        self._rest = asyncio.get_running_loop().call_later(_REST_SECONDS, self._give_back)

    def close(self) -> None:
        """Free no more."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _give_back(self) -> None:
        self._rest = None
        gc.collect()
        give_back()
