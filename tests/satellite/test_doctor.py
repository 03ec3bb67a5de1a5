"""A new satellite and its doctor, in a virtual room with real sound."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from wyoming.event import Event

from demo.house import COMMAND
from demo.ports import free_port
from demo.processes import Program
from demo.sound import SoundServer, VirtualRoom
from demo.turns import AUDIBLE, wait_until_quiet
from demo.voice import noise
from indoor_voice.link.wire import Connection
from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.sound.prompts import recording as recording_of
from indoor_voice.room.sound.prompts import spoken_code
from indoor_voice.room.verifier_file import FILE
from tests.link.initiator import Initiator
from tests.listening import cues_in, likeness, must_hear, words_in
from tests.waiting import events_until, until

VERIFIER = {"weights": base64.b64encode(bytes(4608)).decode(), "bias": 0, "threshold": 0}


@pytest.fixture
async def room(folder: Path) -> AsyncIterator[VirtualRoom]:
    server = SoundServer(folder / "doctor")
    async with server.running():
        yield await server.room("attic")


async def run(room: VirtualRoom, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        COMMAND, *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": "/usr/bin:/bin", **room.env},
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def doctor(room: VirtualRoom, *arguments: str) -> tuple[int, str]:
    """Run the doctor with background noise, because no real room is entirely silent."""
    async with asyncio.TaskGroup() as tasks:
        noise_task = tasks.create_task(room.say(noise(30.0, level_dbfs=-55)))
        result = await run(room, "doctor", *arguments)
        noise_task.cancel()
    return result


async def next_of(connection: Connection, event_type: str) -> Event:
    """Return the next event of a type, skipping others."""
    return (await events_until(connection, event_type))[-1]


def complete_samples(recording: bytearray) -> bytes:
    """Return the samples that have arrived completely."""
    return bytes(recording[: len(recording) // 2 * 2])


async def test_the_doctor_finds_a_healthy_room(room: VirtualRoom, folder: Path) -> None:
    _, output = await doctor(room, f"--state-dir={folder / 'none'}", f"--port={free_port()}")
    for subject in ("microphone", "loudspeaker", "wake word", "clock", "network"):
        assert f"PASS  {subject}" in output, output
    assert "SKIP  pairing" in output


async def test_the_doctor_says_whether_cancelling_the_echo_helps(folder: Path) -> None:
    server = SoundServer(folder / "doctor-echo")
    async with server.running():
        loud = await server.room("loft", echo_db=-6.0)
        _, output = await doctor(loud, f"--state-dir={folder / 'none'}", f"--port={free_port()}")
    (line,) = [line for line in output.splitlines() if line[6:].startswith("echo")]
    said = r"heard \d+ ms later at -\d+ dBFS; cancelling removes \d+ dB, so it helps"
    assert re.fullmatch(rf"PASS  echo +{said}", line), line


async def test_a_new_satellite_speaks_its_code_mutes_and_is_reset(
    room: VirtualRoom, folder: Path
) -> None:
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
        spoken = spoken_code("".join(printed), times=2)

        def code_likeness() -> float:
            return likeness(
                np.frombuffer(complete_samples(recording), "<i2").astype(np.float64), spoken
            )

        await until(
            lambda: asyncio.to_thread(code_likeness),
            lambda alike: alike > 0.95,
            seconds=60,
            pause_seconds=1,
        )
        heard = complete_samples(recording)
        samples = np.frombuffer(heard, "<i2").astype(np.float64)
        # A small speech model has trouble with single digits. It checks only the words before
        # them; the digits are compared with their recordings.
        start = int(np.flatnonzero(np.abs(samples) > AUDIBLE)[0])
        announcement_end = start + recording_of("my-pairing-code-is").size
        must_hear(heard[: 2 * announcement_end], "my pairing code is")
        other_code = "".join(printed[::-1]) if printed[0] != printed[1] else "019283"
        assert likeness(samples, spoken_code(other_code, times=2)) < 0.9

        status, output = await doctor(room, state)
        assert status == 1
        for subject in ("microphone", "loudspeaker", "wake word"):
            assert f"PASS  {subject}" in output, output
        assert f"waiting for its code, {' '.join(printed)}" in output
        assert "Listening" in program.output()

        await until(room.is_heard)
        await wait_until_quiet(recording)
        recording.clear()
        assert (await run(room, "button", "mute", state))[0] == 0
        await until(room.is_heard, lambda it: not it)
        await until(
            lambda: asyncio.to_thread(cues_in, complete_samples(recording)),
            lambda cues: cues == {Cue.MUTED},
        )
        assert "SKIP  microphone  muted" in (await run(room, "doctor", state))[1]

        assert (await run(room, "satellite", "--reset", state))[0] == 0
        await until(lambda: program.output().count("Pairing code:"), lambda codes: codes == 2)
        codes = re.findall(r"Pairing code: (\d{3} \d{3})", program.output())
        assert len(set(codes)) == 2


async def test_a_satellite_is_paired_used_and_unpaired(room: VirtualRoom, folder: Path) -> None:
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
        await wait_until_quiet(recording)
        recording.clear()
        await asyncio.sleep(2)
        assert not cues_in(complete_samples(recording))
        assert words_in(complete_samples(recording)) in (
            "",
            "you",
        )  # how Whisper transcribes silence

        async with home.pinned(port) as connection:
            await connection.send(Event("run-satellite"))
            assert (await next_of(connection, "status")).data["microphone"]
            assert (await run(room, "button", "press", state))[0] == 0
            assert (await next_of(connection, "run-pipeline")).data["turn"] == 1
            await connection.send(Event("voice-stopped"))
            await connection.send(Event("pipeline-ended", {"answer": False}))
            await next_of(connection, "audio-stop")
            await connection.send(Event("mute", {"muted": True}))
            assert (await next_of(connection, "status")).data["muted"]
            assert "PASS  pairing     paired, and" in (await run(room, "doctor", state))[1]
            await connection.send(Event("set-verifiers", {"verifiers": {"hey_jarvis": VERIFIER}}))
            assert (await next_of(connection, "verifiers")).data["words"] == ["hey_jarvis"]
            assert (folder / "loft" / FILE).is_file()
            await connection.send(Event("unpair"))
            await next_of(connection, "unpaired")
        # What the household has learned goes with it.
        await until((folder / "loft" / FILE).exists, lambda there: not there)
        await until(lambda: program.output().count("Pairing code:"), lambda codes: codes == 2)
        assert program.output().count("Pairing code: 492 173") == 1
