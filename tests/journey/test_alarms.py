"""Alarms by voice: they ring without Home Assistant, are snoozed, and outlast its restart."""

import asyncio
import time
from datetime import datetime, timedelta

from demo.house import House
from demo.turns import Watcher
from demo.voice import Person, silence
from tests.listening import must_hear
from tests.waiting import until

from .kitchen import RING_SECONDS, entity, must_be_quiet, rings, say, state

SOON_SECONDS = 25


async def next_alarm(house: House) -> str:
    return await state(house, "sensor", "next_alarm")


async def set_alarm_soon(house: House) -> float:
    """Set an alarm in the kitchen, and return when it rings, on the monotonic clock."""
    satellite = await entity(house, "assist_satellite", "")
    at = datetime.now() + timedelta(seconds=SOON_SECONDS)  # noqa: DTZ005 - as the wall shows it
    await house.home_assistant.action(
        "indoor_voice.set_alarm", satellites=satellite, time=at.strftime("%H:%M:%S")
    )
    return time.monotonic() + SOON_SECONDS


async def test_an_alarm_is_set_asked_for_and_cancelled_by_voice(
    house: House, person: Person, watcher: Watcher
) -> None:
    turn = await say(house, person, watcher, "Hey Jarvis, wake me every weekday at half past six.")
    must_hear(turn.answer_audio, "weekdays")
    rings_at = await until(lambda: next_alarm(house), lambda shown: shown != "unknown")
    assert datetime.fromisoformat(rings_at).astimezone().strftime("%H:%M") == "06:30"
    await house.home_assistant.restart()
    await house.wait_until_idle("Kitchen")
    await until(lambda: next_alarm(house), lambda shown: shown == rings_at)
    switch = await entity(house, "switch", "alarm_06_30_weekdays")
    await house.home_assistant.action("switch.turn_off", entity_id=switch)
    await until(lambda: next_alarm(house), lambda shown: shown == "unknown")
    await say(house, person, watcher, "Hey Jarvis, delete all alarms.")
    await until(
        lambda: house.home_assistant.entity_ids("switch", house.entry_ids["Kitchen"]),
        lambda switches: switch not in switches,
    )


async def test_an_alarm_rings_after_a_restart_and_without_home_assistant(
    house: House, person: Person
) -> None:
    rings_at = await set_alarm_soon(house)
    await house.satellites["Kitchen"].kill()
    await house.home_assistant.program.stop()
    await house.satellites["Kitchen"].start()
    await until(house.rooms["Kitchen"].is_heard)
    await rings(house, SOON_SECONDS + 10)
    assert time.monotonic() > rings_at - 2, "it rang early"
    await house.rooms["Kitchen"].say(silence(0.5) + person.speech("Hey Jarvis!"))
    await asyncio.sleep(RING_SECONDS)
    await must_be_quiet(house)
    await house.home_assistant.program.start()
    await house.home_assistant.wait_until_started()
    await house.wait_until_idle("Kitchen")
    alarms = await entity(house, "event", "alarms")
    await until(
        lambda: house.home_assistant.attribute(alarms, "event_type"),
        lambda happened: happened == "stopped",
    )
    assert await next_alarm(house) == "unknown"


async def test_an_alarm_is_snoozed_by_voice(house: House, person: Person, watcher: Watcher) -> None:
    await set_alarm_soon(house)
    await rings(house, SOON_SECONDS + 10)
    began = time.time()
    turn = await say(house, person, watcher, "Hey Jarvis, snooze.")
    must_hear(turn.answer_audio, "in 9 minutes")  # which is how tiny.en writes "nine"
    again = datetime.fromisoformat(
        await until(lambda: next_alarm(house), lambda shown: shown != "unknown")
    )
    assert abs(again.timestamp() - began - 9 * 60) < 30
    await must_be_quiet(house)
    await say(house, person, watcher, "Hey Jarvis, delete all alarms.")
    await until(lambda: next_alarm(house), lambda shown: shown == "unknown")
