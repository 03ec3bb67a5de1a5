"""A TCP proxy between a browser and Home Assistant that records everything it forwards."""

import asyncio
import json
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_READ_BYTES: Final = 65536
_HEAD_END: Final = b"\r\n\r\n"
_COMPRESSION: Final = (b"sec-websocket-extensions:", b"accept-encoding:")
"""The headers that ask for compression; without them, Home Assistant sends none."""
_TEXT, _MORE, _LAST = 0x1, 0x0, 0x80


@dataclass(slots=True)
class Direction:
    """The bytes that passed in one direction of a connection, with their times."""

    pieces: list[tuple[float, bytes]] = field(default_factory=list)

    def since(self, begin: float) -> bytes:
        return b"".join(piece for at, piece in self.pieces if at >= begin)

    def messages(self, begin: float) -> Iterator[dict[str, Any]]:
        """Yield the WebSocket messages that were complete after `begin`."""
        data, ends = bytearray(), []
        for at, piece in self.pieces:
            data += piece
            ends.append((len(data), at))
        position = data.find(_HEAD_END) + len(_HEAD_END)
        text = b""
        while (frame := _frame(data, position)) is not None:
            first, payload, position = frame
            if first & 0x0F not in {_TEXT, _MORE}:
                continue
            text += payload
            if not first & _LAST:
                continue
            arrived = next(at for end, at in ends if end >= position)
            content = json.loads(text)
            text = b""
            if arrived >= begin:
                yield from content if isinstance(content, list) else [content]


@dataclass(slots=True)
class Wire:
    """All connections through the proxy."""

    url: str = ""
    connections: list[tuple[Direction, Direction]] = field(default_factory=list)
    """What the browser sent and received, for each connection."""

    def messages(self, begin: float) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the WebSocket messages since `begin`, sent and received."""
        sockets = [ways for ways in self.connections if _is_socket(ways[0])]
        sent = [message for way, _ in sockets for message in way.messages(begin)]
        return sent, [message for _, way in sockets for message in way.messages(begin)]

    def requests(self, begin: float) -> tuple[bytes, bytes]:
        """Return the bytes of HTTP since `begin`, sent and received."""
        others = [ways for ways in self.connections if not _is_socket(ways[0])]
        sent = b"".join(way.since(begin) for way, _ in others)
        return sent, b"".join(way.since(begin) for _, way in others)


@asynccontextmanager
async def tapped(host: str, port: int) -> AsyncIterator[Wire]:
    """Listen on a free port, and forward everything to `port` on this machine."""
    wire = Wire()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent, received = Direction(), Direction()
        wire.connections.append((sent, received))
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            async with asyncio.TaskGroup() as both:
                both.create_task(_forward(reader, far_writer, sent, asks=True))
                both.create_task(_forward(far_reader, writer, received, asks=False))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    wire.url = f"http://{host}:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()
        server.close_clients()


async def _forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Direction, *, asks: bool
) -> None:
    with suppress(OSError):
        while data := await reader.read(_READ_BYTES):
            # A browser sends all headers of a request in one piece.
            handed = _without_compression(data) if asks and _HEAD_END in data else data
            way.pieces.append((time.monotonic(), handed))
            writer.write(handed)
            await writer.drain()
    writer.close()


def _without_compression(data: bytes) -> bytes:
    head, end, rest = data.partition(_HEAD_END)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(_COMPRESSION)]
    return b"\r\n".join(lines) + end + rest


def _is_socket(sent: Direction) -> bool:
    return b"GET /api/websocket" in b"".join(piece for _, piece in sent.pieces[:1])


def _frame(data: bytearray, position: int) -> tuple[int, bytes, int] | None:
    """Return a frame's first byte, its content and the position of the next frame (RFC 6455)."""
    if len(data) < position + 2:
        return None
    first, length = data[position], data[position + 1]
    position += 2
    masked, length = length & 0x80, length & 0x7F
    if size := {126: 2, 127: 8}.get(length, 0):
        length = int.from_bytes(data[position : position + size])
        position += size
    mask = bytes(data[position : position + 4]) if masked else bytes(4)
    position += 4 if masked else 0
    if len(data) < position + length:
        return None
    content = data[position : position + length]
    whole = (mask * (length // 4 + 1))[:length]
    plain = (int.from_bytes(content) ^ int.from_bytes(whole)).to_bytes(length)
    return first, plain, position + length
