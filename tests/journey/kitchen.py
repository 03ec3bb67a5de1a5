"""What several journeys do in the kitchen: speak, look at its entities, and wait for ringing."""

import asyncio

from demo.house import House
from demo.turns import Turn, Watcher, take_turn
from demo.voice import Person
from indoor_voice.room.sound.cues import Cue
from tests.listening import CUE_LIKENESS, likeness_of_cue
from tests.waiting import until

KITCHEN = "Kitchen"
RING_SECONDS = 2.0
"""Between two beginnings of the sound."""


async def say(house: House, person: Person, watcher: Watcher, sentence: str) -> Turn:
    """Take a turn, which must not fail."""
    turn = await take_turn(house, KITCHEN, person.speech(sentence), watcher=watcher)
    assert turn.run is not None
    assert not turn.run.failed, turn.run.error
    return turn


async def entity(house: House, domain: str, ending: str) -> str:
    """Return the satellite's only entity of a domain with this ending."""
    (entity_id,) = [
        entity_id
        for entity_id in await house.home_assistant.entity_ids(domain, house.entry_ids[KITCHEN])
        if entity_id.endswith(ending)
    ]
    return entity_id


async def state(house: House, domain: str, ending: str) -> str:
    """Return the state of such an entity."""
    return await house.home_assistant.state(await entity(house, domain, ending))


async def rings(house: House, seconds: float) -> None:
    """Wait until something rings."""
    async with house.rooms[KITCHEN].recorded() as recording:
        await until(
            lambda: _likeness(recording),
            lambda it: it > CUE_LIKENESS,
            seconds=seconds,
            pause_seconds=0.3,
        )


async def must_be_quiet(house: House) -> None:
    """Fail if anything rings."""
    async with house.rooms[KITCHEN].recorded() as recording:
        await asyncio.sleep(2 * RING_SECONDS)
        assert await _likeness(recording) < CUE_LIKENESS


async def _likeness(recording: bytearray) -> float:
    heard = bytes(recording[: len(recording) // 2 * 2])
    return await asyncio.to_thread(likeness_of_cue, heard, Cue.RINGING)
