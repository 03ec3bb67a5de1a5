"""A satellite before it is paired, and its doctor, in a room of real sound."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from wyoming.event import Event

from demo.home_assistant import free_port
from demo.house import COMMAND
from demo.processes import Program
from demo.sound import Room, SoundServer
from demo.turns import AUDIBLE
from demo.voice import noise
from indoor_voice.link.wire import Connection
from indoor_voice.room.cues import Cue
from indoor_voice.room.spoken import recording as recording_of
from indoor_voice.room.spoken import spoken_code
from tests.link.initiator import Initiator
from tests.listening import cues_in, likeness, must_hear, words_in


@pytest.fixture
async def room(folder: Path) -> AsyncIterator[Room]:
    server = SoundServer(folder / "doctor")
    async with server.running():
        yield await server.room("attic")


async def run(room: Room, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        COMMAND, *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": "/usr/bin:/bin", **room.env},
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def doctor(room: Room, *arguments: str) -> tuple[int, str]:
    """Run the doctor in a room that is not as silent as only software is."""
    async with asyncio.TaskGroup() as tasks:
        humming = tasks.create_task(room.say(noise(30.0, level_dbfs=-55)))
        result = await run(room, "doctor", *arguments)
        humming.cancel()
    return result


async def until(connection: Connection, event_type: str) -> Event:
    """Skip to the next event of a type."""
    async with asyncio.timeout(10):
        while (event := await connection.receive()).type != event_type:
            pass
    return event


async def microphones_in_use(room: Room) -> int:
    return (await room._server.control("list", "short", "source-outputs")).count("protocol-native")


async def test_the_doctor_finds_a_healthy_room(room: Room, folder: Path) -> None:
    _, output = await doctor(room, f"--state-dir={folder / 'none'}", f"--port={free_port()}")
    for subject in ("microphone", "loudspeaker", "wake word", "clock", "network"):
        assert f"PASS  {subject}" in output, output
    assert "SKIP  pairing" in output


async def test_a_new_satellite_speaks_its_code_mutes_and_is_reset(room: Room, folder: Path) -> None:
    state = f"--state-dir={folder / 'attic'}"
    program = Program(
        "The satellite",
        (COMMAND, "satellite", "--host=127.0.0.1", f"--port={free_port()}", state),
        log=folder / "attic.log",
        env=room.env,
    )
    async with room.recorded() as recording, program:
        await program.wait_for_output("Listening", 30)
        (printed,) = re.findall(r"Pairing code: (\d{3}) (\d{3})", program.output())
        await asyncio.sleep(20)
        heard = bytes(recording[: len(recording) // 2 * 2])
        samples = np.frombuffer(heard, "<i2").astype(np.float64)
        # Single digits are hard on a small recogniser: it hears what comes before them, and they
        # are compared with what they must sound like.
        begin = int(np.flatnonzero(np.abs(samples) > AUDIBLE)[0])
        announced = begin + recording_of("my-pairing-code-is").size
        must_hear(heard[: 2 * announced], "my pairing code is")
        assert likeness(samples, spoken_code("".join(printed), times=2)) > 0.95
        another = "".join(printed[::-1]) if printed[0] != printed[1] else "019283"
        assert likeness(samples, spoken_code(another, times=2)) < 0.9

        status, output = await doctor(room, state)
        assert status == 1
        for subject in ("microphone", "loudspeaker", "wake word"):
            assert f"PASS  {subject}" in output, output
        assert f"waiting for its code, {' '.join(printed)}" in output
        assert "Listening" in program.output()

        assert await microphones_in_use(room) > 0
        recording.clear()
        before = await microphones_in_use(room)
        assert (await run(room, "button", "mute", state))[0] == 0
        await asyncio.sleep(1.5)
        assert await microphones_in_use(room) == before - 1
        assert cues_in(bytes(recording[: len(recording) // 2 * 2])) == {Cue.MUTED}
        assert "SKIP  microphone  muted" in (await run(room, "doctor", state))[1]

        assert (await run(room, "satellite", "--reset", state))[0] == 0
        async with asyncio.timeout(30):
            while program.output().count("Pairing code:") < 2:
                program.check()
                await asyncio.sleep(0.1)
        codes = re.findall(r"Pairing code: (\d{3} \d{3})", program.output())
        assert len(set(codes)) == 2


async def test_a_satellite_is_paired_used_and_unpaired(room: Room, folder: Path) -> None:
    state, port = f"--state-dir={folder / 'loft'}", free_port()
    program = Program(
        "The satellite",
        (COMMAND, "satellite", "--host=127.0.0.1", f"--port={port}", state),
        log=folder / "loft.log",
        env={**room.env, "INDOOR_VOICE_PAIRING_CODE": "492 173"},
    )
    home = Initiator(folder / "home")
    async with room.recorded() as recording, program:
        await program.wait_for_output("Pairing code: 492 173", 30)
        await home.pair(port, "492173")
        await asyncio.sleep(1)
        recording.clear()
        await asyncio.sleep(2)
        assert not cues_in(bytes(recording))
        assert words_in(bytes(recording)) in ("", "you")  # what a recogniser makes of silence

        async with home.pinned(port) as connection:
            await connection.send(Event("run-satellite"))
            assert (await until(connection, "status")).data["microphone"]
            assert (await run(room, "button", "press", state))[0] == 0
            assert (await until(connection, "run-pipeline")).data["turn"] == 1
            await connection.send(Event("voice-stopped"))
            await connection.send(Event("pipeline-ended", {"answer": False}))
            await until(connection, "audio-stop")
            await connection.send(Event("mute", {"muted": True}))
            assert (await until(connection, "status")).data["muted"]
            assert "PASS  pairing     paired, and" in (await run(room, "doctor", state))[1]
            await connection.send(Event("unpair"))
            await until(connection, "unpaired")
        async with asyncio.timeout(10):
            while program.output().count("Pairing code:") < 2:
                await asyncio.sleep(0.05)
        assert program.output().count("Pairing code: 492 173") == 1
