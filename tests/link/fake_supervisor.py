"""The Supervisor of Home Assistant OS, as far as an app that announces itself meets it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

TOKEN: Final = "token-of-the-app"  # noqa: S105 - of a test


@dataclass
class FakeSupervisor:
    """Answers HTTP requests with a status, and keeps them."""

    status: str = "200 OK"
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ") for line in head.split("\r\n")[1:] if line)
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        assert headers["authorization"] == f"bearer {TOKEN}"
        self.requests.append((head.split("\r\n")[0], body))
        writer.write(f"HTTP/1.1 {self.status}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    @property
    def codes(self) -> list[str]:
        return [body["config"]["code"] for _, body in self.requests]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve during the block; yields the address."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
