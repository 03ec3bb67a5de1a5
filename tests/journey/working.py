"""That a room works, as who lives there would find out."""

from demo.house import House
from demo.turns import Watcher, take_turn
from demo.voice import Person, silence

COMMAND_SENTENCE = "Hey Jarvis, turn on the kitchen light."


async def turn_works(house: House, person: Person) -> None:
    """Say a command into the kitchen, and see that it is done."""
    await house.home_assistant.action("light.turn_off", entity_id="light.kitchen_light")
    watcher = Watcher(house.home_assistant)
    await watcher.new_runs()
    await house.wait_until_idle("Kitchen")
    # A microphone that has just been opened has heard nothing yet.
    audio = silence(1.0) + person.speech(COMMAND_SENTENCE)
    turn = await take_turn(house, "Kitchen", audio, watcher=watcher)
    assert turn.run is not None, "the wake word was not heard"
    assert turn.run.error is None
    assert await house.home_assistant.state("light.kitchen_light") == "on"
