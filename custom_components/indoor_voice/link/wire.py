"""Reads and writes Wyoming events on one stream, with limits on size and time.

The format is that of the `wyoming` package, whose own reader trusts the lengths in a header and
waits indefinitely. The integration and the distribution `indoor-voice` have identical copies of
this module.
"""

import asyncio
import json
from contextlib import suppress
from typing import Any, Final

from wyoming.event import Event, Eventable, async_write_event

MAX_HEADER_BYTES: Final = 64 * 1024
MAX_DATA_BYTES: Final = 1024 * 1024
MAX_PAYLOAD_BYTES: Final = 1024 * 1024
FRAME_TIMEOUT_SECONDS: Final = 10.0
"""From the first byte of an event to its last."""
SEND_TIMEOUT_SECONDS: Final = 10.0
"""For the peer to accept an event."""
_LOOP_TURNS_UNTIL_REASON: Final = 3
"""One for the transport, one for TLS, and one to spare."""


class LinkError(Exception):
    """The link can no longer be used; the message says what happened."""


class FrameError(LinkError):
    """The peer sent something other than a Wyoming event within the limits."""


class PeerGoneError(LinkError):
    """The peer closed or lost the connection, or stopped reading."""


class Connection:
    """One open connection to a peer that speaks Wyoming.

    Several tasks may send at once, but only one may receive. After a `LinkError` the connection
    can only be closed.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        max_data_bytes: int = MAX_DATA_BYTES,
        max_payload_bytes: int = MAX_PAYLOAD_BYTES,
    ) -> None:
        """Take over both halves of a stream; the reader's limit applies to the header line."""
        self._reader = reader
        self._writer = writer
        self._max_data_bytes = max_data_bytes
        self._max_payload_bytes = max_payload_bytes
        self._sending = asyncio.Lock()
        peer = writer.get_extra_info("peername")
        self.peer: str = f"{peer[0]}:{peer[1]}" if peer else "unknown"

    async def receive(self) -> Event:
        """Wait for the next event, however long the peer stays silent.

        Raises:
            FrameError: The peer sent something that is not an event or exceeds a limit.
            PeerGoneError: The connection has ended.
        """
        # Reading data that has already arrived doesn't yield: let other tasks run, and let asyncio
        # notice when the connection ends.
        await asyncio.sleep(0)
        try:
            first_byte = await self._reader.readexactly(1)
            async with asyncio.timeout(FRAME_TIMEOUT_SECONDS):
                return await self._receive_rest(first_byte)
        except TimeoutError as err:
            raise FrameError("an event was not completed in time") from err
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

        Raises:
            PeerGoneError: The peer does not accept it in time.
            FrameError: It contains a lone surrogate, as an echo of the peer's own text may.
        """
        event = message if isinstance(message, Event) else message.event()
        if self._writer.is_closing():
            # asyncio would log a warning for each write to a closed transport.
            raise PeerGoneError("the connection was closed") from await self._closing_reason()
        try:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS), self._sending:
                await async_write_event(event, self._writer)
        except UnicodeEncodeError as err:
            # Raised before anything is written.
            raise FrameError("an event contains a lone surrogate") from err
        except OSError as err:
            # The event may have been sent in part, so nothing sensible can follow it.
            self.abort()
            reason = await self._closing_reason() or err
            raise PeerGoneError("the peer does not accept what it is sent") from reason

    async def _closing_reason(self) -> Exception | None:
        """Return the error that closed the connection, such as a TLS alert, if there was one."""
        # asyncio marks the writer as closing a few turns of its loop before it tells the reader.
        for _ in range(_LOOP_TURNS_UNTIL_REASON):
            if self._reader.exception() is not None:
                break
            await asyncio.sleep(0)
        return self._reader.exception()

    async def close(self) -> None:
        """Close the connection; safe to call twice."""
        self._writer.close()
        try:
            async with asyncio.timeout(1):
                await self._writer.wait_closed()
        except OSError:
            self.abort()

    def abort(self) -> None:
        """Close the connection at once, whatever is still to be sent; safe to call twice."""
        # The second closing of a TLS transport makes Python 3.11 forget what is aborted.
        with suppress(AttributeError):
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
