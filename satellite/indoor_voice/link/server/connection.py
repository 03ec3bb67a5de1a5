"""A connection as the listening side holds it: bounded tighter, for Home Assistant sends little."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Final

from wyoming.event import Event, Eventable

from indoor_voice.link.wire import Connection, FrameError, PeerGoneError

from .admission import Place

HEADER_BYTES: Final = 16 * 1024
DATA_BYTES: Final = 64 * 1024
"""A text of 10,000 characters fits, a JSON that unfolds to many megabytes does not."""
PAYLOAD_BYTES: Final = 256 * 1024
STRANGER_BYTES: Final = 8 * 1024
"""Bound of header and data before authentication; there is no payload."""
EVENTS_PER_SECOND: Final = 200.0
EVENTS_AT_ONCE: Final = 1000.0
DEAD_SECONDS: Final = 10
"""The system closes a connection whose other side acknowledges nothing for so long."""

Unpair = Callable[["ServedConnection"], Awaitable[Event]]


class ServedConnection(Connection):
    """A connection that counts its events, and that answers `unpair` by itself."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        place: Place,
        *,
        stranger: bool,
        unpair: Unpair | None = None,
    ) -> None:
        """Take over both halves of a stream, from a stranger or an authenticated peer.

        Without `unpair`, the event of that name is one like others.
        """
        super().__init__(
            reader,
            writer,
            max_data_bytes=STRANGER_BYTES if stranger else DATA_BYTES,
            max_payload_bytes=0 if stranger else PAYLOAD_BYTES,
        )
        self.place: Final = place
        self.is_stranger: Final = stranger
        self._unpair = unpair
        self._allowed = EVENTS_AT_ONCE
        self._counted = time.monotonic()

    async def receive(self) -> Event:
        """Wait for the next event, as `Connection.receive` does."""
        event = await super().receive()
        self._count()
        if event.type == "unpair" and self._unpair is not None:
            await self.send(await self._unpair(self))
            raise PeerGoneError("the other side ended the pairing")
        return event

    async def send(self, message: Event | Eventable) -> None:
        """Send one event, as `Connection.send` does; who takes it is not silent."""
        await super().send(message)
        self.place.heard = time.monotonic()

    @property
    def is_closing(self) -> bool:
        """Whether the other side is known to be gone."""
        return self._writer.is_closing() or self._reader.at_eof()

    async def close(self) -> None:
        """Close the connection; whoever does not let it close is cut off, also when cancelled."""
        try:
            await super().close()
        finally:
            self._writer.transport.abort()

    def _count(self) -> None:
        now = time.monotonic()
        more = (now - self._counted) * EVENTS_PER_SECOND
        self._allowed = min(self._allowed + more, EVENTS_AT_ONCE) - 1
        self._counted = self.place.heard = now
        if self._allowed < 0:
            raise FrameError("too many events")


def notice_death(client: socket.socket) -> None:
    """Let the system find out when the other side of a TCP connection is no more."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, DEAD_SECONDS // 2)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, DEAD_SECONDS // 2)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_SECONDS * 1000)
