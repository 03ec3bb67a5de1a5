"""Entities about recordings are hidden while the administrator allows none to be kept."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.indoor_voice.const import DOMAIN

from .entries import data_of, unload_entries
from .keeping import WEEK_SECONDS, set_up_household
from .peers import SATELLITE_ID

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite

BY_US = er.RegistryEntryHider.INTEGRATION
BY_USER = er.RegistryEntryHider.USER
OF_HOUSEHOLD = {
    "button.household_delete_the_last_recording",
    "event.household_recordings",
    "sensor.household_kept_recordings",
    "sensor.household_last_deletion",
    "sensor.household_next_expiry",
    "switch.household_guest_mode",
    "switch.household_keep_nothing",
}
OF_ROOM = {
    "binary_sensor.kitchen_kitchen_satellite_recordings_are_kept_here",
    "button.kitchen_kitchen_satellite_delete_the_last_recording",
    "button.kitchen_kitchen_satellite_that_was_wrong",
    "switch.kitchen_kitchen_satellite_keep_nothing_here",
}
ALL = OF_HOUSEHOLD | OF_ROOM
KEEP_NOTHING = "switch.household_keep_nothing"
GUESTS = "switch.household_guest_mode"
KEPT = "sensor.household_kept_recordings"
ROOM_KEEPS_NOTHING = "switch.kitchen_kitchen_satellite_keep_nothing_here"


def hidden(hass: HomeAssistant) -> dict[str, er.RegistryEntryHider]:
    """Return what hid each hidden entity of the integration."""
    entities = er.async_get(hass).entities.values()
    return {it.entity_id: it.hidden_by for it in entities if it.platform == DOMAIN and it.hidden_by}


def by_us(entities: set[str]) -> dict[str, er.RegistryEntryHider]:
    return dict.fromkeys(entities, BY_US)


def set_by_hand(hass: HomeAssistant, entity_id: str, hider: er.RegistryEntryHider | None) -> None:
    er.async_get(hass).async_update_entity(entity_id, hidden_by=hider)


async def allow(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()


async def reload(hass: HomeAssistant, *entries: MockConfigEntry) -> None:
    for entry in entries:
        assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
async def household(house: HomeAssistant) -> MockConfigEntry:
    """A household that allows nothing to be kept."""
    return await set_up_household(house, retention_seconds=0)


async def test_without_a_household_a_satellites_are_hidden(house: HomeAssistant) -> None:
    assert hidden(house) == by_us(OF_ROOM)


async def test_they_are_hidden_until_keeping_is_allowed(
    house: HomeAssistant, household: MockConfigEntry
) -> None:
    assert hidden(house) == by_us(ALL)
    await allow(house, household, retention_seconds=WEEK_SECONDS)
    assert hidden(house) == {}
    await allow(house, household)
    assert hidden(house) == by_us(ALL)


async def test_a_household_that_allows_keeping_shows_them(house: HomeAssistant) -> None:
    household = await set_up_household(house)
    assert hidden(house) == {}
    await house.config_entries.async_remove(household.entry_id)
    await house.async_block_till_done()
    assert hidden(house) == by_us(OF_ROOM)


async def test_a_room_whose_own_limit_is_nothing_hides_its_own(
    house: HomeAssistant, satellite_entry: MockConfigEntry
) -> None:
    await set_up_household(house)
    await allow(house, satellite_entry, limit_seconds=0)
    assert hidden(house) == by_us(OF_ROOM)
    await allow(house, satellite_entry, limit_seconds=60)
    assert hidden(house) == {}


async def test_a_household_that_is_disabled_keeps_nothing(house: HomeAssistant) -> None:
    household = await set_up_household(house)
    entries = house.config_entries
    await entries.async_set_disabled_by(household.entry_id, ConfigEntryDisabler.USER)
    await house.async_block_till_done()
    assert hidden(house) == by_us(ALL)
    await entries.async_set_disabled_by(household.entry_id, None)
    await house.async_block_till_done()
    assert hidden(house) == {}


@pytest.mark.parametrize(("allowed", "expected"), [(0, ALL), (WEEK_SECONDS, set[str]())])
async def test_a_satellite_that_is_added_later_is_the_same(
    hass: HomeAssistant, satellite: FakeSatellite, allowed: float, expected: set[str]
) -> None:
    await set_up_household(hass, retention_seconds=allowed)
    data = data_of(satellite)
    entry = MockConfigEntry(
        domain=DOMAIN, title="Kitchen satellite", unique_id=SATELLITE_ID, data=data
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert ROOM_KEEPS_NOTHING in er.async_get(hass).entities
    assert hidden(hass) == by_us(expected)
    await unload_entries(hass)


@pytest.mark.parametrize("allowed", [0, WEEK_SECONDS])
async def test_after_a_restart_they_are_as_before(
    house: HomeAssistant,
    household: MockConfigEntry,
    satellite_entry: MockConfigEntry,
    allowed: float,
) -> None:
    await allow(house, household, retention_seconds=allowed)
    before = hidden(house)
    await reload(house, household, satellite_entry)
    assert hidden(house) == before


async def test_a_limit_that_changed_while_they_were_away_counts_when_they_are_back(
    house: HomeAssistant, household: MockConfigEntry, satellite_entry: MockConfigEntry
) -> None:
    for entry in (satellite_entry, household):
        assert await house.config_entries.async_unload(entry.entry_id)
    await allow(house, household, retention_seconds=WEEK_SECONDS)
    await reload(house, satellite_entry, household)
    assert hidden(house) == {}


async def test_what_a_user_shows_stays_until_keeping_is_forbidden_again(
    house: HomeAssistant, household: MockConfigEntry, satellite_entry: MockConfigEntry
) -> None:
    set_by_hand(house, GUESTS, None)
    await reload(house, household, satellite_entry)
    await allow(house, satellite_entry, limit_seconds=60)
    assert hidden(house) == by_us(ALL - {GUESTS})
    await allow(house, household, retention_seconds=WEEK_SECONDS)
    await allow(house, household, retention_seconds=0)
    assert hidden(house) == by_us(ALL)


async def test_what_a_user_hides_stays_hidden(
    house: HomeAssistant, household: MockConfigEntry, satellite_entry: MockConfigEntry
) -> None:
    await allow(house, household, retention_seconds=WEEK_SECONDS)
    for entity_id in (KEPT, ROOM_KEEPS_NOTHING):
        set_by_hand(house, entity_id, BY_USER)
    await reload(house, household, satellite_entry)
    by_user = dict.fromkeys((KEPT, ROOM_KEEPS_NOTHING), BY_USER)
    assert hidden(house) == by_user
    await allow(house, household, retention_seconds=0)
    assert hidden(house) == by_us(ALL) | by_user
    set_by_hand(house, KEEP_NOTHING, BY_USER)
    await allow(house, household, retention_seconds=WEEK_SECONDS)
    assert hidden(house) == by_user | {KEEP_NOTHING: BY_USER}


async def test_what_something_else_hid_stays_hidden(
    house: HomeAssistant, household: MockConfigEntry
) -> None:
    """A group can hide its members in the name of the integration, too."""
    await allow(house, household, retention_seconds=WEEK_SECONDS)
    set_by_hand(house, GUESTS, BY_US)
    await allow(house, household, retention_seconds=0)
    await allow(house, household, retention_seconds=WEEK_SECONDS)
    assert hidden(house) == by_us({GUESTS})


async def test_settings_that_make_no_sense_change_nothing(
    house: HomeAssistant, household: MockConfigEntry, satellite_entry: MockConfigEntry
) -> None:
    await allow(house, household, retention_seconds="x")
    assert hidden(house) == by_us(ALL)
    await allow(house, household, retention_seconds=WEEK_SECONDS)
    await allow(house, satellite_entry, limit_seconds="x")
    await allow(house, household, retention_seconds=-1)
    assert hidden(house) == {}


async def test_a_switch_that_is_hidden_at_first_can_be_used_by_voice_later(
    house: HomeAssistant, household: MockConfigEntry
) -> None:
    await allow(house, household, retention_seconds=WEEK_SECONDS)
    for switch in (KEEP_NOTHING, GUESTS, ROOM_KEEPS_NOTHING):
        assert async_should_expose(house, "conversation", switch)
