"""Repair issues for devices that have been away for a long time."""

from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryDisabler, ConfigEntryState
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.devices import absence
from tests.waiting import until

from .waiting import CONNECTION, reaches, shows

if TYPE_CHECKING:
    from collections.abc import Generator

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers import entity_registry as er
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from .peers import FakeSatellite, FakeSpeech

MINUTE = 60.0


class Clock:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.readings = 0

    def __call__(self) -> float:
        self.readings += 1
        return self.now

    async def advance(self, seconds: float) -> None:
        """Advance the clock, and check the devices."""
        self.now += seconds
        before = self.readings
        await until(lambda: self.readings > before)


@pytest.fixture
def clock() -> Generator[Clock]:
    clock = Clock()
    with (
        patch.object(absence, "monotonic", clock),
        patch.object(absence, "CHECK_INTERVAL", timedelta(milliseconds=20)),
    ):
        yield clock


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, f"away_{entry.entry_id}")


async def test_a_satellite_that_was_away_for_long_is_reported_until_it_is_back(
    clock: Clock, house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    await clock.advance(0)
    await satellite.stop()
    await reaches(house, "unavailable")
    await clock.advance(0)
    await clock.advance(29 * MINUTE)
    assert issue(house, satellite_entry) is None
    await clock.advance(1 * MINUTE)
    found = issue(house, satellite_entry)
    assert found is not None
    assert found.translation_key == "satellite_away"
    assert found.translation_placeholders == {
        "title": "Kitchen satellite",
        "address": f"127.0.0.1:{satellite.port}",
    }
    assert not found.is_persistent
    await satellite.start()
    await reaches(house, "idle")
    await clock.advance(1)
    assert issue(house, satellite_entry) is None


async def test_a_satellite_that_is_there_is_not_reported_when_its_entity_is_disabled(
    clock: Clock,
    hass: HomeAssistant,
    satellite: FakeSatellite,
    satellite_entry: MockConfigEntry,
    disabled_entity: er.RegistryEntry,
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    await satellite.wait_for("run-satellite")
    await clock.advance(0)
    await clock.advance(60 * MINUTE)
    assert issue(hass, satellite_entry) is None
    await satellite.stop()
    await shows(hass, CONNECTION, lambda state: state == "off")
    await clock.advance(0)
    await clock.advance(60 * MINUTE)
    assert issue(hass, satellite_entry) is not None


async def test_a_satellite_that_comes_and_goes_is_not_reported(
    clock: Clock, house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    await satellite.stop()
    await reaches(house, "unavailable")
    await clock.advance(29 * MINUTE)
    await satellite.start()
    await reaches(house, "idle")
    await clock.advance(1)
    await satellite.stop()
    await reaches(house, "unavailable")
    await clock.advance(29 * MINUTE)
    assert issue(house, satellite_entry) is None
    await satellite.start()
    await reaches(house, "idle")


async def test_a_speech_server_that_was_away_for_long_is_reported(
    clock: Clock, house: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    await speech.stop()
    async_fire_time_changed(house, dt_util.utcnow() + timedelta(minutes=1))
    await shows(house, "stt.speech_server_tiny_en_speech_to_text", lambda s: s == "unavailable")
    await clock.advance(0)
    await clock.advance(30 * MINUTE)
    found = issue(house, speech_entry)
    assert found is not None
    assert (found.translation_key, found.severity) == ("speech_server_away", "error")


async def test_one_that_was_never_there_since_the_start_is_reported_until_it_is_disabled(
    clock: Clock, hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    await satellite.stop()
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    assert satellite_entry.state is ConfigEntryState.SETUP_RETRY
    await clock.advance(0)
    await clock.advance(30 * MINUTE)
    assert issue(hass, satellite_entry) is not None
    await hass.config_entries.async_set_disabled_by(
        satellite_entry.entry_id, ConfigEntryDisabler.USER
    )
    await clock.advance(1)
    assert issue(hass, satellite_entry) is None


async def test_one_that_must_be_paired_again_is_not_reported_as_well(
    clock: Clock, house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    await satellite.stop()
    await reaches(house, "unavailable")
    satellite_entry.async_start_reauth(house)
    await house.async_block_till_done(wait_background_tasks=False)
    assert any(satellite_entry.async_get_active_flows(house, {SOURCE_REAUTH}))
    await clock.advance(0)
    await clock.advance(30 * MINUTE)
    assert issue(house, satellite_entry) is None


async def test_one_that_is_removed_is_not_reported_any_more(
    clock: Clock, house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    await satellite.stop()
    await reaches(house, "unavailable")
    await clock.advance(0)
    await clock.advance(30 * MINUTE)
    assert issue(house, satellite_entry) is not None
    await house.config_entries.async_remove(satellite_entry.entry_id)
    await clock.advance(1)
    assert issue(house, satellite_entry) is None
