"""Two wake words in one room, each with an assistant of its own."""

from demo.house import House
from demo.turns import Watcher, take_turn
from demo.voice import Person
from tests.listening import must_hear

NAME = "Forecast"


async def select(house: House, ending: str, option: str) -> None:
    (entity_id,) = [
        entity
        for entity in await house.home_assistant.entity_ids("select", house.entry_ids["Kitchen"])
        if entity.endswith(ending)
    ]
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
    turn = await take_turn(
        house, "Kitchen", person.speech("Alexa, what about this evening?"), watcher=watcher
    )
    must_hear(turn.answer_audio, "the weather")
    turn = await take_turn(
        house, "Kitchen", person.speech("Hey Jarvis, what time is it?"), watcher=watcher
    )
    assert turn.run is not None
    assert not turn.run.failed
    assert "weather" not in (turn.run.answer or "").lower()
    await select(house, "second_wake_word", "none")
    await house.home_assistant.call("assist_pipeline/pipeline/delete", pipeline_id=created["id"])
