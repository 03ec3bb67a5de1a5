"""Parts that die, hang or restart during a turn: the user hears it, and the next turn works."""

import asyncio
import signal

import pytest

from demo.house import House
from demo.turns import Watcher, take_turn, wait_until_quiet
from demo.voice import Person, silence
from indoor_voice.room.sound.cues import Cue
from tests.listening import CUE_LIKENESS, likeness_of_cue, must_hear
from tests.waiting import until

from .working import COMMAND_SENTENCE, check_turn_works

MICROPHONE_CLOSES_SECONDS = 15


async def begin_turn(house: House, person: Person) -> None:
    """Say the wake word and the beginning of a command, so that the microphone stays open."""
    room, entity_id = house.rooms["Kitchen"], house.satellite_entities["Kitchen"]
    await room.say(person.speech("Hey Jarvis, turn on the"))
    await house.home_assistant.wait_for(entity_id, lambda state: state == "listening")


async def wait_for_failure_cue(recording: bytearray) -> None:
    """Wait for the failure cue, which is played once the microphone is closed."""

    async def likeness() -> float:
        heard = bytes(recording[: len(recording) // 2 * 2])
        # In a thread: while the event loop computes, it reads no sound, and some is lost.
        return await asyncio.to_thread(likeness_of_cue, heard, Cue.FAILED)

    seconds = MICROPHONE_CLOSES_SECONDS + 5
    await until(likeness, lambda it: it > CUE_LIKENESS, seconds=seconds, pause_seconds=0.3)


async def hear_failure_in_words(house: House, person: Person, words: str) -> None:
    """Speak a command that fails, and check that the satellite says why, after the cue."""
    room = house.rooms["Kitchen"]
    async with room.recorded() as recording:
        await room.say(silence(1.0) + person.speech(COMMAND_SENTENCE))
        await wait_for_failure_cue(recording)
        await wait_until_quiet(recording)
    must_hear(bytes(recording), words)


@pytest.mark.usefixtures("watcher")
async def test_the_speech_server_is_away(house: House, person: Person) -> None:
    await house.speech.kill()
    await hear_failure_in_words(house, person, "the speech server is not answering")
    await house.speech.start()
    await house.speech.wait_for_output("Listening", 60)
    await check_turn_works(house, person)


@pytest.mark.usefixtures("watcher")
async def test_the_speech_server_is_killed_in_a_turn(house: House, person: Person) -> None:
    async with house.rooms["Kitchen"].recorded() as recording:
        await begin_turn(house, person)
        await house.speech.kill()
        await wait_for_failure_cue(recording)
    await house.wait_until_idle("Kitchen")
    await house.speech.start()
    await house.speech.wait_for_output("Listening", 60)
    await check_turn_works(house, person)


@pytest.mark.usefixtures("watcher")
async def test_the_speech_server_hangs_in_a_turn(house: House, person: Person) -> None:
    async with house.rooms["Kitchen"].recorded() as recording:
        await begin_turn(house, person)
        house.speech.send_signal(signal.SIGSTOP)
        try:
            await wait_for_failure_cue(recording)
        finally:
            house.speech.send_signal(signal.SIGCONT)
    await house.wait_until_idle("Kitchen")
    assert await house.home_assistant.state("light.kitchen_light") == "off"
    await check_turn_works(house, person)


@pytest.mark.usefixtures("watcher")
async def test_home_assistant_is_restarted_then_killed_in_a_turn(
    house: House, person: Person
) -> None:
    # Home Assistant saves its configuration minutes later, or when it stops.
    await house.home_assistant.restart()
    await house.wait_until_idle("Kitchen")
    await check_turn_works(house, person)
    async with house.rooms["Kitchen"].recorded() as recording:
        await begin_turn(house, person)
        await house.home_assistant.program.kill()
        await wait_for_failure_cue(recording)
        await wait_until_quiet(recording)
    await until(house.rooms["Kitchen"].is_heard)
    await hear_failure_in_words(house, person, "home assistant is not answering")
    await house.home_assistant.program.start()
    await house.home_assistant.wait_until_started()
    await house.wait_until_idle("Kitchen")
    await check_turn_works(house, person)


@pytest.mark.usefixtures("watcher")
@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_a_satellite_is_restarted(house: House, person: Person, how: str) -> None:
    satellite = house.satellites["Kitchen"]
    await (satellite.stop() if how == "stopped" else satellite.kill())
    entity_id = house.satellite_entities["Kitchen"]
    await house.home_assistant.wait_for(entity_id, lambda state: state == "unavailable")
    await satellite.start()
    await house.wait_until_idle("Kitchen")
    await check_turn_works(house, person)


@pytest.mark.usefixtures("watcher")
async def test_a_satellite_is_killed_in_a_turn(house: House, person: Person) -> None:
    await begin_turn(house, person)
    await house.satellites["Kitchen"].kill()
    entity_id = house.satellite_entities["Kitchen"]
    await house.home_assistant.wait_for(entity_id, lambda state: state == "unavailable")
    await house.satellites["Kitchen"].start()
    await house.wait_until_idle("Kitchen")
    await check_turn_works(house, person)


@pytest.mark.usefixtures("watcher")
async def test_microphone_and_loudspeaker_go_away_and_come_back(
    house: House, person: Person
) -> None:
    satellite = house.satellites["Kitchen"]
    await house.sound.stop()
    await satellite.wait_for_output("microphone cannot be used", 30)
    await house.sound.start()
    await satellite.wait_for_output("microphone works again", 30)
    await check_turn_works(house, person)


async def test_no_log_holds_what_was_said(house: House, person: Person, watcher: Watcher) -> None:
    sentence = "Hey Jarvis, add marmalade to the kitchen light."
    turn = await take_turn(house, "Kitchen", person.speech(sentence), watcher=watcher)
    assert turn.run is not None
    assert turn.run.transcript is not None
    programs = (house.home_assistant.program, house.speech, *house.satellites.values())
    for program in programs:
        printed = program.log.read_text(errors="replace").lower()
        assert "marmalade" not in printed
        assert "kitchen light." not in printed
