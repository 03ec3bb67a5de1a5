"""A second wake word, and the assistant that it is for."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.assist_pipeline.pipeline import (
    async_create_default_pipeline,
    async_get_pipeline,
    async_get_pipelines,
    async_update_pipeline,
)
from homeassistant.const import Platform
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.indoor_voice.assistant import locality
from custom_components.indoor_voice.const import CONF_STRICT
from custom_components.indoor_voice.diagnostics import async_get_config_entry_diagnostics

from .engines import Recogniser, add_engine
from .keeping import set_up_household
from .language_model import LanguageModel
from .repair_issues import check_locality_again, titles_by_issue
from .waiting import CONNECTION, SATELLITE, reaches, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from .peers import FakeSatellite, FakeSpeech

SECOND_WAKE_WORD = "select.kitchen_kitchen_satellite_second_wake_word"
SECOND_ASSISTANT = "select.kitchen_kitchen_satellite_assistant_2"
OTHER = "Other"
LISTENS_AFTER_QUESTIONS = "switch.kitchen_kitchen_satellite_listen_after_a_question"


async def choose(hass: HomeAssistant, select: str, option: str) -> None:
    data = {"entity_id": select, "option": option}
    await hass.services.async_call("select", "select_option", data, blocking=True)


@pytest.fixture
async def other(house: HomeAssistant, satellite: FakeSatellite) -> str:
    """Add another assistant, for "alexa"; return its id."""
    await shows(house, CONNECTION, lambda state: state == "on")
    preferred = async_get_pipeline(house)
    assert preferred.stt_engine is not None
    assert preferred.tts_engine is not None
    pipeline = await async_create_default_pipeline(
        house, preferred.stt_engine, preferred.tts_engine, OTHER
    )
    assert pipeline is not None
    await choose(house, SECOND_WAKE_WORD, "alexa")
    await choose(house, SECOND_ASSISTANT, OTHER)
    return pipeline.id


async def let_other_use(hass: HomeAssistant, **engines: Any) -> None:
    (other,) = (one for one in async_get_pipelines(hass) if one.name == OTHER)
    await async_update_pipeline(hass, other, **engines)


async def turn(house: HomeAssistant, satellite: FakeSatellite, wake_word: str | None) -> list[str]:
    """Take a turn, and return the events that the satellite received."""
    number = await satellite.begin_turn(wake_word)
    await satellite.speak(0.2)
    await satellite.wait_for("pipeline-ended", number)
    await house.async_block_till_done()
    await reaches(house, "idle")
    return satellite.of_turn(number)


async def test_the_second_wake_word_is_chosen_and_goes(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await shows(house, SECOND_WAKE_WORD, lambda state: state == "none")
    state = house.states.get(SECOND_WAKE_WORD)
    assert state is not None
    assert state.attributes["options"] == ["none", "alexa"]
    await choose(house, SECOND_WAKE_WORD, "alexa")
    assert (await satellite.wait_for("detect")).data["names"] == ["hey_jarvis", "alexa"]
    await shows(house, SECOND_WAKE_WORD, lambda state: state == "alexa")
    await choose(house, SECOND_WAKE_WORD, "none")
    assert (await satellite.wait_for("detect", 2)).data["names"] == ["hey_jarvis"]
    await shows(house, SECOND_WAKE_WORD, lambda state: state == "none")
    satellite.takes_wake_words = False
    with pytest.raises(HomeAssistantError, match="wake words"):
        await choose(house, SECOND_WAKE_WORD, "alexa")
    await satellite.stop()
    await shows(house, SECOND_WAKE_WORD, lambda state: state == "unavailable")


async def test_each_wake_word_has_its_assistant(
    house: HomeAssistant, satellite: FakeSatellite, other: str
) -> None:
    recogniser = Recogniser()
    await add_engine(house, recogniser, Platform.STT, "local_push")
    await let_other_use(house, stt_engine="stt.recogniser")
    await turn(house, satellite, "hey_jarvis")
    await turn(house, satellite, None)
    assert recogniser.asked == 0
    await turn(house, satellite, "alexa")
    assert recogniser.asked == 1
    await choose(house, SECOND_WAKE_WORD, "none")
    await turn(house, satellite, "alexa")
    assert recogniser.asked == 1


async def test_a_reply_is_for_the_assistant_that_asked(
    house: HomeAssistant, satellite: FakeSatellite, other: str
) -> None:
    await satellite.report_settings(continued_conversation=True)
    await shows(house, LISTENS_AFTER_QUESTIONS, lambda state: state == "on")
    agent = LanguageModel()
    await house.data["conversation"].async_add_entities([agent])
    await let_other_use(house, conversation_engine=agent.entity_id, prefer_local_intents=False)
    agent.answer = "Shall I?"
    await satellite.begin_turn("alexa")
    await satellite.speak(0.2)
    await satellite.wait_for("run-pipeline")
    agent.answer = "All right."
    await satellite.speak(0.2)
    await satellite.wait_for("pipeline-ended", 2)
    assert len(agent.asked) == 2
    await turn(house, satellite, None)
    assert len(agent.asked) == 2


async def test_strict_mode_knows_both(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    satellite_entry: MockConfigEntry,
    other: str,
) -> None:
    await set_up_household(house, **{CONF_STRICT: True})
    recogniser = Recogniser()
    await add_engine(house, recogniser, Platform.STT, "cloud_push")
    await let_other_use(house, stt_engine="stt.recogniser")
    assert "error" not in await turn(house, satellite, "hey_jarvis")
    assert await turn(house, satellite, "alexa") == ["error", "pipeline-ended"]
    assert satellite.of_type("error")[0].data["code"] == locality.NOT_LOCAL
    assert recogniser.asked == 0
    await check_locality_again(house)
    assert titles_by_issue(house) == {"strict": "Kitchen satellite"}
    report = (await async_get_config_entry_diagnostics(house, satellite_entry))["leaves_the_house"]
    assert report["engines"]["stt"]["where"] == "local"
    assert report["engines_of_second_assistant"]["stt"]["where"] == "cloud"
    # The clock has jumped, for which the satellite was silent too long.
    await shows(house, SECOND_WAKE_WORD, lambda state: state == "alexa")
    await choose(house, SECOND_WAKE_WORD, "none")
    await check_locality_again(house)
    assert titles_by_issue(house) == {}


async def test_a_refusal_is_not_spoken_by_a_voice_from_elsewhere(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, other: str
) -> None:
    await set_up_household(house, **{CONF_STRICT: True})
    await let_other_use(house, tts_engine="elsewhere")
    assert await turn(house, satellite, "alexa") == ["error", "pipeline-ended"]
    assert satellite.of_type("audio-start") == []


async def test_the_user_is_told_of_the_second_assistants_cloud(
    house: HomeAssistant, satellite: FakeSatellite, other: str
) -> None:
    await add_engine(house, Recogniser(), Platform.STT, "cloud_push")
    await let_other_use(house, stt_engine="stt.recogniser")
    await check_locality_again(house)
    assert titles_by_issue(house) == {"cloud_stt": "Kitchen satellite"}


async def test_announcements_are_in_the_first_assistants_voice(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, other: str
) -> None:
    await let_other_use(house, tts_engine="elsewhere")
    data = {"entity_id": SATELLITE, "message": "Dinner", "preannounce": False}
    await house.services.async_call("assist_satellite", "announce", data, blocking=True)
    assert speech.of_type("synthesize-start")


async def test_without_its_select_the_second_assistant_is_the_preferred_one(
    house: HomeAssistant, satellite: FakeSatellite, other: str
) -> None:
    recogniser = Recogniser()
    await add_engine(house, recogniser, Platform.STT, "local_push")
    await let_other_use(house, stt_engine="stt.recogniser")
    er.async_get(house).async_update_entity(
        SECOND_ASSISTANT, disabled_by=er.RegistryEntryDisabler.USER
    )
    await house.async_block_till_done()
    await turn(house, satellite, "alexa")
    assert recogniser.asked == 0
