"""A satellite that speaks, in a virtual room that carries its voice to its microphone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from wyoming.event import Event

from demo.house import COMMAND
from demo.ports import free_port
from demo.processes import Program
from demo.sound import BYTES_PER_SECOND, DEFAULT_ECHO_DB, RATE, SoundServer, VirtualRoom
from demo.turns import AUDIBLE
from demo.voice import Person, silence
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection
from tests.waiting import events_until, until

FORMAT = {"rate": RATE, "width": 2, "channels": 1}
TURN_EVENTS = ("detection", "run-pipeline")
ECHO_IS_OVER_SECONDS = 3.0
PING_SECONDS = 2.0
AS_LOUD_DB = 0.0
"""The microphone hears the loudspeaker as loudly as a person who speaks like it."""
LEARNED_SECONDS = 4.0
FORECAST = (
    "The forecast for today is mostly cloudy, with a chance of rain in the afternoon and a high of "
    "fourteen degrees."
)
LONG_ANSWER = (
    f"{FORECAST} There are four things on your shopping list: milk, two loaves of bread, a "
    "dozen eggs and some washing powder. Your first appointment is at nine with the dentist, and "
    "the train leaves at twenty past eight from platform two."
)


@pytest.fixture
async def room(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[VirtualRoom]:
    server = SoundServer(folder / "own")
    async with server.running():
        yield await server.room("attic", echo_db=request.param)


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
        pinging = asyncio.create_task(ping(connection))
        try:
            await connection.send(Event("run-satellite"))
            yield connection
        finally:
            pinging.cancel()
            await connection.close()


async def ping(connection: Connection) -> None:
    """Keep the satellite from giving the connection up."""
    while True:
        await connection.send(Event("ping"))
        await asyncio.sleep(PING_SECONDS)


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
    except TimeoutError:
        return types


@pytest.mark.parametrize(
    ("word", "answer", "room"),
    [
        ("hey_jarvis", "Say hey Jarvis! Then tell me what you want.", DEFAULT_ECHO_DB),
        ("alexa", "They were called Alexa, and they lived in a shoe.", DEFAULT_ECHO_DB),
        ("alexa", f"{FORECAST} They were called Alexa, and they lived in a shoe.", AS_LOUD_DB),
    ],
    indirect=["room"],
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


@pytest.mark.parametrize("room", [AS_LOUD_DB], indirect=True)
@pytest.mark.parametrize("word", ["hey_jarvis", "alexa"])
async def test_a_person_interrupts_an_answer_that_is_as_loud(
    room: VirtualRoom, folder: Path, word: str
) -> None:
    person = Person()
    said = await asyncio.to_thread(person.speech, LONG_ANSWER)
    called = await asyncio.to_thread(
        person.speech, f"{word.replace('_', ' ').title()}!", length_scale=1.15
    )
    async with satellite(room, folder, word) as connection, room.recorded() as recording:
        await announce(connection, said)

        def speaking_seconds() -> float:
            samples = np.frombuffer(recording[: len(recording) // 2 * 2], "<i2")
            loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
            return (samples.size - loud[0]) / RATE if loud.size else 0.0

        await until(speaking_seconds, lambda seconds: seconds > LEARNED_SECONDS)
        await room.say(called)
        before = await events_until(connection, "run-pipeline")
        assert "detection" in [event.type for event in before]
        assert speaking_seconds() < len(said) / BYTES_PER_SECOND
