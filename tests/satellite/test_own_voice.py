"""A satellite that says wake words, in a virtual room that carries its voice to its microphone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from wyoming.event import Event

from demo.home_assistant import free_port
from demo.house import COMMAND
from demo.processes import Program
from demo.sound import BYTES_PER_SECOND, RATE, SoundServer, VirtualRoom
from demo.voice import Person, silence
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection
from tests.waiting import events_until

FORMAT = {"rate": RATE, "width": 2, "channels": 1}
TURN_EVENTS = ("detection", "run-pipeline")
ECHO_IS_OVER_SECONDS = 3.0


@pytest.fixture
async def room(folder: Path) -> AsyncIterator[VirtualRoom]:
    server = SoundServer(folder / "own")
    async with server.running():
        yield await server.room("attic")


@asynccontextmanager
async def satellite(room: VirtualRoom, folder: Path, word: str) -> AsyncIterator[Connection]:
    """Run a satellite and control it."""
    port = free_port()
    program = Program(
        "The satellite",
        (COMMAND, "satellite", "--host=127.0.0.1", f"--port={port}", "--insecure-wyoming",
         "--no-cues", f"--wake-word={word}", f"--state-dir={folder / 'own-state'}"),
        log=folder / "own.log",
        env=room.env,
    )  # fmt: skip
    async with program:
        await program.wait_for_output("Listening", 60)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MAX_HEADER_BYTES)
        connection = Connection(reader, writer)
        try:
            await connection.send(Event("run-satellite"))
            yield connection
        finally:
            await connection.close()


async def announce(connection: Connection, sound: bytes) -> None:
    await connection.send(Event("audio-start", dict(FORMAT)))
    for start in range(0, len(sound), BYTES_PER_SECOND):
        piece = sound[start : start + BYTES_PER_SECOND]
        await connection.send(Event("audio-chunk", dict(FORMAT), piece))
    await connection.send(Event("audio-stop"))


async def events_during(connection: Connection, seconds: float) -> list[str]:
    """Return the types of the events that arrive in this time."""
    types: list[str] = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                types.append((await connection.receive()).type)
                await connection.send(Event("ping"))
    except TimeoutError:
        return types


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("hey_jarvis", "Say hey Jarvis! Then tell me what you want."),
        ("alexa", "They were called Alexa, and they lived in a shoe."),
    ],
)
async def test_it_does_not_wake_itself_and_still_hears_a_person(
    room: VirtualRoom, folder: Path, word: str, answer: str
) -> None:
    person = Person()
    said = await asyncio.to_thread(person.speech, answer)
    called = await asyncio.to_thread(person.speech, f"{word.replace('_', ' ').title()}!")
    async with satellite(room, folder, word) as connection:
        await announce(connection, said)
        before = await events_until(connection, "played")
        after = await events_during(connection, ECHO_IS_OVER_SECONDS)
        heard = [event.type for event in before] + after
        assert not [event for event in heard if event in TURN_EVENTS]
        await announce(connection, silence(6.0))
        await room.say(called)
        begun = await events_until(connection, "run-pipeline")
        assert "detection" in [event.type for event in begun]
