"""Wyoming events over one stream, bounded in size and in time.

The format is that of the `wyoming` package, whose own reader trusts the lengths that a header
announces and waits for ever. This module stands in the integration and in the distribution
`indoor-voice`, byte for byte the same.
"""

import asyncio
import json
from typing import Any, Final

from wyoming.event import Event, Eventable, async_write_event

MAX_HEADER_BYTES: Final = 64 * 1024
MAX_DATA_BYTES: Final = 1024 * 1024
MAX_PAYLOAD_BYTES: Final = 1024 * 1024
FRAME_TIMEOUT_SECONDS: Final = 10.0
"""From the first byte of an event to its last."""
SEND_TIMEOUT_SECONDS: Final = 10.0
"""For the peer to take what it is sent."""
_TELLING_TURNS: Final = 3
"""Of the event loop: one for the transport, one for TLS, and one more."""


class LinkError(Exception):
    """The link cannot be used any more; its message says what happened."""


class FrameError(LinkError):
    """The peer sent something that is not a Wyoming event within the bounds."""


class PeerGoneError(LinkError):
    """The peer closed the connection, was cut off, or stopped reading."""


class Connection:
    """One open connection to a peer that speaks Wyoming.

    Sending is safe from several tasks at once, receiving belongs to one. After a `LinkError`
    the connection is of no more use than to be closed.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        max_data_bytes: int = MAX_DATA_BYTES,
        max_payload_bytes: int = MAX_PAYLOAD_BYTES,
    ) -> None:
        """Take over both halves of a stream; the reader's limit bounds the header line."""
        self._reader = reader
        self._writer = writer
        self._max_data_bytes = max_data_bytes
        self._max_payload_bytes = max_payload_bytes
        self._sending = asyncio.Lock()
        peer = writer.get_extra_info("peername")
        self.peer: str = f"{peer[0]}:{peer[1]}" if peer else "unknown"

    async def receive(self) -> Event:
        """Wait for the next event, however long the peer stays silent.

        Raises `FrameError` on what is no event or exceeds a bound, `PeerGoneError` at the end.
        """
        # What has arrived already is read without waiting: let others have their turn, and the
        # end of the connection its notice.
        await asyncio.sleep(0)
        try:
            first_byte = await self._reader.readexactly(1)
            async with asyncio.timeout(FRAME_TIMEOUT_SECONDS):
                return await self._receive_rest(first_byte)
        except TimeoutError as err:
            raise FrameError("an event was begun and not finished in time") from err
        except (EOFError, OSError) as err:
            raise PeerGoneError("the connection was closed") from err

    async def _receive_rest(self, first_byte: bytes) -> Event:
        try:
            header = _json_object(first_byte + await self._reader.readuntil(b"\n"))
        except asyncio.LimitOverrunError as err:
            raise FrameError("a header line is too long") from err
        event_type = header.get("type")
        if not isinstance(event_type, str):
            raise FrameError("an event has no type")
        data_bytes = _length(header, "data_length", self._max_data_bytes)
        payload_bytes = _length(header, "payload_length", self._max_payload_bytes)
        data = header.get("data") or {}
        if not isinstance(data, dict):
            raise FrameError("an event's data is not an object")
        if data_bytes:
            data = data | _json_object(await self._reader.readexactly(data_bytes))
        payload = await self._reader.readexactly(payload_bytes) if payload_bytes else None
        return Event(type=event_type, data=data, payload=payload)

    async def send(self, message: Event | Eventable) -> None:
        """Send one event.

        Raises `PeerGoneError` when the peer does not take it in time, and `FrameError` when it
        holds half a character, as what repeats a peer's own text may.
        """
        event = message if isinstance(message, Event) else message.event()
        if self._writer.is_closing():
            # To write all the same makes asyncio log a warning each time.
            raise PeerGoneError("the connection was closed") from await self._why_closed()
        try:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS), self._sending:
                await async_write_event(event, self._writer)
        except UnicodeEncodeError as err:
            # Raised before anything is written.
            raise FrameError("an event holds half a character") from err
        except OSError as err:
            # Half an event may be on its way: nothing sensible can follow it.
            self._writer.transport.abort()
            why = await self._why_closed() or err
            raise PeerGoneError("the peer does not take what it is sent") from why

    async def _why_closed(self) -> Exception | None:
        """Return what the peer gave as its reason, such as a TLS alert, if it came before now."""
        # asyncio closes at once, and tells the reader why a few turns of its loop later.
        for _ in range(_TELLING_TURNS):
            if self._reader.exception() is not None:
                break
            await asyncio.sleep(0)
        return self._reader.exception()

    async def close(self) -> None:
        """Close the connection; safe to call again."""
        self._writer.close()
        try:
            async with asyncio.timeout(1):
                await self._writer.wait_closed()
        except OSError:
            self._writer.transport.abort()


def _json_object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as err:
        raise FrameError("an event is not valid JSON") from err
    if not isinstance(value, dict):
        raise FrameError("an event is not a JSON object")
    return value


def _length(header: dict[str, Any], key: str, most: int) -> int:
    length = header.get(key) or 0
    if isinstance(length, bool) or not isinstance(length, int) or not 0 <= length <= most:
        raise FrameError(f"{key} must be between 0 and {most}")
    return length
