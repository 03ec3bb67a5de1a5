"""The software of a device: which version it runs, and which one belongs to the integration."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import indoor_voice
from custom_components.indoor_voice.const import DOMAIN

from .entries import data_of, unload_entries
from .peers import FakeSatellite, FakeSpeech, satellite_info
from .waiting import CONNECTION, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

SATELLITE = "update.kitchen_kitchen_satellite_software"
SPEECH = "update.speech_server_tiny_en_software"
MANIFEST = json.loads(Path(indoor_voice.__file__).with_name("manifest.json").read_text("utf-8"))
CURRENT = MANIFEST["version"]


def shown(hass: HomeAssistant, entity_id: str) -> tuple[str, dict[str, Any]]:
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state, dict(state.attributes)


@pytest.mark.parametrize("entity_id", [SATELLITE, SPEECH])
async def test_a_device_of_the_integrations_version_is_up_to_date(
    house: HomeAssistant, entity_id: str
) -> None:
    state, attributes = shown(house, entity_id)
    assert state == "off"
    assert attributes["installed_version"] == attributes["latest_version"] == CURRENT
    assert attributes["title"] == "Indoor Voice"
    assert attributes["supported_features"] == 0
    service = "indoor-voice-satellite" if entity_id == SATELLITE else "indoor-voice-speech"
    assert "`uv tool upgrade indoor-voice`" in attributes["release_summary"]
    assert f"`systemctl --user restart {service}`" in attributes["release_summary"]
    assert attributes["release_url"] == (
        f"{MANIFEST['documentation']}/blob/v{CURRENT}/docs/install.md#updating"
    )
    registered = er.async_get(house).async_get(entity_id)
    assert registered is not None
    assert registered.entity_category == "diagnostic"


@pytest.mark.parametrize(
    ("version", "state"), [("0.0.9", "on"), ("0.1.0.dev1", "on"), ("99.0.0", "off")]
)
async def test_a_satellite_of_another_version(
    house: HomeAssistant, satellite: FakeSatellite, version: str, state: str
) -> None:
    info = satellite_info()
    assert info.satellite is not None
    satellite.info = dataclasses.replace(
        info, satellite=dataclasses.replace(info.satellite, version=version)
    )
    satellite.drop()
    await satellite.wait_for("run-satellite", 2)
    await shows(house, CONNECTION, lambda connected: connected == "on")
    await house.async_block_till_done()
    assert shown(house, SATELLITE)[0] == state
    assert shown(house, SATELLITE)[1]["installed_version"] == version


async def test_it_stays_known_while_a_device_is_away(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await satellite.stop()
    await speech.stop()
    await shows(house, CONNECTION, lambda connected: connected == "off")
    await shows(house, "binary_sensor.speech_server_tiny_en_connection", lambda on: on == "off")
    for entity_id in (SATELLITE, SPEECH):
        assert shown(house, entity_id)[0] == "off"


async def test_a_satellite_that_does_not_tell_its_version(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    info = satellite_info()
    assert info.satellite is not None
    satellite.info = dataclasses.replace(
        info, satellite=dataclasses.replace(info.satellite, version=None)
    )
    satellite.drop()
    await satellite.wait_for("run-satellite", 2)
    await shows(house, SATELLITE, lambda state: state == "unknown")


async def test_the_version_of_another_vendor_is_not_compared(
    hass: HomeAssistant, plain_speech: FakeSpeech
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, title="Other", data=data_of(plain_speech))
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert not hass.states.async_entity_ids("update")
    await unload_entries(hass)
