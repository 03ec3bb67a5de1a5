"""Plain Wyoming: our parts in Home Assistant's Wyoming integration, and a server in ours."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from demo.house import COMMAND, START_TIMEOUT_SECONDS, House
from demo.ports import free_port
from demo.processes import Program
from demo.turns import Watcher, take_turn
from demo.voice import Person


@dataclass
class Plain:
    """A program of ours that speaks plain Wyoming, like software of other vendors."""

    program: Program
    port: int


@pytest_asyncio.fixture(loop_scope="session")
async def plain_speech(folder: Path) -> AsyncIterator[Plain]:
    port = free_port()
    program = Program(
        "The unprotected speech server",
        (COMMAND, "speech", "--insecure-wyoming", "--host=127.0.0.1", f"--port={port}",
         f"--state-dir={folder / 'plain_speech'}"),
        log=folder / "plain_speech.log",
    )  # fmt: skip
    async with program:
        await program.wait_for_output("Listening", START_TIMEOUT_SECONDS)
        yield Plain(program, port)


@pytest_asyncio.fixture(loop_scope="session")
async def plain_satellite(house: House, folder: Path) -> AsyncIterator[Plain]:
    """A third satellite, in a third room."""
    room = house.rooms["Attic"] = await house.sound.room("attic")
    port = free_port()
    program = Program(
        "The unprotected satellite",
        (COMMAND, "satellite", "--insecure-wyoming", "--host=127.0.0.1", f"--port={port}",
         "--name=Attic", f"--state-dir={folder / 'attic'}"),
        log=folder / "attic.log",
        env=room.env,
    )  # fmt: skip
    async with program:
        await program.wait_for_output("Listening", START_TIMEOUT_SECONDS)
        yield Plain(program, port)


async def prefer(house: House, stt_engine: str, tts_engine: str, tts_language: str) -> str:
    """Create an assistant with two engines, prefer it, and return the previously preferred one."""
    pipelines = await house.home_assistant.call("assist_pipeline/pipeline/list")
    before: str = pipelines["preferred_pipeline"]
    pipeline = await house.home_assistant.call(
        "assist_pipeline/pipeline/create",
        name="Plain Wyoming",
        language="en",
        conversation_engine="conversation.home_assistant",
        conversation_language="en",
        stt_engine=stt_engine,
        stt_language="en",
        tts_engine=tts_engine,
        tts_language=tts_language,
        tts_voice=None,
        wake_word_entity=None,
        wake_word_id=None,
    )
    await house.home_assistant.call(
        "assist_pipeline/pipeline/set_preferred", pipeline_id=pipeline["id"]
    )
    return before


async def remove(house: House, *entry_ids: str) -> None:
    for entry_id in entry_ids:
        await house.home_assistant.request("DELETE", f"/api/config/config_entries/entry/{entry_id}")


async def engines(house: House, entry_id: str) -> tuple[str, str]:
    (stt_engine,) = await house.home_assistant.entity_ids("stt", entry_id)
    (tts_engine,) = await house.home_assistant.entity_ids("tts", entry_id)
    return stt_engine, tts_engine


async def test_a_plain_wyoming_speech_server_works_by_explicit_choice(
    house: House, person: Person, watcher: Watcher, plain_speech: Plain
) -> None:
    entry = await house.home_assistant.configure(
        "indoor_voice",
        {"next_step_id": "unprotected"},
        {"host": "127.0.0.1", "port": plain_speech.port},
        {"create_pipeline": False, "prefer_pipeline": False},
    )
    before = await prefer(house, *await engines(house, entry["entry_id"]), "en-US")
    try:
        turn = await take_turn(
            house,
            "Kitchen",
            person.speech("Hey Jarvis, turn on the kitchen light."),
            watcher=watcher,
        )
        assert turn.run is not None
        assert await house.home_assistant.state("light.kitchen_light") == "on"
    finally:
        await house.home_assistant.call(
            "assist_pipeline/pipeline/set_preferred", pipeline_id=before
        )
        await remove(house, entry["entry_id"])


async def test_home_assistants_own_integration_can_try_our_parts(
    house: House,
    person: Person,
    watcher: Watcher,
    plain_speech: Plain,
    plain_satellite: Plain,
) -> None:
    speech, satellite = [
        await house.home_assistant.configure("wyoming", {"host": "127.0.0.1", "port": one.port})
        for one in (plain_speech, plain_satellite)
    ]
    before = await prefer(house, *await engines(house, speech["entry_id"]), "en-US")
    (house.satellite_entities["Attic"],) = await house.home_assistant.entity_ids(
        "assist_satellite", satellite["entry_id"]
    )
    try:
        await house.wait_until_idle("Attic")
        for verb, state in (("on", "on"), ("off", "off")):
            await take_turn(
                house,
                "Attic",
                person.speech(f"Hey Jarvis, turn {verb} the bedroom light."),
                watcher=watcher,
            )
            assert await house.home_assistant.state("light.bedroom_light") == state
    finally:
        await house.home_assistant.call(
            "assist_pipeline/pipeline/set_preferred", pipeline_id=before
        )
        await remove(house, speech["entry_id"], satellite["entry_id"])
