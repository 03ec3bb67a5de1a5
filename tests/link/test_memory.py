"""Tests for the memory and the places of a real process under attack."""

import asyncio
import contextlib
import json
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from wyoming.event import Event

from indoor_voice.link.wire import Connection
from tests.background import in_background
from tests.link.initiator import CODE, GONE, Device, Initiator, stop_reading
from tests.process_status import reset_peak_memory, status_number

MOST_MEBIBYTES = 30.0
GETS_IN_SECONDS = 3.0
START_SECONDS = 120.0
"""A busy machine may need this long to start a process."""
FAR, ELSEWHERE = "127.0.0.2", "127.0.0.3"


@dataclass
class Listener:
    """A listening process."""

    port: int
    pid: int

    def memory(self, what: str = "VmRSS") -> float:
        """Return the memory in MiB now, or its peak (`VmHWM`)."""
        return status_number(self.pid, what) / 1024

    @asynccontextmanager
    async def bounded(self) -> AsyncIterator[None]:
        """Check that memory grows by at most `MOST_MEBIBYTES` during the block."""
        reset_peak_memory(self.pid)
        idle = self.memory()
        yield
        await asyncio.sleep(0.3)
        grown = self.memory("VmHWM") - idle
        sys.stdout.write(f"grew by {grown:.1f} MiB over {idle:.1f} MiB\n")
        assert grown <= MOST_MEBIBYTES


@asynccontextmanager
async def listening(state_dir: Path) -> AsyncIterator[Listener]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.link.listener", str(state_dir)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            port = int(await process.stdout.readline())
        yield Listener(port, process.pid)
        assert process.returncode is None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        _, errors = await process.communicate()
    assert b"Traceback" not in errors, errors.decode()


@pytest.fixture
async def unpaired(tmp_path: Path) -> AsyncIterator[Listener]:
    async with listening(tmp_path / "listener") as listener:
        yield listener


@pytest.fixture
async def paired(tmp_path: Path, home: Initiator) -> AsyncIterator[Listener]:
    """Return a listener paired with `home`, which has connected before."""
    device = Device(tmp_path / "listener")
    async with device.serving() as port:
        await home.pair(port, CODE)
        assert device.trust.peer_certificate == home.certificate
    async with listening(tmp_path / "listener") as listener:
        assert await echoes(home, listener)
        yield listener


async def echoes(home: Initiator, listener: Listener, source: str = "127.0.0.1") -> bool:
    async with home.pinned(listener.port, source) as connection:
        await connection.send(Event("describe"))
        return (await connection.receive()).type == "describe"


async def gets_in(home: Initiator, listener: Listener, source: str = "127.0.0.1") -> float:
    """Return the seconds until Home Assistant is served, with retries as it makes them."""
    begun = time.monotonic()
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(*GONE):
                if await echoes(home, listener, source):
                    return time.monotonic() - begun
            await asyncio.sleep(0.5)


async def half_open(listener: Listener, count: int, sources: int) -> list[socket.socket]:
    loop = asyncio.get_running_loop()
    opened = []
    for number in range(count):
        client = socket.socket()
        client.setblocking(False)
        client.bind((f"127.0.{1 + number % sources}.1", 0))
        opened.append(client)
        await loop.sock_connect(client, ("127.0.0.1", listener.port))
        if number % 3 == 0:
            # The start of a ClientHello that is never completed.
            with contextlib.suppress(OSError):
                client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200))
    return opened


@pytest.mark.parametrize(
    ("sources", "home_source"), [(1, "127.0.0.1"), (100, "127.0.0.1"), (1, ELSEWHERE)]
)
async def test_1100_half_open_connections(
    paired: Listener, home: Initiator, sources: int, home_source: str
) -> None:
    async with paired.bounded():
        opened = await half_open(paired, 1100, sources)
        try:
            assert await gets_in(home, paired, home_source) < GETS_IN_SECONDS
        finally:
            for client in opened:
                client.close()


async def _plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'{"type":"describe"}\n' * 1000)


async def _garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x16\x03\x01\x40\x00" + bytes(16384) * 100)


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


@asynccontextmanager
async def flood(
    listener: Listener,
    behave: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    tls_context: ssl.SSLContext | None = None,
    source: str = FAR,
) -> AsyncIterator[None]:
    """Run thirty strangers that connect repeatedly."""

    async def connect() -> None:
        while True:
            with contextlib.suppress(*GONE, TimeoutError):
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", listener.port, ssl=tls_context, local_addr=(source, 0)
                )
                try:
                    async with asyncio.timeout(0.5):
                        await behave(reader, writer)
                finally:
                    writer.transport.abort()
            await asyncio.sleep(0.005)

    async with in_background(*(connect() for _ in range(30))):
        await asyncio.sleep(0.5)
        yield


@pytest.mark.parametrize("source", ["127.0.0.1", ELSEWHERE])
@pytest.mark.parametrize("behave", [_plain, _garbage, _silent])
async def test_floods_of_those_who_are_no_tls(
    paired: Listener,
    home: Initiator,
    behave: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    source: str,
) -> None:
    async with paired.bounded(), flood(paired, behave):
        assert await gets_in(home, paired, source) < GETS_IN_SECONDS


@pytest.mark.parametrize("source", ["127.0.0.1", ELSEWHERE])
async def test_a_flood_of_strangers_with_certificates(
    paired: Listener, home: Initiator, stranger: Initiator, source: str
) -> None:
    async with paired.bounded(), flood(paired, _silent, stranger.context(None)):
        assert await gets_in(home, paired, source) < GETS_IN_SECONDS


async def _unread(connection: Connection, event: Event, count: int) -> None:
    with contextlib.suppress(*GONE, TimeoutError):
        async with asyncio.timeout(3):
            for _ in range(count):
                await connection.send(event)


def expanding_json(size: int) -> Event:
    """Return an event with JSON of `size` bytes that takes thirty times as much memory."""
    return Event("x", {"a": [[]] * (size // 3 - 10)})


@pytest.mark.parametrize(
    ("event", "count"),
    [
        pytest.param(Event("x", payload=bytes(250_000)), 100, id="payload"),
        pytest.param(expanding_json(60_000), 50, id="JSON"),
        pytest.param(expanding_json(1_000_000), 3, id="JSON beyond the limit"),
        pytest.param(Event("x"), 5000, id="flood"),
    ],
)
async def test_a_paired_side_gone_mad_that_reads_nothing(
    paired: Listener, home: Initiator, event: Event, count: int
) -> None:
    async with paired.bounded(), contextlib.AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(home.pinned(paired.port)) for _ in range(8)]
        for connection in connections:
            stop_reading(connection)
        await asyncio.gather(*(_unread(connection, event, count) for connection in connections))


async def test_strangers_at_an_unpaired_device(
    unpaired: Listener, home: Initiator, stranger: Initiator
) -> None:
    lists = json.dumps({"type": "pair-begin", "data": {"a": [[]] * 2000}}).encode() + b"\n"

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'{"type":"ping"}\n' * 100 + lists * 20 + b"{" * 100_000)

    async with unpaired.bounded(), flood(unpaired, behave, stranger.context(None)):
        pass
    await asyncio.sleep(0.5)
    await home.pair(unpaired.port, CODE)
    assert await echoes(home, unpaired)


@pytest.mark.parametrize("behave", [_plain, _silent])
async def test_a_flood_from_the_paired_sides_own_address_lets_each_of_its_connections_in(
    paired: Listener,
    home: Initiator,
    behave: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> None:
    async with paired.bounded(), flood(paired, behave, source="127.0.0.1"):
        for _ in range(5):
            assert await gets_in(home, paired) < GETS_IN_SECONDS
