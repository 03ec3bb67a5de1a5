"""What is logged of strangers: a line a minute, however many there are."""

import asyncio
import logging
from typing import Final

_LOGGER = logging.getLogger(__name__)

EVERY_SECONDS: Final = 60.0


class StrangerLog:
    """Counts connections that led to nothing, and says so now and then."""

    def __init__(self) -> None:
        """Begin with none."""
        self._count = 0
        self._last = ""
        self._timer: asyncio.TimerHandle | None = None

    def note(self, host: str) -> None:
        """Count one from `host`; the first is logged at once."""
        self._count += 1
        self._last = host
        if self._timer is None:
            self._tell()

    def close(self) -> None:
        """Log what was not logged yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            if self._count:
                self._log()

    def _tell(self) -> None:
        self._timer = None
        if self._count:
            self._log()
            self._timer = asyncio.get_running_loop().call_later(EVERY_SECONDS, self._tell)

    def _log(self) -> None:
        _LOGGER.info("Turned away %d connections, the last from %s", self._count, self._last)
        self._count = 0
