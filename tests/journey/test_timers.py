"""Timers by voice: they ring without Home Assistant, and outlast the restart of either side."""

import asyncio
import time

from demo.house import House
from demo.turns import Watcher
from demo.voice import Person, silence
from tests.listening import must_hear
from tests.waiting import until

from .kitchen import RING_SECONDS, entity, must_be_quiet, rings, say, state

TIMER_SECONDS = 30


async def next_timer(house: House) -> str:
    return await state(house, "sensor", "next_timer")


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
    await rings(house, TIMER_SECONDS + 10)
    assert time.monotonic() - began > TIMER_SECONDS - 5, "it rang early"
    # Whoever says the wake word stops it, whether or not somebody could answer.
    await room.say(silence(0.5) + person.speech("Hey Jarvis!"))
    await asyncio.sleep(RING_SECONDS)
    await must_be_quiet(house)
    await house.home_assistant.program.start()
    await house.home_assistant.wait_until_started()
    await house.wait_until_idle("Kitchen")
    assert await next_timer(house) == "unknown"


async def test_home_assistant_knows_the_timer_after_its_restart(
    house: House, person: Person, watcher: Watcher
) -> None:
    await say(house, person, watcher, "Hey Jarvis, set a timer for ten minutes.")
    ends = await until(lambda: next_timer(house), lambda shown: shown != "unknown")
    await house.home_assistant.restart()
    await house.wait_until_idle("Kitchen")
    await until(lambda: next_timer(house), lambda shown: shown[:4] == ends[:4])
    turn = await say(house, person, watcher, "Hey Jarvis, how long is left on the timer?")
    must_hear(turn.answer_audio, "left")
    await say(house, person, watcher, "Hey Jarvis, cancel the timer.")
    await until(lambda: next_timer(house), lambda shown: shown == "unknown")


async def test_a_loudspeaker_that_goes_while_it_rings_rings_when_it_is_back(
    house: House, person: Person
) -> None:
    satellite = await entity(house, "assist_satellite", "")
    await house.home_assistant.action(
        "indoor_voice.start_timer", satellites=satellite, duration={"seconds": 2}
    )
    room = house.rooms["Kitchen"]
    await rings(house, 15)
    await house.sound.stop()
    await asyncio.sleep(2 * RING_SECONDS)
    await house.sound.start()
    await until(room.is_heard)
    await rings(house, 30)
    await room.say(silence(0.5) + person.speech("Hey Jarvis!"))
    await until(lambda: next_timer(house), lambda shown: shown == "unknown")
    await house.wait_until_idle("Kitchen")
