"""A real satellite whose disk is full or read-only: mute is never lost, and nothing is hidden."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from wyoming.event import Event

from demo.home_assistant import free_port
from demo.house import COMMAND
from demo.processes import Program
from demo.sound import SoundServer
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection
from tests.satellite.disk import Disk, disk
from tests.waiting import events_until

_NUMBERS = itertools.count()


@dataclass
class House:
    """A satellite whose state is on a disk of its own."""

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
            return await heard(connection, "status")

    async def ask(self, event: Event, answer: str) -> Event:
        async with self.control() as connection:
            await heard(connection, "status")
            await connection.send(event)
            return await heard(connection, answer)


async def heard(connection: Connection, event_type: str) -> Event:
    return (await events_until(connection, event_type))[-1]


def mute(muted: bool) -> Event:  # noqa: FBT001 - the event's own
    return Event("mute", {"muted": muted})


@pytest.fixture(params=["--insecure-wyoming"])
async def house(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
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
            "The satellite", state.holds(*command), log=folder / f"{name}.log", env=room.env
        )
        async with program:
            await program.wait_for_output("Listening", 30)
            yield House(state, program, port)


async def test_on_a_full_disk_mute_outlasts_a_power_cut(house: House) -> None:
    house.disk.fill()
    assert (await house.ask(mute(True), "status")).data["muted"]
    await house.restart()
    assert "the disk is full" in house.program.output()
    assert (await house.status()).data["muted"]
    error = await house.ask(Event("detect", {"names": ["alexa"]}), "error")
    assert error.data["code"] == "failed"
    status = (await house.status()).data
    assert (status["muted"], status["storage"]) == (True, False)


async def test_on_a_read_only_disk_it_starts_as_muted_as_it_was_and_stays_so(house: House) -> None:
    assert (await house.ask(mute(True), "status")).data["muted"]
    await house.disk.remount("ro")
    await house.restart()
    assert "the file system is read-only" in house.program.output()
    status = (await house.status()).data
    assert (status["muted"], status["storage"]) == (True, False)
    error = await house.ask(mute(False), "error")
    assert error.data["code"] == "failed"
    assert (await house.status()).data["muted"]
    button = await asyncio.create_subprocess_exec(
        *house.disk.holds(COMMAND, "button", "unmute", f"--state-dir={house.disk.folder}"),
        env=house.program._env,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await button.communicate()
    assert button.returncode == 1
    assert "Cannot keep" in said.decode()
    assert (await house.status()).data["muted"]


async def test_muted_on_a_read_only_disk_it_says_that_this_is_lost(house: House) -> None:
    await house.disk.remount("ro")
    await house.restart()
    assert not (await house.status()).data["muted"]
    assert (await house.ask(mute(True), "error")).data["code"] == "failed"
    status = (await house.status()).data
    assert (status["muted"], status["mute_kept"]) == (True, False)
    # What was never kept needs no writing to be taken back.
    assert not (await house.ask(mute(False), "status")).data["muted"]


@pytest.mark.parametrize("house", ["--cue-volume=0"], indirect=True)
async def test_a_protected_satellite_starts_from_a_read_only_disk(house: House) -> None:
    await house.disk.remount("ro")
    await house.restart()
    assert "the file system is read-only" in house.program.output()
