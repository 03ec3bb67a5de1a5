"""Turns that Home Assistant's understanding ends, and whose text it chooses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from demo.house import House
from demo.turns import Watcher, take_turn
from demo.voice import Person, silence

LIGHT = "light.bedroom_light"


@asynccontextmanager
async def also_called(house: House, entity_id: str, name: str) -> AsyncIterator[None]:
    """Give a thing another name while the block runs."""

    async def call(*names: str | None) -> None:
        await house.home_assistant.call(
            "config/entity_registry/update", entity_id=entity_id, aliases=list(names)
        )

    await call(None, name)
    try:
        yield
    finally:
        await call(None)


@pytest.mark.parametrize("pause_seconds", [0.4, 0.8])
async def test_a_person_who_pauses_in_mid_sentence_is_heard_to_the_end(
    house: House, person: Person, watcher: Watcher, pause_seconds: float
) -> None:
    audio = (
        person.speech("Hey Jarvis, turn on the")
        + silence(pause_seconds)
        + person.speech("bedroom light.")
    )
    turn = await take_turn(house, "Kitchen", audio, watcher=watcher)
    assert turn.run is not None
    assert await house.home_assistant.state(LIGHT) == "on"
    assert await house.home_assistant.state("light.kitchen_light") == "off"


async def test_two_commands_joined_by_and_are_one_turn(
    house: House, person: Person, watcher: Watcher
) -> None:
    audio = (
        person.speech("Hey Jarvis, turn on the kitchen light, and")
        + silence(0.6)
        + person.speech("turn on the bedroom light.")
    )
    turn = await take_turn(house, "Kitchen", audio, watcher=watcher)
    assert turn.run is not None
    for light in ("light.kitchen_light", LIGHT):
        await house.home_assistant.wait_for(light, lambda state: state == "on")


async def test_a_name_that_the_recogniser_does_not_know_is_understood(
    house: House, person: Person, watcher: Watcher
) -> None:
    # Without Home Assistant's help, tiny.en hears "robot off" or "row bore up".
    async with also_called(house, LIGHT, "Roborock"):
        turn = await take_turn(
            house, "Kitchen", person.speech("Hey Jarvis, turn on the Roborock."), watcher=watcher
        )
        assert turn.run is not None
        await house.home_assistant.wait_for(LIGHT, lambda state: state == "on")


async def test_a_name_like_the_wake_word_stays_in_the_command(
    house: House, person: Person, watcher: Watcher
) -> None:
    async with also_called(house, LIGHT, "Jarvis lamp"):
        turn = await take_turn(
            house, "Kitchen", person.speech("Hey Jarvis, turn on the Jarvis lamp."), watcher=watcher
        )
        assert turn.run is not None
        await house.home_assistant.wait_for(LIGHT, lambda state: state == "on")
