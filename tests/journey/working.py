"""Checks that a room works, as its people would notice."""

from demo.house import House
from demo.turns import Watcher, take_turn
from demo.voice import Person, silence

COMMAND_SENTENCE = "Hey Jarvis, turn on the kitchen light."


async def check_turn_works(house: House, person: Person) -> None:
    """Speak a command in the kitchen, and check that it is carried out."""
    await house.home_assistant.action("light.turn_off", entity_id="light.kitchen_light")
    watcher = Watcher(house.home_assistant)
    await watcher.new_runs()
    await house.wait_until_idle("Kitchen")
    # Silence first, because the microphone may have just been opened.
    audio = silence(1.0) + person.speech(COMMAND_SENTENCE)
    turn = await take_turn(house, "Kitchen", audio, watcher=watcher)
    assert turn.run is not None, "the wake word was not heard"
    assert turn.run.error is None
    assert await house.home_assistant.state("light.kitchen_light") == "on"
