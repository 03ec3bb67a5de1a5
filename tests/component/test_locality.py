"""What leaves the house is detected and reported, and the report withdrawn."""

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from homeassistant.components.assist_pipeline.const import DATA_CONFIG
from homeassistant.components.assist_pipeline.error import PipelineNotFound
from homeassistant.const import Platform
from homeassistant.setup import async_setup_component

from custom_components.indoor_voice.assistant import locality
from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.diagnostics import async_get_config_entry_diagnostics

from .engines import Agent, Recogniser, add_engine, use
from .repair_issues import check_locality_again, titles_by_issue

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

LOCAL = {"integration": DOMAIN, "iot_class": "local_push", "where": "local"}
BUILT_IN = {"integration": "conversation", "iot_class": None, "where": "local"}


async def found(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    leaves: dict[str, Any] = diagnostics["leaves_the_house"]
    return leaves


async def test_our_own_engines_are_local(
    house: HomeAssistant, satellite_entry: MockConfigEntry
) -> None:
    assert await found(house, satellite_entry) == {
        "engines": {"stt": LOCAL, "conversation": BUILT_IN, "tts": LOCAL},
        "strict": False,
        "debug_recordings": False,
    }
    assert titles_by_issue(house) == {}


@pytest.mark.parametrize(
    ("iot_class", "data", "where"),
    [
        ("cloud_push", {}, "cloud"),
        ("cloud_polling", {}, "cloud"),
        ("local_polling", {}, "local"),
        ("local_push", {"host": "192.168.1.2"}, "local"),
        ("local_polling", {"url": "http://192.168.1.2:11434"}, "local"),
        ("calculated", {}, "unknown"),
        (None, {}, "unknown"),
    ],
)
async def test_an_engine_is_where_its_integration_says(
    house: HomeAssistant,
    satellite_entry: MockConfigEntry,
    iot_class: str | None,
    data: dict[str, str],
    where: str,
) -> None:
    await add_engine(house, Agent(), Platform.CONVERSATION, iot_class, data)
    await use(house, conversation_engine="conversation.agent")
    engines = (await found(house, satellite_entry))["engines"]
    assert engines["conversation"] == {
        "integration": "elsewhere",
        "iot_class": iot_class,
        "where": where,
    }


@pytest.mark.parametrize("engine", ["stt.gone", "gone"])
async def test_an_engine_that_is_gone_is_unknown(
    house: HomeAssistant, satellite_entry: MockConfigEntry, engine: str
) -> None:
    await use(house, stt_engine=engine)
    engines = (await found(house, satellite_entry))["engines"]
    assert (engines["stt"]["iot_class"], engines["stt"]["where"]) == (None, "unknown")


async def test_engines_that_are_no_entities_are_found(
    house: HomeAssistant, satellite_entry: MockConfigEntry
) -> None:
    await add_engine(house, Recogniser(), Platform.STT, "cloud_push")
    agent = house.config_entries.async_entries("elsewhere")[0].entry_id
    await use(house, tts_engine="elsewhere", conversation_engine=agent)
    engines = (await found(house, satellite_entry))["engines"]
    assert engines["tts"]["where"] == engines["conversation"]["where"] == "cloud"
    await use(house, tts_engine=None, conversation_engine="nobody")
    engines = (await found(house, satellite_entry))["engines"]
    assert "tts" not in engines
    assert engines["conversation"]["where"] == "unknown"


async def test_without_a_pipeline_there_is_nothing_to_find(
    house: HomeAssistant, satellite_entry: MockConfigEntry
) -> None:
    with patch.object(locality, "async_get_pipeline", side_effect=PipelineNotFound("x", "x")):
        assert (await found(house, satellite_entry))["engines"] == {}


async def test_the_user_is_told_of_the_cloud_until_it_is_mended(house: HomeAssistant) -> None:
    await add_engine(house, Recogniser(), Platform.STT, "cloud_push")
    await use(house, stt_engine="stt.recogniser")
    await check_locality_again(house)
    assert titles_by_issue(house) == {"cloud_stt": "Kitchen satellite"}
    ours = "stt.speech_server_tiny_en_speech_to_text"
    await use(house, stt_engine=ours, tts_engine="elsewhere")
    await check_locality_again(house)
    assert titles_by_issue(house) == {"cloud_tts": "Kitchen satellite"}
    await use(house, tts_engine="tts.speech_server_tiny_en_text_to_speech")
    await check_locality_again(house)
    assert titles_by_issue(house) == {}


async def test_a_satellite_that_uses_another_assistant_is_followed(house: HomeAssistant) -> None:
    await add_engine(house, Agent(), Platform.CONVERSATION, "cloud_polling")
    await use(house, conversation_engine="conversation.agent")
    await check_locality_again(house)
    assert titles_by_issue(house) == {"cloud_conversation": "Kitchen satellite"}
    await house.services.async_call(
        "select",
        "select_option",
        {"entity_id": "select.kitchen_kitchen_satellite_assistant", "option": "Home Assistant"},
        blocking=True,
    )
    await check_locality_again(house)
    assert titles_by_issue(house) == {}


async def test_a_removed_satellite_leaves_no_notice(
    house: HomeAssistant, satellite_entry: MockConfigEntry
) -> None:
    await use(house, stt_engine="elsewhere")
    await add_engine(house, Agent(), Platform.CONVERSATION, "cloud_polling")
    await check_locality_again(house)
    assert titles_by_issue(house) == {"cloud_stt": "Kitchen satellite"}
    await house.config_entries.async_remove(satellite_entry.entry_id)
    await check_locality_again(house)
    assert titles_by_issue(house) == {}


async def test_debug_recordings_are_told_of(
    house: HomeAssistant, satellite_entry: MockConfigEntry
) -> None:
    house.data[DATA_CONFIG] = {"debug_recording_dir": "/share/debug"}
    await check_locality_again(house)
    assert titles_by_issue(house) == {"debug_recordings": ""}
    assert (await found(house, satellite_entry))["debug_recordings"] is True
    house.data[DATA_CONFIG] = {}
    await check_locality_again(house)
    assert titles_by_issue(house) == {}


async def test_without_a_satellite_nothing_is_told(hass: HomeAssistant) -> None:
    hass.data[DATA_CONFIG] = {"debug_recording_dir": "/share/debug"}
    assert await async_setup_component(hass, DOMAIN, {})
    await check_locality_again(hass)
    assert titles_by_issue(hass) == {}
