"""Limits what a Sendspin server can cost: memory, processor time, and requests to others."""

import asyncio
from types import SimpleNamespace
from typing import Any, Final, Never

from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    ClientWSTimeout,
    DummyCookieJar,
    TraceConfig,
    WSMessage,
    WSMsgType,
)
from aiosendspin.noise import wire

_MAX_FRAME_BYTES: Final = 64 * 1024
"""More than one encrypted frame can have."""
_MAX_MESSAGE_BYTES: Final = 256 * 1024
"""Of a message in several frames; a second of sound has less."""
_MESSAGES_PER_SECOND: Final = 200
"""Four times what playing and keeping time need."""
_CLOSE_SECONDS: Final = 1.0
"""How long to wait for the server to close, too; what it sends until then is not limited."""
_MESSAGES_AT_ONCE: Final = 600
"""As many as fill the buffer when music begins."""


class Allowance:
    """Lets so much pass in a second, and so much at once; whatever is beyond has to wait."""

    def __init__(self, *, per_second: float, at_once: float) -> None:
        """Begin with all of it."""
        self._per_second = per_second
        self._at_once = at_once
        self._left = at_once
        self._at: float | None = None

    async def spend(self, amount: float) -> None:
        """Take an amount, and wait until it is due."""
        now = asyncio.get_running_loop().time()
        if self._at is not None:
            self._left = min(self._at_once, self._left + (now - self._at) * self._per_second)
        self._at = now
        self._left -= amount
        if self._left < 0:
            await asyncio.sleep(-self._left / self._per_second)


class LimitedSocket:
    """A WebSocket that reads no faster than music needs; then the server has to wait, too."""

    def __init__(
        self, socket: ClientWebSocketResponse, *, bytes_per_second: float, bytes_at_once: float
    ) -> None:
        """Wrap an open socket, which must not answer pings by itself."""
        self._socket = socket
        self._bytes = Allowance(per_second=bytes_per_second, at_once=bytes_at_once)
        self._messages = Allowance(per_second=_MESSAGES_PER_SECOND, at_once=_MESSAGES_AT_ONCE)

    async def receive(self) -> WSMessage:
        """Return the next message."""
        while True:
            message = await self._socket.receive()
            await self._messages.spend(1)
            if message.type is WSMsgType.PING:
                await self._socket.pong(message.data)
            elif message.type is not WSMsgType.PONG:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await self._bytes.spend(len(message.data))
                return message

    async def send_str(self, data: str) -> None:
        """Send a text."""
        await self._socket.send_str(data)

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes."""
        await self._socket.send_bytes(data)

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._socket.closed

    @property
    def close_code(self) -> int | None:
        """Why it was closed."""
        return self._socket.close_code

    async def close(self) -> bool:
        """Close it."""
        return await self._socket.close()

    def exception(self) -> BaseException | None:
        """Return what closed it, if that was an error."""
        return self._socket.exception()


class LimitedSession:
    """What the library needs of a session: it opens WebSockets, to that server and no other."""

    def __init__(self, *, bytes_per_second: float, bytes_at_once: float) -> None:
        """Prepare; call it in the event loop, and close it."""
        # Of the library's own limit, 64 MiB, a satellite with 512 MiB would feel several copies.
        wire.MAX_REASSEMBLED_MESSAGE_BYTES = _MAX_MESSAGE_BYTES
        self._limits = {"bytes_per_second": bytes_per_second, "bytes_at_once": bytes_at_once}
        tracing = TraceConfig()
        tracing.on_request_redirect.append(_refuse)
        self._session = ClientSession(cookie_jar=DummyCookieJar(), trace_configs=[tracing])

    async def ws_connect(self, url: str, *, heartbeat: float) -> LimitedSocket:
        """Open a WebSocket."""
        socket = await self._session.ws_connect(
            url,
            heartbeat=heartbeat,
            autoping=False,
            max_msg_size=_MAX_FRAME_BYTES,
            timeout=ClientWSTimeout(ws_close=_CLOSE_SECONDS),
        )
        return LimitedSocket(socket, **self._limits)

    async def close(self) -> None:
        """Close whatever is open."""
        await self._session.close()


async def _refuse(_session: ClientSession, _context: SimpleNamespace, _details: Any) -> Never:  # noqa: ANN401 - aiohttp's
    raise OSError("the server sends it to another address")
