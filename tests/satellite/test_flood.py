"""A flood of connections from Home Assistant's own address, against real processes."""

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from wyoming.event import Event
from wyoming.tts import Synthesize

from custom_components.indoor_voice.link import certificate, client, pairing, tls
from custom_components.indoor_voice.link.synthesis import BOUNDS
from demo.house import COMMAND
from demo.ports import free_port
from demo.processes import Program
from demo.sound import SoundServer
from tests.link.initiator import CODE

FLOOD_SECONDS = 0.5
"""For each kind of flood."""
MAX_LINES = 8
"""About strangers, one at first and one a minute; and a few about the controller."""
MIN_CONNECTIONS = 2000


@dataclass
class Device:
    """A satellite or speech server, with the connection details of its paired Home Assistant."""

    program: Program
    port: int
    tls_context: tls.LinkContext

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[client.ClientConnection]:
        address = client.Address(host="127.0.0.1", port=self.port)
        async with client.connected(address, self.tls_context, BOUNDS) as connection:
            yield connection

    async def flood(self) -> int:
        """Flood it in all ways, and return the number of connections made."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.link.flooder", str(self.port), str(FLOOD_SECONDS)),
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await process.communicate()
        return int(printed.split()[-1])


@asynccontextmanager
async def paired(kind: str, folder: Path, env: Mapping[str, str]) -> AsyncIterator[Device]:
    port = free_port()
    options = ("--language=en",) if kind == "speech" else ()
    program = Program(
        f"The {kind}",
        (COMMAND, kind, "--host=127.0.0.1", f"--port={port}", f"--state-dir={folder / 'state'}",
         *options),
        log=folder / "log",
        env={**env, "INDOOR_VOICE_PAIRING_CODE": CODE},
    )  # fmt: skip
    async with program:
        await program.wait_for_output("Listening", 60)
        own = certificate.load_or_make(folder / "home.pem")
        address = client.Address(host="127.0.0.1", port=port)
        peer = await pairing.pair(address, CODE, own.pem)
        device = Device(program, port, tls.pinned(own, peer))
        async with device.connected() as connection:  # makes its address known
            await client.describe(connection)
        yield device


async def until(connection: client.ClientConnection, event_type: str) -> None:
    async with asyncio.timeout(30):
        while (event := await connection.receive()).type != event_type:
            assert event.type != "error", event.data


async def ask_satellite(device: Device) -> None:
    """Take a turn on a new connection."""
    async with device.connected() as connection:
        for event in ("run-satellite", "run-pipeline"):
            await connection.send(Event(event))
        await until(connection, "run-pipeline")
        await connection.send(Event("voice-stopped"))
        await until(connection, "audio-stop")


async def ask_speech_server(device: Device) -> None:
    async with device.connected() as connection:
        await connection.send(Synthesize(text="Yes."))
        await until(connection, "audio-stop")


@pytest.mark.parametrize("kind", ["satellite", "speech"])
async def test_every_turn_succeeds_and_the_log_stays_short(folder: Path, kind: str) -> None:
    place = folder / f"flood-{kind}"
    place.mkdir()
    async with contextlib.AsyncExitStack() as stack:
        env: Mapping[str, str] = {}
        if kind == "satellite":
            sound = SoundServer(place / "sound")
            await stack.enter_async_context(sound.running())
            env = (await sound.room("cellar")).env
        device = await stack.enter_async_context(paired(kind, place, env))
        ask = ask_satellite if kind == "satellite" else ask_speech_server
        await ask(device)
        before = device.program.output()
        flood = asyncio.create_task(device.flood())
        while not flood.done():
            await ask(device)
        logged = device.program.output().removeprefix(before).splitlines()
        connections = await flood
    assert connections > MIN_CONNECTIONS
    assert len(logged) <= MAX_LINES, logged
    counted = re.findall(r"Turned away (\d+) connections, the last", device.program.output())
    assert sum(map(int, counted)) > connections / 2
