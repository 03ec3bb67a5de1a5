"""Two wake words in one room, each with an assistant of its own."""

from demo.house import House
from demo.turns import Watcher
from demo.voice import Person
from tests.listening import must_hear

from .kitchen import entity, say

NAME = "Forecast"


async def select(house: House, ending: str, option: str) -> None:
    entity_id = await entity(house, "select", ending)
    await house.home_assistant.wait_for(entity_id, lambda state: state != "unavailable")
    await house.home_assistant.action("select.select_option", entity_id=entity_id, option=option)


async def test_the_wake_word_chooses_the_assistant(
    house: House, person: Person, watcher: Watcher
) -> None:
    listed = await house.home_assistant.call("assist_pipeline/pipeline/list")
    (pipeline,) = [one for one in listed["pipelines"] if one["id"] == listed["preferred_pipeline"]]
    other = {**pipeline, "name": NAME, "conversation_engine": "conversation.at_once"}
    del other["id"]
    created = await house.home_assistant.call(
        "assist_pipeline/pipeline/create", **{**other, "prefer_local_intents": False}
    )
    await select(house, "second_wake_word", "alexa")
    await select(house, "assistant_2", NAME)
    turn = await say(house, person, watcher, "Alexa, what about this evening?")
    must_hear(turn.answer_audio, "the weather")
    turn = await say(house, person, watcher, "Hey Jarvis, what time is it?")
    assert turn.run is not None
    assert "weather" not in (turn.run.answer or "").lower()
    await select(house, "second_wake_word", "none")
    await house.home_assistant.call("assist_pipeline/pipeline/delete", pipeline_id=created["id"])
