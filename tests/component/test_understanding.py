"""Tests that Home Assistant says which reading of a command it understands, without acting."""

import asyncio
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from homeassistant.components import conversation
from homeassistant.components.assist_pipeline.pipeline import (
    async_get_pipeline,
    async_update_pipeline,
)
from homeassistant.components.conversation.default_agent import DefaultAgent
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import floor_registry as fr
from homeassistant.setup import async_setup_component
from wyoming.event import Event, async_write_event

from custom_components.indoor_voice.assistant import expected
from custom_components.indoor_voice.assistant.understanding import Understanding, understanding_of

from .engines import Agent, converse_with, use
from .waiting import SATELLITE, reaches

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite, FakeSpeech, Peer

LIGHT = "light.velux"
SECRET = "they said zyzzyva"  # noqa: S105 - nobody's password


@pytest.fixture
async def home(house: HomeAssistant) -> HomeAssistant:
    """A house with some things in it, of which the safe isn't exposed."""
    assert await async_setup_component(house, "intent", {})
    for entity_id, name in (
        (LIGHT, "Velux lamp"),
        ("light.kitchen", "Kitchen light"),
        ("cover.blinds", "Bedroom blinds"),
        ("lock.safe", "Safe"),
    ):
        house.states.async_set(entity_id, "off", {"friendly_name": name})
        async_expose_entity(house, conversation.DOMAIN, entity_id, entity_id != "lock.safe")
    floor = fr.async_get(house).async_create("Mezzanine")
    ar.async_get(house).async_create("Scullery", floor_id=floor.floor_id, aliases={"Back kitchen"})
    return house


@pytest.fixture
def understanding(home: HomeAssistant) -> Understanding:
    return Understanding(home, "en", SATELLITE, None)


@pytest.mark.parametrize(
    ("texts", "index"),
    [
        (["turn on the velocity lamp", "Turn on the Velux lamp."], 1),
        (["Turn on the Velux lamp.", "turn off the Velux lamp"], 0),
        (["What's the wedding?", "what time is it"], 1),
        (["turn on the", "turn on"], None),
        (["She turned on the Velux lamp."], None),
        (["unlock the safe"], None),
        (["turn on the light of my life"], None),
        (["stop keeping recordings here"], 0),
        ([], None),
        ([""], None),
    ],
)
async def test_the_first_text_that_means_something_here(
    understanding: Understanding, texts: list[str], index: int | None
) -> None:
    assert await understanding.async_first_understood(texts) == index


async def test_nothing_is_done_before_the_turn_is_over(
    home: HomeAssistant, understanding: Understanding
) -> None:
    calls: list[Any] = []
    home.services.async_register("light", "turn_on", calls.append)
    assert await understanding.async_first_understood(["turn on the Velux lamp"]) == 0
    await home.async_block_till_done()
    assert calls == []


async def test_the_sentences_of_this_home_are_expected(understanding: Understanding) -> None:
    sentences = await understanding.async_expected(["turn on the vellex lamb"])
    assert "Turn on the Velux lamp." in sentences[-3:]
    assert not any("Safe" in sentence for sentence in sentences)
    assert len(sentences) <= expected.MOST
    assert sum(map(len, sentences)) <= expected.MOST_CHARACTERS
    for text, name in (("what's the temp in the sculling", "Scullery"), ("messanine", "Mezzanine")):
        assert any(name in one for one in await understanding.async_expected([text]))


@pytest.mark.parametrize("about", ["brightness", "color"])
async def test_sentences_with_numbers_and_colours_are_expected(
    understanding: Understanding, about: str
) -> None:
    sentences = await understanding.async_expected([f"set the vellex lamb {about} to"])
    assert any("Velux lamp" in one and about in one for one in sentences)
    assert not any("{" in one for one in sentences)


@pytest.mark.parametrize("language", ["de", "fr", "nl", "xx"])
async def test_sentences_are_expected_in_the_language_of_the_home(
    home: HomeAssistant, language: str
) -> None:
    understanding = Understanding(home, language, SATELLITE, None)
    sentences = await understanding.async_expected(["velux lamp"])
    assert bool(sentences) is (language != "xx")
    assert any("Velux lamp" in sentence for sentence in sentences) is (language != "xx")


async def test_the_server_is_told_and_the_command_runs(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    calls: list[Any] = []
    home.services.async_register("light", "turn_on", calls.append)
    speech.readings = ["turn on the vellum lamp", "turn on the Velux lamp"]
    await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("pipeline-ended")
    await reaches(home, "idle")
    assert speech.of_type("transcribe")[0].data["context"]["understands"] is True
    assert speech.of_type("understood")[0].data == {"question": 1, "index": 1}
    assert [call.data["entity_id"] for call in calls] == [[LIGHT]]


async def test_another_agent_is_not_anticipated(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await converse_with(home, Agent())
    await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("pipeline-ended")
    assert "understands" not in speech.of_type("transcribe")[0].data.get("context", {})
    pipeline = async_get_pipeline(home)
    await async_update_pipeline(home, pipeline, prefer_local_intents=True)
    await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("pipeline-ended", 2)
    assert speech.of_type("transcribe")[1].data["context"]["understands"] is True


async def raises(*_: Any) -> None:
    raise RuntimeError(SECRET)


async def test_a_language_without_sentences_is_not_anticipated(home: HomeAssistant) -> None:
    assert understanding_of(home, None, SATELLITE, None) is not None
    await use(home, conversation_language="tlh")
    assert understanding_of(home, None, SATELLITE, None) is None


@pytest.mark.parametrize("matcher", [raises, None])
async def test_a_matcher_that_fails_is_said_to_understand_nothing(
    home: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    caplog: pytest.LogCaptureFixture,
    matcher: Any,
) -> None:
    speech.readings = ["turn on the Velux lamp"]
    with patch.object(DefaultAgent, "async_recognize_sentence_trigger", matcher):
        await satellite.begin_turn()
        await satellite.speak()
        await speech.wait_for("understood")
    assert speech.of_type("understood")[0].data["index"] is None
    assert SECRET not in caplog.text
    assert "could not say which text it understands" in caplog.text


async def test_a_matcher_that_hangs_holds_up_no_transcript(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def hangs(*_: Any) -> None:
        await asyncio.Event().wait()

    async def ask_and_go_on(peer: Peer, writer: asyncio.StreamWriter) -> None:
        question = {"question": 1, "texts": ["turn on the Velux lamp"]}
        await async_write_event(Event(type="readings", data=question), writer)
        await async_write_event(Event(type="voice-stopped"), writer)
        await async_write_event(Event(type="transcript", data={"text": "nonsense"}), writer)

    speech.recognise = ask_and_go_on
    with patch.object(Understanding, "async_first_understood", hangs):
        await satellite.begin_turn()
        await satellite.speak()
        await satellite.wait_for("pipeline-ended")
    assert speech.of_type("understood") == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"question": 1},
        {"question": 1, "texts": "turn on the light"},
        {"question": 1, "texts": [7]},
        {"question": 1, "texts": ["a"] * 100},
        {"question": 1, "texts": ["a" * 10_000]},
    ],
)
async def test_a_question_that_is_none_ends_the_request(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, data: dict[str, Any]
) -> None:
    async def ask(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(Event(type="readings", data=data), writer)

    speech.recognise = ask
    await satellite.begin_turn()
    await satellite.speak()
    assert (await satellite.wait_for("error")).data["code"] == "stt-stream-failed"


async def test_a_new_name_is_expected_at_once(
    home: HomeAssistant, understanding: Understanding
) -> None:
    await understanding.async_expected(["turn on the skylight"])
    home.states.async_set(LIGHT, "off", {"friendly_name": "Skylight lamp"})
    sentences = await understanding.async_expected(["turn on the sky light lamp"])
    assert "Turn on the Skylight lamp." in sentences
