"""Who speaks next on a satellite."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_satellite.errors import SatelliteBusyError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

MAX_WAITING: Final = 8
"""Announcements and questions; one more is refused."""
WAIT_SECONDS: Final = 120.0
"""Later nobody wants to hear it any more."""


class SpeakingQueue:
    """Lets one announcement or question after the other, in the order in which they came."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._speaking = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Wait for one's turn and hold it for the block; raises `SatelliteBusyError`."""
        if self._waiting >= MAX_WAITING:
            raise SatelliteBusyError
        self._waiting += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._speaking.acquire()
        except TimeoutError as err:
            raise SatelliteBusyError from err
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._speaking.release()
