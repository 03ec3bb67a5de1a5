"""A connection at the listening end, with tighter limits: Home Assistant sends little."""

import asyncio
import fcntl
import socket
import struct
import termios
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from wyoming.event import Event, Eventable

from indoor_voice.link.wire import (
    SEND_TIMEOUT_SECONDS,
    Connection,
    FrameError,
    PeerGoneError,
)

from .admission import Place

HEADER_BYTES: Final = 16 * 1024
DATA_BYTES: Final = 128 * 1024
"""Enough for a text of 10,000 characters and for 20 verifiers of wake words, too little for JSON
that expands to many megabytes."""
PAYLOAD_BYTES: Final = 256 * 1024
STRANGER_BYTES: Final = 8 * 1024
"""Limit for header and data each before authentication, when no payload is allowed."""
EVENTS_PER_SECOND: Final = 200.0
EVENTS_AT_ONCE: Final = 1000.0
DEAD_SECONDS: Final = 10
"""The kernel closes a connection after this time without an acknowledgement."""
_DISCARD: Final = struct.pack("ii", 1, 0)
"""On closing, the kernel discards what it has not sent."""
_LOOK_SECONDS: Final = 0.01
"""How often it is checked what the other side has acknowledged: the kernel tells nobody."""
_SURE_LOOKS: Final = 3
"""After one turn of the event loop asyncio has given the kernel what it held back. One to spare."""

Unpair = Callable[["ServedConnection"], Awaitable[Event]]


class ServedConnection(Connection):
    """A connection that limits the rate of events and handles `unpair` itself."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        place: Place,
        *,
        stranger: bool,
        unpair: Unpair | None = None,
    ) -> None:
        """Take over both halves of a stream from a stranger or an authenticated peer.

        Without `unpair`, `receive` returns the event of that name like any other.
        """
        super().__init__(
            reader,
            writer,
            max_data_bytes=STRANGER_BYTES if stranger else DATA_BYTES,
            max_payload_bytes=0 if stranger else PAYLOAD_BYTES,
        )
        self._socket = writer.get_extra_info("socket")  # later, TLS may have forgotten it
        self.place: Final = place
        self.is_stranger: Final = stranger
        self._unpair = unpair
        self._allowed = EVENTS_AT_ONCE
        self._refilled = time.monotonic()

    async def receive(self) -> Event:
        """Wait for the next event; see `Connection.receive`."""
        event = await super().receive()
        self._check_rate()
        if event.type == "unpair" and self._unpair is not None:
            await self.send(await self._unpair(self))
            raise PeerGoneError("the other side ended the pairing")
        return event

    async def send(self, message: Event | Eventable) -> None:
        """Send one event; see `Connection.send`. A peer that accepts events isn't silent."""
        await super().send(message)
        self.place.heard = time.monotonic()

    async def until_delivered(self, all_but_bytes: int = 0) -> None:
        """Wait until the other side's machine has all that was sent, except at most so much.

        Raises:
            PeerGoneError: The connection is closed, or that takes too long.
        """
        looks = 0
        try:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                while looks < _SURE_LOOKS:
                    looks = looks + 1 if self._undelivered_bytes() <= all_but_bytes else 0
                    await asyncio.sleep(0 if looks else _LOOK_SECONDS)
        except OSError as err:
            self.abort()
            raise PeerGoneError("the peer does not accept what it is sent") from err

    def _undelivered_bytes(self) -> int:
        if self._writer.is_closing():
            raise ConnectionAbortedError
        (unacknowledged,) = struct.unpack(
            "i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, bytes(4))
        )
        return int(unacknowledged) + self._writer.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Close the connection at once; what has not left this machine never does."""
        with suppress(OSError):  # it is closed already
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DISCARD)
        super().abort()

    @property
    def is_closing(self) -> bool:
        """Whether the other side is known to have disconnected."""
        return self._writer.is_closing() or self._reader.at_eof()

    async def close(self) -> None:
        """Close the connection, by force if the peer delays it or this call is cancelled."""
        try:
            await super().close()
        finally:
            self.abort()

    def _check_rate(self) -> None:
        now = time.monotonic()
        refill = (now - self._refilled) * EVENTS_PER_SECOND
        self._allowed = min(self._allowed + refill, EVENTS_AT_ONCE) - 1
        self._refilled = self.place.heard = now
        if self._allowed < 0:
            raise FrameError("too many events")


def detect_dead_peer(client: socket.socket) -> None:
    """Make the kernel detect when the other side of a TCP connection has disappeared."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, DEAD_SECONDS // 2)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, DEAD_SECONDS // 2)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_SECONDS * 1000)
