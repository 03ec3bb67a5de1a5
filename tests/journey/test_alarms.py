"""Alarms by voice: they ring without Home Assistant, are snoozed, and outlast its restart."""

import asyncio
import time
from datetime import datetime, timedelta

from demo.house import House
from demo.turns import PipelineRun, Watcher, take_turn
from demo.voice import Person, silence
from indoor_voice.room.sound.cues import Cue
from tests.listening import CUE_LIKENESS, likeness_of_cue, must_hear
from tests.waiting import until

RING_SECONDS = 2.0
"""Between two beginnings of the sound."""
SOON_SECONDS = 25


async def say(house: House, person: Person, watcher: Watcher, sentence: str) -> PipelineRun:
    turn = await take_turn(house, "Kitchen", person.speech(sentence), watcher=watcher)
    assert turn.run is not None
    assert not turn.run.failed, turn.run.error
    return turn.run


async def entity(house: House, domain: str, ending: str) -> str:
    (entity_id,) = [
        entity
        for entity in await house.home_assistant.entity_ids(domain, house.entry_ids["Kitchen"])
        if entity.endswith(ending)
    ]
    return entity_id


async def next_alarm(house: House) -> str:
    return await house.home_assistant.state(await entity(house, "sensor", "next_alarm"))


async def set_alarm_soon(house: House) -> float:
    """Set an alarm in the kitchen, and return when it rings, on the monotonic clock."""
    satellite = await entity(house, "assist_satellite", "")
    at = datetime.now() + timedelta(seconds=SOON_SECONDS)  # noqa: DTZ005 - as the wall shows it
    await house.home_assistant.action(
        "indoor_voice.set_alarm", satellites=satellite, time=at.strftime("%H:%M:%S")
    )
    return time.monotonic() + SOON_SECONDS


async def rings(house: House, seconds: float) -> None:
    """Wait until the kitchen rings."""
    async with house.rooms["Kitchen"].recorded() as recording:

        async def likeness() -> float:
            heard = bytes(recording[: len(recording) // 2 * 2])
            return await asyncio.to_thread(likeness_of_cue, heard, Cue.RINGING)

        await until(likeness, lambda it: it > CUE_LIKENESS, seconds=seconds, pause_seconds=0.3)


async def must_be_quiet(house: House) -> None:
    async with house.rooms["Kitchen"].recorded() as recording:
        await asyncio.sleep(2 * RING_SECONDS)
        heard = bytes(recording[: len(recording) // 2 * 2])
        assert likeness_of_cue(heard, Cue.RINGING) < CUE_LIKENESS


async def test_an_alarm_is_set_asked_for_and_cancelled_by_voice(
    house: House, person: Person, watcher: Watcher
) -> None:
    turn = await take_turn(
        house,
        "Kitchen",
        person.speech("Hey Jarvis, wake me every weekday at half past six."),
        watcher=watcher,
    )
    must_hear(turn.answer_audio, "weekdays")
    rings_at = await until(lambda: next_alarm(house), lambda state: state != "unknown")
    assert datetime.fromisoformat(rings_at).astimezone().strftime("%H:%M") == "06:30"
    await house.home_assistant.restart()
    await house.wait_until_idle("Kitchen")
    await until(lambda: next_alarm(house), lambda state: state == rings_at)
    switch = await entity(house, "switch", "alarm_06_30_weekdays")
    await house.home_assistant.action("switch.turn_off", entity_id=switch)
    await until(lambda: next_alarm(house), lambda state: state == "unknown")
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
    turn = await take_turn(house, "Kitchen", person.speech("Hey Jarvis, snooze."), watcher=watcher)
    must_hear(turn.answer_audio, "nine minutes")
    again = datetime.fromisoformat(
        await until(lambda: next_alarm(house), lambda state: state != "unknown")
    )
    assert abs(again.timestamp() - began - 9 * 60) < 30
    await must_be_quiet(house)
    await say(house, person, watcher, "Hey Jarvis, delete all alarms.")
    await until(lambda: next_alarm(house), lambda state: state == "unknown")
