"""Whatever a connected peer sends, the satellite uses at most 30 MB more than when idle."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from wyoming.event import Event

from demo.house import COMMAND
from demo.ports import free_port
from demo.processes import Program
from demo.sound import SoundServer
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection, LinkError
from tests.documents import needed_memory_bytes
from tests.process_status import memory_bytes
from tests.waiting import events_until

MAX_GROWTH_BYTES = 30 * 1024 * 1024
CD = {"rate": 48_000, "width": 2, "channels": 2}


@dataclass
class Victim:
    """A satellite with plain Wyoming, so that every peer has the rights of a paired one."""

    program: Program
    port: int

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[Connection]:
        connection = Connection(
            *await asyncio.open_connection("127.0.0.1", self.port, limit=MAX_HEADER_BYTES)
        )
        try:
            yield connection
        finally:
            await connection.close()

    @contextlib.asynccontextmanager
    async def attacked(self) -> AsyncIterator[Connection]:
        """Connect for an attack; the satellite may close the connection at any time."""
        with contextlib.suppress(LinkError, OSError):
            async with self.connected() as connection:
                yield connection

    def memory_bytes(self, key: str) -> int:
        return memory_bytes(self.program.pid, key)


@pytest.fixture
async def victim(folder: Path) -> AsyncIterator[Victim]:
    server = SoundServer(folder / "memory")
    async with server.running():
        room = await server.room("cellar")
        port = free_port()
        program = Program(
            "The satellite",
            (COMMAND, "satellite", "--host=127.0.0.1", f"--port={port}", "--insecure-wyoming",
             f"--state-dir={folder / 'cellar'}"),
            log=folder / "cellar.log",
            env=room.env,
        )  # fmt: skip
        async with program:
            await program.wait_for_output("Listening", 30)
            victim = Victim(program, port)
            # Load the libraries for playback first, so that they do not count as growth.
            async with victim.connected() as connection:
                await send(connection, Event("run-satellite"))
                await announce(connection, bytes(192_000))
                await events_until(connection, "played")
            yield victim


async def send(connection: Connection, *events: Event) -> None:
    for event in events:
        await connection.send(event)


async def announce(connection: Connection, pcm: bytes, *, end: bool = True) -> None:
    await send(connection, Event("audio-start", CD))
    for start in range(0, len(pcm), 192_000):
        await send(connection, Event("audio-chunk", CD, pcm[start : start + 192_000]))
    if end:
        await send(connection, Event("audio-stop"))


async def flood_with_sound(victim: Victim) -> None:
    """Send 300 MB of sound to play, whether it is read or not."""
    sound = bytes(10_000_000)
    for _ in range(30):
        async with victim.attacked() as connection:
            await send(connection, Event("run-satellite"))
            await announce(connection, sound)


async def replace_playbacks(victim: Victim) -> None:
    """Replace each playback with another before it has played."""
    sound = bytes(5_700_000)
    for _ in range(8):
        async with victim.attacked() as connection:
            await send(connection, Event("run-satellite"))
            for _ in range(20):
                await announce(connection, sound, end=False)


async def trigger_failure_cues(victim: Victim) -> None:
    """Start turns and let them fail, as fast as the satellite allows."""
    for _ in range(5):
        async with victim.attacked() as connection:
            await send(connection, Event("run-satellite"))
            for _ in range(500):
                await send(connection, Event("run-pipeline"), Event("error", {"code": "x"}))


async def send_expanding_json(victim: Victim) -> None:
    """Hold all available connections, each sending JSON that takes much memory when parsed."""
    data = {"x": [{"": 0}] * 6_000}
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(8):
            connection = await stack.enter_async_context(victim.attacked())
            await send(connection, *[Event("run-satellite", data)] * 20)
            await events_until(connection, "status")


async def read_nothing(victim: Victim) -> None:
    """Request many answers without reading them."""
    async with victim.attacked() as connection:
        await send(connection, Event("run-satellite"))
        await send(connection, *[Event("describe")] * 900)
        await asyncio.sleep(2)


@pytest.mark.parametrize(
    "attack",
    [
        flood_with_sound,
        replace_playbacks,
        trigger_failure_cues,
        send_expanding_json,
        read_nothing,
    ],
)
async def test_memory_stays_within_its_bound(
    victim: Victim, attack: Callable[[Victim], Coroutine[Any, Any, None]]
) -> None:
    idle = victim.memory_bytes("VmRSS")
    assert idle < needed_memory_bytes("satellite")
    await attack(victim)
    assert victim.memory_bytes("VmHWM") - idle < MAX_GROWTH_BYTES
    async with victim.connected() as connection:
        await send(connection, Event("run-satellite"))
        await events_until(connection, "status")
