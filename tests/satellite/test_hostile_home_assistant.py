"""A broken or hostile paired Home Assistant, against a real satellite process."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from wyoming.event import Event

from demo.house import COMMAND
from demo.ports import free_port
from demo.processes import Program
from demo.sound import SoundServer
from indoor_voice.link.wire import Connection
from tests.background import in_background
from tests.link.initiator import CODE, GONE, Initiator, stop_reading
from tests.process_status import memory_bytes, reset_peak_memory

MAX_GROWTH_BYTES = 30 * 1024 * 1024
MAX_STREAM_SECONDS = 15.0
MAX_LINES = 6
"""About a fault, one at first and one a minute; and a few about the controller."""
CD = {"rate": 48_000, "width": 2, "channels": 2}
pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Victim:
    """A satellite, with the Home Assistant that it is paired with."""

    program: Program
    port: int
    home: Initiator
    started_seconds: float

    @contextlib.asynccontextmanager
    async def attacked(self) -> AsyncIterator[Connection]:
        """Connect for an attack; the satellite may close the connection at any time."""
        with contextlib.suppress(*GONE):
            async with self.home.pinned(self.port) as connection:
                yield connection

    def reset_peak_memory(self) -> None:
        reset_peak_memory(self.program.pid)

    def memory_bytes(self, key: str) -> int:
        return memory_bytes(self.program.pid, key)

    async def take_turn(self) -> None:
        """Connect as the genuine Home Assistant and take a turn."""
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(*GONE):
                    async with self.home.pinned(self.port) as connection:
                        await send(connection, Event("run-satellite"), Event("run-pipeline"))
                        await until(connection, "run-pipeline")
                        await send(connection, Event("voice-stopped"))
                        await until(connection, "audio-stop")
                        return
                await asyncio.sleep(0.2)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def victim(folder: Path) -> AsyncIterator[Victim]:
    """A single victim for all attacks, so that each one starts with the traces of the others."""
    folder /= "hostile"
    server = SoundServer(folder / "sound")
    async with server.running():
        room = await server.room("cellar")
        port = free_port()
        program = Program(
            "The satellite",
            (COMMAND, "satellite", "--host=127.0.0.1", f"--port={port}",
             f"--state-dir={folder / 'state'}"),
            log=folder / "log",
            env={**room.env, "INDOOR_VOICE_PAIRING_CODE": CODE},
        )  # fmt: skip
        home = Initiator(folder / "home")
        async with program:
            await program.wait_for_output("Listening", 30)
            await home.pair(port, CODE)
            victim = Victim(program, port, home, time.monotonic())
            # Load the libraries for turns and playback first, so that they do not count as growth.
            await victim.take_turn()
            async with home.pinned(port) as connection:
                await send(connection, Event("run-satellite"), Event("audio-start", CD))
                await send(connection, Event("audio-chunk", CD, bytes(192_000)))
                await send(connection, Event("audio-stop"))
                await until(connection, "played")
            yield victim


async def send(connection: Connection, *events: Event) -> None:
    for event in events:
        await connection.send(event)


async def until(connection: Connection, event_type: str) -> Event:
    async with asyncio.timeout(20):
        while (event := await connection.receive()).type != event_type:
            pass
    return event


async def audio_without_end(victim: Victim) -> None:
    for _ in range(5):
        async with victim.attacked() as connection:
            await send(connection, Event("run-satellite"), Event("audio-start", CD))
            for _ in range(100):
                await send(connection, Event("audio-chunk", CD, bytes(192_000)))


async def empty_and_odd_pieces(victim: Victim) -> None:
    async with victim.attacked() as connection:
        await send(connection, Event("run-satellite"), Event("audio-start", CD))
        for size in (0, 1, 3, 5, 7, 0, 1) * 100:
            await send(connection, Event("audio-chunk", CD, bytes(size)))
        await send(connection, *[Event("audio-chunk", CD)] * 50, Event("audio-stop"))
        await until(connection, "played")


async def wrong_formats_and_types(victim: Victim) -> None:
    formats: list[dict[str, Any]] = [
        {}, {"rate": 0, "width": 2, "channels": 1}, {"rate": 10**30, "width": 2, "channels": 1},
        {"rate": -1, "width": -1, "channels": -1}, {"rate": "16000", "width": None, "channels": []},
        {"rate": 16_000.5, "width": 2, "channels": 1}, {"rate": True, "width": 99, "channels": 99},
    ]  # fmt: skip
    odd: list[Any] = [None, 0, -1, 1.5, "x", [], {}, True]
    events = [Event(name, data, bytes(100)) for data in formats
              for name in ("audio-start", "audio-chunk", "audio-stop")]  # fmt: skip
    events += [
        Event(name, {key: value})
        for value in odd
        for name, key in (
            ("mute", "muted"), ("detect", "names"), ("error", "code"), ("ping", "text"),
            ("pipeline-ended", "answer"), ("voice-stopped", "turn"), ("run-pipeline", "turn"),
        )
        if (name, value) != ("mute", True)
    ]  # fmt: skip
    for event in events:
        async with victim.attacked() as connection:
            await send(connection, Event("run-satellite"), event, Event("describe"))
            await until(connection, "info")


async def floods_of_unknown_events(victim: Victim) -> None:
    for _ in range(5):
        async with victim.attacked() as connection:
            await send(connection, Event("run-satellite"))
            for number in range(3_000):
                await send(connection, Event(f"unknown-{number}", {"x": [number]}))


async def streams_asked_for_without_end(victim: Victim) -> None:
    for _ in range(3):
        async with victim.attacked() as connection:
            await send(connection, Event("run-satellite"))
            await send(connection, *[Event("run-pipeline"), Event("voice-stopped")] * 600)


async def giant_fields(victim: Victim) -> None:
    for event in (
        Event("x" * 15_000),
        Event("error", {"code": "x" * 60_000, "text": "y" * 3_000}),
        Event("detect", {"names": ["x" * 60_000]}),
        Event("detect", {"names": ["x"] * 12_000}),
        Event("ping", {"text": "x" * 60_000}),
        Event("x", {"a": [[]] * 20_000}),
        Event("x", {"a": "x" * 900_000}),
        Event("audio-chunk", CD, bytes(900_000)),
    ):
        for _ in range(5):
            async with victim.attacked() as connection:
                await send(connection, Event("run-satellite"), *[event] * 10)
                await until(connection, "status")


async def many_connections(victim: Victim) -> None:
    async def connect() -> None:
        for _ in range(5):
            with contextlib.suppress(*GONE):  # some are rejected at the limit
                async with victim.home.pinned(victim.port) as connection:
                    stop_reading(connection)
                    await send(connection, Event("run-satellite"), *[Event("describe")] * 100)

    await asyncio.gather(*(connect() for _ in range(20)))


@pytest.mark.parametrize(
    "attack",
    [
        audio_without_end,
        empty_and_odd_pieces,
        wrong_formats_and_types,
        floods_of_unknown_events,
        streams_asked_for_without_end,
        giant_fields,
        many_connections,
    ],
)
async def test_memory_stays_bounded_and_home_assistant_can_reconnect(
    victim: Victim, attack: Callable[[Victim], Awaitable[None]]
) -> None:
    idle, logged = victim.memory_bytes("VmRSS"), victim.program.output()
    victim.reset_peak_memory()
    async with asyncio.timeout(60):
        await attack(victim)
    await victim.take_turn()
    assert victim.memory_bytes("VmHWM") - idle < MAX_GROWTH_BYTES
    new_lines = victim.program.output().removeprefix(logged)
    assert "Traceback" not in new_lines, new_lines
    assert len(new_lines.splitlines()) <= MAX_LINES, new_lines


async def test_a_stream_that_is_requested_repeatedly_is_closed_in_time(victim: Victim) -> None:
    async with victim.home.pinned(victim.port) as connection:
        await send(connection, Event("run-satellite"), Event("run-pipeline"))
        await until(connection, "run-pipeline")
        started = time.monotonic()

        async def insist() -> None:
            while True:
                await send(connection, Event("run-pipeline"), Event("ping", {"text": "x"}))
                await asyncio.sleep(0.5)

        async with in_background(insist()):
            await until(connection, "audio-stop")
        # Allow for a busy machine.
        assert time.monotonic() - started < MAX_STREAM_SECONDS + 2


async def test_each_kind_of_fault_is_logged_clearly_and_rarely(victim: Victim) -> None:
    """Covers all of the attacks above."""
    output = victim.program.output()
    minutes = 1 + (time.monotonic() - victim.started_seconds) // 60
    for fault in (
        "broke the protocol: too many events",
        "broke the protocol: data_length must be between 0 and 131072",
        "broke the protocol: payload_length must be between 0 and 262144",
        "sent audio-start: rate must be a whole number",
    ):
        assert 1 <= output.count(fault) <= minutes, output
