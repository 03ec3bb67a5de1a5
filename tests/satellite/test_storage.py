"""A real satellite on a full or read-only disk loses no mute and reports every failure."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from wyoming.event import Event

from demo.house import COMMAND
from demo.ports import free_port
from demo.processes import Program
from demo.sound import SoundServer
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection
from tests.satellite.disk import Disk, disk
from tests.waiting import events_until

_NUMBERS = itertools.count()


@dataclass
class ServedSatellite:
    """A satellite with its state on a separate disk."""

    disk: Disk
    program: Program
    port: int

    @contextlib.asynccontextmanager
    async def control(self) -> AsyncIterator[Connection]:
        connection = Connection(
            *await asyncio.open_connection("127.0.0.1", self.port, limit=MAX_HEADER_BYTES)
        )
        try:
            await connection.send(Event("run-satellite"))
            yield connection
        finally:
            await connection.close()

    async def restart(self) -> None:
        await self.program.kill()
        await self.program.start()
        await self.program.wait_for_output("Listening", 30)

    async def status(self) -> Event:
        async with self.control() as connection:
            return await next_event(connection, "status")

    async def ask(self, event: Event, answer: str) -> Event:
        async with self.control() as connection:
            await next_event(connection, "status")
            await connection.send(event)
            return await next_event(connection, answer)


async def next_event(connection: Connection, event_type: str) -> Event:
    return (await events_until(connection, event_type))[-1]


def mute(muted: bool) -> Event:  # noqa: FBT001 - as in the event
    return Event("mute", {"muted": muted})


@pytest.fixture(params=["--insecure-wyoming"])
async def satellite(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[ServedSatellite]:
    name = f"storage-{next(_NUMBERS)}"
    server = SoundServer(folder / f"sound-{name}")
    mounted_at = folder / f"disk-{name}"
    mounted_at.mkdir()
    async with server.running(), disk(mounted_at) as state:
        room = await server.room("attic")
        port = free_port()
        command = (COMMAND, "satellite", "--host=127.0.0.1", f"--port={port}", request.param,
                   f"--state-dir={state.folder}")  # fmt: skip
        program = Program(
            "The satellite", state.inside(*command), log=folder / f"{name}.log", env=room.env
        )
        async with program:
            await program.wait_for_output("Listening", 30)
            yield ServedSatellite(state, program, port)


async def test_on_a_full_disk_a_mute_survives_a_power_cut(satellite: ServedSatellite) -> None:
    satellite.disk.fill()
    assert (await satellite.ask(mute(True), "status")).data["muted"]
    await satellite.restart()
    assert "the disk is full" in satellite.program.output()
    assert (await satellite.status()).data["muted"]
    error = await satellite.ask(Event("detect", {"names": ["alexa"]}), "error")
    assert error.data["code"] == "failed"
    status = (await satellite.status()).data
    assert (status["muted"], status["storage"]) == (True, False)


async def test_on_a_read_only_disk_it_starts_muted_and_stays_muted(
    satellite: ServedSatellite,
) -> None:
    assert (await satellite.ask(mute(True), "status")).data["muted"]
    await satellite.disk.remount("ro")
    await satellite.restart()
    assert "the file system is read-only" in satellite.program.output()
    status = (await satellite.status()).data
    assert (status["muted"], status["storage"]) == (True, False)
    error = await satellite.ask(mute(False), "error")
    assert error.data["code"] == "failed"
    assert (await satellite.status()).data["muted"]
    button = await asyncio.create_subprocess_exec(
        *satellite.disk.inside(COMMAND, "button", "unmute", f"--state-dir={satellite.disk.folder}"),
        env=satellite.program.env,
        stderr=asyncio.subprocess.PIPE,
    )
    _, output = await button.communicate()
    assert button.returncode == 1
    assert "Cannot save" in output.decode()
    assert (await satellite.status()).data["muted"]


async def test_on_a_read_only_disk_it_reports_that_a_mute_will_be_lost(
    satellite: ServedSatellite,
) -> None:
    await satellite.disk.remount("ro")
    await satellite.restart()
    assert not (await satellite.status()).data["muted"]
    assert (await satellite.ask(mute(True), "error")).data["code"] == "failed"
    status = (await satellite.status()).data
    assert (status["muted"], status["mute_kept"]) == (True, False)
    # A mute that was never saved can be undone without writing.
    assert not (await satellite.ask(mute(False), "status")).data["muted"]


@pytest.mark.parametrize("satellite", ["--cue-volume=0"], indirect=True)
async def test_a_protected_satellite_starts_from_a_read_only_disk(
    satellite: ServedSatellite,
) -> None:
    await satellite.disk.remount("ro")
    await satellite.restart()
    assert "the file system is read-only" in satellite.program.output()
