"""Queues the announcements and questions of a satellite."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_satellite.errors import SatelliteBusyError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

MAX_WAITING: Final = 8
"""How many announcements and questions may wait; further ones are refused."""
WAIT_SECONDS: Final = 120.0
"""An announcement that waited longer is out of date."""


class SpeakingQueue:
    """Lets announcements and questions through one at a time, in order of arrival."""

    def __init__(self) -> None:
        """Initialize an empty queue."""
        self._speaking = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Wait for a place and hold it for the block; raises `SatelliteBusyError`."""
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
