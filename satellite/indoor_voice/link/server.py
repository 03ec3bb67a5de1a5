"""The listening end of the link: accepts connections and hands each to one handler."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

from indoor_voice.errors import UserError

from .wire import MAX_HEADER_BYTES, Connection, LinkError

_LOGGER = logging.getLogger(__name__)

MAX_CONNECTIONS: Final = 16

Handler = Callable[[Connection], Awaitable[None]]


class ListenError(UserError):
    """The port cannot be listened on; the message says what to do."""


class LinkServer:
    """Listens on a TCP port while its `async with` block runs.

    The handler gets one connection at a time per peer and may end with a `LinkError`, which is
    logged in one line. The connection is closed when the handler returns.
    """

    def __init__(self, host: str, port: int, handle: Handler) -> None:
        """Prepare to listen; `port` 0 lets the system choose one."""
        self._host = host
        self._handle = handle
        self.port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin to listen; raises `ListenError`."""
        try:
            self._server = await asyncio.start_server(
                self._accept, self._host, self.port, limit=MAX_HEADER_BYTES
            )
        except OSError as err:
            raise ListenError(
                f"Cannot listen on {self._host} port {self.port}: {err.strerror or err}. "
                "Is another one running? Stop it, or choose a port with --port."
            ) from err
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening and end every handler."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._tasks) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self._tasks.add(task)
        connection = Connection(reader, writer)
        try:
            await self._handle(connection)
        except LinkError as err:
            _LOGGER.debug("Connection from %s ended: %s", connection.peer, err)
        except Exception:
            _LOGGER.exception("Serving %s failed", connection.peer)
        finally:
            self._tasks.discard(task)
            await connection.close()
