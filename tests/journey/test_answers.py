"""Answers of conversation agents, as they sound in the room."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from demo.house import House
from demo.turns import Watcher, take_turn
from demo.voice import Person
from tests.listening import must_hear, words_in

HEARD = {
    "at_once": (
        "the weather",
        "is warm outside",
        "21 5 degrees",
        "tickets cost 12 50",
        "dinner is at 6",
    ),
    "in_pieces": ("the weather", "is warm outside", "21 5 degrees"),
}
"""What tiny.en makes of the answers of `markdown_agents`; a mark inside would be one more word."""
MARKS = {
    *("asterisk", "star", "hash", "hashtag", "pound", "underscore", "backtick", "bracket"),
    *("parenthesis", "dash", "slash", "https", "www", "com", "example", "family", "cloud"),
}
"""What a voice makes of Markdown, of a link's address and of an emoji."""


@asynccontextmanager
async def answered_by(house: House, agent: str) -> AsyncIterator[None]:
    """Let a conversation agent answer everything while the block runs."""
    listed = await house.home_assistant.call("assist_pipeline/pipeline/list")
    (pipeline,) = [one for one in listed["pipelines"] if one["id"] == listed["preferred_pipeline"]]
    pipeline_id = pipeline.pop("id")

    async def use(**changes: object) -> None:
        await house.home_assistant.call(
            "assist_pipeline/pipeline/update", pipeline_id=pipeline_id, **{**pipeline, **changes}
        )

    await use(conversation_engine=agent, prefer_local_intents=False)
    try:
        yield
    finally:
        await use()


@pytest.mark.parametrize("agent", HEARD)
async def test_an_answer_in_markdown_is_heard_as_words(
    house: House, person: Person, watcher: Watcher, agent: str
) -> None:
    async with answered_by(house, f"conversation.{agent}"):
        turn = await take_turn(
            house, "Kitchen", person.speech("Hey Jarvis, what about this evening?"), watcher=watcher
        )
    assert turn.run is not None
    assert turn.run.error is None
    must_hear(turn.answer_audio, *HEARD[agent])
    says_marks = not MARKS.isdisjoint(words_in(turn.answer_audio).split())
    assert not says_marks
