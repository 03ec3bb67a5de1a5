"""Runs our speech server and connects to it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from wyoming.event import Event

from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection

from .techniques import VARIABLE, Technique


@asynccontextmanager
async def speech_server(
    folder: Path, *, without: Collection[Technique] = ()
) -> AsyncIterator[tuple[int, int]]:
    """Run a server with the smallest models; yield its process ID and its port."""
    command = [str(Path(sys.executable).with_name("indoor-voice"))]
    if without:
        command = [sys.executable, "-m", "tests.bench.techniques"]
    process = await asyncio.create_subprocess_exec(
        *(*command, "speech", "--insecure-wyoming"),
        *("--host", "127.0.0.1", "--port", "0", "--language", "en", "--state-dir", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, VARIABLE: ",".join(without)},
    )
    try:
        assert process.stdout is not None
        while not (
            found := re.search(rb"Listening on .* port (\d+)", await process.stdout.readline())
        ):
            assert process.returncode is None
        yield process.pid, int(found[1])
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    """Connect to a server on this machine."""
    streams = await asyncio.open_connection("127.0.0.1", port, limit=MAX_HEADER_BYTES)
    connection = Connection(*streams)
    try:
        yield connection
    finally:
        await connection.close()


async def answers(connection: Connection, last: str) -> AsyncIterator[Event]:
    """Yield a server's events up to and including the first of type `last`."""
    while True:
        event = await connection.receive()
        assert event.type != "error", event.data
        yield event
        if event.type == last:
            return
