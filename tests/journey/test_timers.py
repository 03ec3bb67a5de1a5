"""Timers by voice: they ring without Home Assistant, and outlast the restart of either side."""

import asyncio
import time

from demo.house import House
from demo.turns import PipelineRun, Watcher, take_turn
from demo.voice import Person, silence
from indoor_voice.room.sound.cues import Cue
from tests.listening import CUE_LIKENESS, likeness_of_cue, must_hear
from tests.waiting import until

TIMER_SECONDS = 30
RING_SECONDS = 2.0
"""Between two beginnings of the sound."""


async def rings_in(recording: bytearray, seconds: float) -> None:
    """Wait until the sound of a timer is heard."""

    async def likeness() -> float:
        heard = bytes(recording[: len(recording) // 2 * 2])
        return await asyncio.to_thread(likeness_of_cue, heard, Cue.RINGING)

    await until(likeness, lambda it: it > CUE_LIKENESS, seconds=seconds, pause_seconds=0.3)


async def say(house: House, person: Person, watcher: Watcher, sentence: str) -> PipelineRun:
    turn = await take_turn(house, "Kitchen", person.speech(sentence), watcher=watcher)
    assert turn.run is not None
    assert not turn.run.failed, turn.run.error
    return turn.run


async def next_timer(house: House) -> str:
    (entity_id,) = [
        entity
        for entity in await house.home_assistant.entity_ids("sensor", house.entry_ids["Kitchen"])
        if entity.endswith("next_timer")
    ]
    return await house.home_assistant.state(entity_id)


async def test_a_timer_rings_after_a_restart_and_without_home_assistant(
    house: House, person: Person, watcher: Watcher
) -> None:
    room = house.rooms["Kitchen"]
    await say(house, person, watcher, "Hey Jarvis, set a timer for thirty seconds.")
    began = time.monotonic()
    await house.satellites["Kitchen"].kill()
    await house.home_assistant.program.stop()
    await house.satellites["Kitchen"].start()
    await until(room.is_heard)
    async with room.recorded() as recording:
        await rings_in(recording, TIMER_SECONDS + 10)
        assert time.monotonic() - began > TIMER_SECONDS - 5, "it rang early"
    # Whoever says the wake word stops it, whether or not somebody could answer.
    await room.say(silence(0.5) + person.speech("Hey Jarvis!"))
    await asyncio.sleep(RING_SECONDS)
    async with room.recorded() as recording:
        await asyncio.sleep(2 * RING_SECONDS)
        assert (
            likeness_of_cue(bytes(recording[: len(recording) // 2 * 2]), Cue.RINGING) < CUE_LIKENESS
        )
    await house.home_assistant.program.start()
    await house.home_assistant.wait_until_started()
    await house.wait_until_idle("Kitchen")
    assert await next_timer(house) == "unknown"


async def test_home_assistant_knows_the_timer_after_its_restart(
    house: House, person: Person, watcher: Watcher
) -> None:
    await say(house, person, watcher, "Hey Jarvis, set a timer for ten minutes.")
    ends = await until(lambda: next_timer(house), lambda state: state != "unknown")
    await house.home_assistant.restart()
    await house.wait_until_idle("Kitchen")
    await until(lambda: next_timer(house), lambda state: state[:4] == ends[:4])
    turn = await take_turn(
        house,
        "Kitchen",
        person.speech("Hey Jarvis, how long is left on the timer?"),
        watcher=watcher,
    )
    must_hear(turn.answer_audio, "left")
    await say(house, person, watcher, "Hey Jarvis, cancel the timer.")
    await until(lambda: next_timer(house), lambda state: state == "unknown")


async def test_a_loudspeaker_that_goes_while_it_rings_rings_when_it_is_back(
    house: House, person: Person
) -> None:
    (satellite,) = await house.home_assistant.entity_ids(
        "assist_satellite", house.entry_ids["Kitchen"]
    )
    await house.home_assistant.action(
        "indoor_voice.start_timer", satellites=satellite, duration={"seconds": 2}
    )
    room = house.rooms["Kitchen"]
    async with room.recorded() as recording:
        await rings_in(recording, 15)
    await house.sound.stop()
    await asyncio.sleep(2 * RING_SECONDS)
    await house.sound.start()
    await until(room.is_heard)
    async with room.recorded() as recording:
        await rings_in(recording, 30)
    await room.say(silence(0.5) + person.speech("Hey Jarvis!"))
    await until(lambda: next_timer(house), lambda state: state == "unknown")
    await house.wait_until_idle("Kitchen")
