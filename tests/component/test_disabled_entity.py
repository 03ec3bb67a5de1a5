"""A satellite still works when the user has disabled its `assist_satellite` entity."""

from typing import TYPE_CHECKING

import pytest
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from wyoming.pipeline import PipelineStage, RunPipeline

from custom_components.indoor_voice.const import DOMAIN

from .waiting import CONNECTION, SATELLITE, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from .peers import FakeSatellite

MUTE = "switch.kitchen_kitchen_satellite_mute"


@pytest.fixture
async def without_entity(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    speech_entry: MockConfigEntry,
    disabled_entity: er.RegistryEntry,
) -> HomeAssistant:
    assert await async_setup_component(hass, DOMAIN, {})
    await satellite.wait_for("run-satellite")
    await shows(hass, CONNECTION, lambda state: state == "on")
    assert hass.states.get(SATELLITE) is None
    return hass


async def test_its_connection_is_shown(
    without_entity: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.stop()
    await shows(without_entity, CONNECTION, lambda state: state == "off")
    await satellite.start()
    await shows(without_entity, CONNECTION, lambda state: state == "on")


async def test_it_can_be_muted(without_entity: HomeAssistant, satellite: FakeSatellite) -> None:
    await shows(without_entity, MUTE, lambda state: state == "off")
    await without_entity.services.async_call(
        "switch", "turn_on", {"entity_id": MUTE}, blocking=True
    )
    assert satellite.status["muted"]
    await shows(without_entity, MUTE, lambda state: state == "on")


async def test_a_turn_fails_at_once_and_audibly(
    without_entity: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.send(RunPipeline(PipelineStage.ASR, PipelineStage.TTS))
    assert (await satellite.wait_for("error")).data["code"] == "pipeline-failed"


async def test_it_takes_turns_once_it_is_enabled_again(
    without_entity: HomeAssistant,
    satellite: FakeSatellite,
    satellite_entry: MockConfigEntry,
    disabled_entity: er.RegistryEntry,
) -> None:
    er.async_get(without_entity).async_update_entity(disabled_entity.entity_id, disabled_by=None)
    assert await without_entity.config_entries.async_reload(satellite_entry.entry_id)
    await shows(without_entity, disabled_entity.entity_id, lambda state: state == "idle")
    await satellite.wait_for("run-satellite", 2)
    await satellite.send(RunPipeline(PipelineStage.ASR, PipelineStage.TTS))
    await shows(without_entity, disabled_entity.entity_id, lambda state: state == "listening")
