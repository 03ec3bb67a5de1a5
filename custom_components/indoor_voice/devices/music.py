"""The music player of a satellite: what it does, and what it is asked to play."""

import asyncio
import logging
import secrets
from itertools import count
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback

from ..link.media import MediaState, media_play
from ..link.wire import PeerGoneError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wyoming.event import Event, Eventable

    from ..link.media import MediaError, MediaStatus

_LOGGER: Final = logging.getLogger(__name__)

BEGIN_SECONDS: Final = 25.0
"""How long to wait for the beginning: a little longer than the satellite itself."""


class MediaFailedError(Exception):
    """Something could not be played."""

    def __init__(self, error: MediaError) -> None:
        super().__init__(error)
        self.error = error


class DeviceMusic:
    """Plays on a satellite, and waits for each piece to begin."""

    def __init__(self, title: str, send: Callable[[Event | Eventable], Awaitable[None]]) -> None:
        """Initialize with the function that sends events, which may raise `LinkError`."""
        self._title = title
        self._send = send
        # What plays since before a restart of Home Assistant must not be mistaken for anything new.
        self._numbers = count(secrets.randbits(31))
        self._playing: int | None = None
        """The number of what plays, as far as is known."""
        self._beginning: tuple[int, asyncio.Future[MediaError | None]] | None = None

    async def async_play(self, url: str, *, verify: bool) -> None:
        """Play what is at `url`, and return when it begins, or when something else is played.

        Raises `MediaFailedError` if it can't be played, and `LinkError` if the satellite is gone.
        """
        number = next(self._numbers)
        self._settle(None)
        outcome: asyncio.Future[MediaError | None] = asyncio.get_running_loop().create_future()
        self._beginning = number, outcome
        await self._send(media_play(url, number, verify=verify))
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                error = await outcome
        except TimeoutError as err:
            raise PeerGoneError("the satellite does not answer") from err
        if error is not None:
            raise MediaFailedError(error)

    @callback
    def handle_status(self, status: MediaStatus) -> None:
        """Handle a report."""
        if self._beginning is not None and status.number == self._beginning[0]:
            if status.state is not MediaState.BUFFERING:
                self._settle(status.error)
        elif status.error is not None and status.number == self._playing:
            _LOGGER.warning("What %s plays ended early: %s", self._title, status.error)
        self._playing = None if status.state is MediaState.IDLE else status.number

    @callback
    def handle_disconnected(self) -> None:
        """Stop waiting: the satellite is gone."""
        if self._beginning is not None and not self._beginning[1].done():
            self._beginning[1].set_exception(PeerGoneError("the satellite is gone"))
        self._beginning = None

    def _settle(self, error: MediaError | None) -> None:
        if self._beginning is not None and not self._beginning[1].done():
            self._beginning[1].set_result(error)
        self._beginning = None
