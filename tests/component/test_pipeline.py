"""The Assist pipeline that is made when a speech server is added."""

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from homeassistant.components.assist_pipeline.pipeline import (
    KEY_ASSIST_PIPELINE,
    Pipeline,
    async_get_pipeline,
    async_get_pipelines,
)
from homeassistant.helpers import issue_registry as ir

from custom_components.indoor_voice.const import DOMAIN

from .peers import FakeSpeech, speech_info
from .pipelines import request_pipeline

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


def our_pipelines(hass: HomeAssistant) -> list[Pipeline]:
    return [p for p in async_get_pipelines(hass) if p.name == "Indoor Voice"]


async def test_it_uses_both_engines_and_is_preferred(
    hass: HomeAssistant, speech_entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    (pipeline,) = our_pipelines(hass)
    assert pipeline.stt_engine == "stt.speech_server_tiny_en_speech_to_text"
    assert pipeline.tts_engine == "tts.speech_server_tiny_en_text_to_speech"
    assert (pipeline.stt_language, pipeline.tts_language) == ("en", "en")
    assert pipeline.tts_voice == "joe"
    assert async_get_pipeline(hass) == pipeline
    assert "pipeline" not in speech_entry.data


@pytest.mark.parametrize("create", [False, True])
async def test_only_what_was_ticked_is_done(
    hass: HomeAssistant, speech_entry: MockConfigEntry, *, create: bool
) -> None:
    request_pipeline(hass, speech_entry, create=create, prefer=False)
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    assert len(our_pipelines(hass)) == create
    assert async_get_pipeline(hass).name == "Home Assistant"


async def test_one_that_was_deleted_stays_so(
    hass: HomeAssistant, speech_entry: MockConfigEntry
) -> None:
    request_pipeline(hass, speech_entry, create=True, prefer=False)
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    store = hass.data[KEY_ASSIST_PIPELINE].pipeline_store
    await store.async_delete_item(our_pipelines(hass)[0].id)
    assert await hass.config_entries.async_reload(speech_entry.entry_id)
    assert not our_pipelines(hass)


async def test_a_server_added_again_takes_over_the_old_one(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    (before,) = our_pipelines(hass)
    request_pipeline(hass, speech_entry, create=True, prefer=True)
    speech.info.tts[0].voices.pop(0)
    assert await hass.config_entries.async_reload(speech_entry.entry_id)
    (after,) = our_pipelines(hass)
    assert after.id == before.id
    assert after.tts_voice == "lessac"


@pytest.mark.parametrize("exists", [False, True])
async def test_a_language_that_the_server_does_not_speak_is_said(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry, *, exists: bool
) -> None:
    if exists:
        assert await hass.config_entries.async_setup(speech_entry.entry_id)
        assert await hass.config_entries.async_unload(speech_entry.entry_id)
        request_pipeline(hass, speech_entry, create=True, prefer=True)
    speech.info = speech_info("xy")
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"language_{speech_entry.entry_id}")
    assert issue is not None
    assert len(our_pipelines(hass)) == exists
    assert await hass.config_entries.async_remove(speech_entry.entry_id)
    assert not ir.async_get(hass).issues


async def test_half_a_server_makes_none(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    speech.info.asr = []
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    assert not our_pipelines(hass)


async def test_a_changed_home_assistant_only_loses_the_preference(
    hass: HomeAssistant, speech_entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    store = "homeassistant.components.assist_pipeline.pipeline.PipelineStorageCollection"
    with patch(f"{store}.async_set_preferred_item", side_effect=AttributeError):
        assert await hass.config_entries.async_setup(speech_entry.entry_id)
    assert len(our_pipelines(hass)) == 1
    assert "choose it under Settings" in caplog.text
