"""Two rooms with an open door between them: each person is answered once, and in their own room."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from demo.house import House
from demo.turns import Watcher, take_turn, wait_until_quiet
from demo.voice import Person, silence

OPEN_DOOR_DB = -16.0


async def last_change(house: House, room_name: str) -> str:
    entity_id = house.satellite_entities[room_name]
    state = await house.home_assistant.request("GET", f"/api/states/{entity_id}")
    return str(state["last_changed"])


@pytest.mark.parametrize(("here", "there"), [("Kitchen", "Bedroom"), ("Bedroom", "Kitchen")])
async def test_the_room_in_which_somebody_speaks_answers_and_the_other_stays_dark_and_silent(
    house: House, person: Person, watcher: Watcher, here: str, there: str
) -> None:
    async with house.rooms[there].recorded() as earlier:
        await wait_until_quiet(earlier)
    before = await last_change(house, there)
    async with (
        house.rooms[here].heard_in(house.rooms[there], OPEN_DOOR_DB),
        house.rooms[there].recorded() as played_there,
    ):
        turn = await take_turn(
            house, here, person.speech("Hey Jarvis, turn on the lights."), watcher=watcher
        )
    assert turn.run is not None
    assert await house.home_assistant.state(f"light.{here.lower()}_light") == "on"
    assert await house.home_assistant.state(f"light.{there.lower()}_light") == "off"
    assert await last_change(house, there) == before
    assert not any(played_there)


async def test_two_people_who_speak_in_two_rooms_at_once_are_both_served(
    house: House, person: Person, watcher: Watcher
) -> None:
    kitchen, bedroom = house.rooms["Kitchen"], house.rooms["Bedroom"]
    async with AsyncExitStack() as doors:
        for one, other in ((kitchen, bedroom), (bedroom, kitchen)):
            await doors.enter_async_context(one.heard_in(other, OPEN_DOOR_DB - 8))
        in_the_bedroom = person.speech("Hey Jarvis! Turn on the bedroom light.", length_scale=1.3)
        await asyncio.gather(
            kitchen.say(person.speech("Hey Jarvis, turn on the kitchen light.")),
            bedroom.say(silence(0.4) + in_the_bedroom),
        )
        for light in ("light.kitchen_light", "light.bedroom_light"):
            await house.home_assistant.wait_for(light, lambda state: state == "on")
    for room_name in ("Kitchen", "Bedroom"):
        await house.wait_until_idle(room_name)
