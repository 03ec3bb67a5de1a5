"""What the keeper takes from Home Assistant, and what it does when its store fails."""

import asyncio
import sqlite3
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from homeassistant.components.person import PersonStorageCollection, async_create_person
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.indoor_voice.const import CONF_EXCLUDED, CONF_LIMIT, DOMAIN
from custom_components.indoor_voice.household import arrangement
from custom_components.indoor_voice.household.keeper import SIGNAL_HOUSEHOLD
from custom_components.indoor_voice.household.store_issues import store_path
from custom_components.indoor_voice.privacy.household import Household
from custom_components.indoor_voice.privacy.store.clock import Clock

from .household_entities import DELETE_LAST, KEEPS, KEPT, OPTED_OUT, say, state_of
from .keeping import (
    Inhabitant,
    add_consenting_person,
    add_person,
    break_disk,
    exposed,
    keeper_of,
    set_read_only,
    set_time,
    set_up_household,
)
from .peers import SATELLITE_ID, FakeSatellite
from .repair_issues import issues
from .waiting import reaches

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from custom_components.indoor_voice.privacy.people import Arrangement


_MINUTES = count(1)


@pytest.fixture
async def household(house: HomeAssistant) -> MockConfigEntry:
    return await set_up_household(house)


@pytest.fixture
async def ada(house: HomeAssistant, household: MockConfigEntry) -> Inhabitant:
    """The only member, with a listening key and consent to keeping."""
    return await add_consenting_person(house, "Ada")


async def arranged(hass: HomeAssistant) -> Arrangement:
    return await keeper_of(hass).run(lambda it: it.arrangement)


async def a_minute_later(hass: HomeAssistant) -> None:
    """Advance the time by a minute."""
    async_fire_time_changed(hass, dt_util.utcnow() + next(_MINUTES) * timedelta(seconds=61))
    await hass.async_block_till_done()


# People


async def test_everybody_whom_home_assistant_knows_lives_here(
    house: HomeAssistant, household: MockConfigEntry
) -> None:
    ada = await add_person(house, "Ada")
    await async_create_person(house, "Baby")
    people = (await arranged(house)).people
    assert {key: (person.name, person.has_account) for key, person in people.items()} == {
        ada.id: ("Ada", True),
        "baby": ("Baby", False),
    }


async def test_an_account_that_is_switched_off_is_still_one(
    house: HomeAssistant, household: MockConfigEntry
) -> None:
    await add_person(house, "Owner")
    ada = await add_person(house, "Ada")
    user = await house.auth.async_get_user(ada.id)
    assert user is not None
    await house.auth.async_deactivate_user(user)
    await a_minute_later(house)
    assert (await arranged(house)).people[ada.id].has_account


async def test_an_account_that_is_gone_is_none(
    house: HomeAssistant, household: MockConfigEntry
) -> None:
    await add_person(house, "Owner")
    ada = await add_person(house, "Ada")
    user = await house.auth.async_get_user(ada.id)
    assert user is not None
    await house.auth.async_remove_user(user)
    await house.async_block_till_done()
    people = (await arranged(house)).people
    assert {person.name: (key, person.has_account) for key, person in people.items()}["Ada"] == (
        "ada",
        False,
    )


async def test_nobody_takes_the_place_of_an_account(
    house: HomeAssistant, household: MockConfigEntry
) -> None:
    ada = await add_person(house, "Ada")
    with patch.object(
        PersonStorageCollection,
        "async_items",
        return_value=[
            {"id": "ada", "name": "Ada", "user_id": ada.id},
            {"id": ada.id, "name": "Somebody else"},
        ],
    ):
        people = await arrangement.async_people(house)
    assert people is not None
    assert people[ada.id].name == "Ada"
    assert people[ada.id].has_account


async def test_while_it_is_not_known_who_lives_here_nothing_is_kept_and_nothing_deleted(
    house: HomeAssistant,
    ada: Inhabitant,
    satellite: FakeSatellite,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await satellite.wait_for("audio-stop")
    await reaches(house, "idle")
    await say(house)
    people = house.data.pop("person")
    await house.config_entries.async_reload(_household(house).entry_id)
    assert "The people in Home Assistant are not known" in caplog.text
    caplog.clear()
    await a_minute_later(house)
    assert "The people in Home Assistant are not known" not in caplog.text
    assert state_of(house, KEEPS) == STATE_OFF
    await say(house)
    house.data["person"] = people
    await a_minute_later(house)
    assert state_of(house, KEEPS) == STATE_ON
    assert state_of(house, KEPT) == "1"
    await reaches(house, "idle")
    assert len(satellite.of_type("audio-start")) == 1  # when Ada consented


async def test_the_people_are_read_as_home_assistant_will_hold_them(
    house: HomeAssistant, household: MockConfigEntry
) -> None:
    ada = await add_person(house, "Ada")

    class PersonData:  # since 2026.11
        yaml_collection, storage_collection, entity_component = house.data["person"]

    with patch.dict(house.data, {"person": PersonData}):
        people = await arrangement.async_people(house)
    assert people is not None
    assert set(people) == {ada.id}


# Rooms


async def test_a_room_is_what_its_satellite_hears(
    house: HomeAssistant, household: MockConfigEntry, satellite_entry: MockConfigEntry
) -> None:
    room = (await arranged(house)).rooms[SATELLITE_ID]
    assert (room.name, room.limit_seconds) == ("Kitchen satellite", None)
    assert not room.excluded
    house.config_entries.async_update_entry(
        satellite_entry, title="Kitchen", options={CONF_EXCLUDED: ["baby"], CONF_LIMIT: 3600}
    )
    await house.async_block_till_done()
    room = (await arranged(house)).rooms[SATELLITE_ID]
    assert (room.name, room.limit_seconds) == ("Kitchen", 3600.0)
    assert room.excluded == {"baby"}


async def test_pairings_stand_in_the_ledger(
    house: HomeAssistant,
    household: MockConfigEntry,
    satellite_entry: MockConfigEntry,
    speech_entry: MockConfigEntry,
    satellite: FakeSatellite,
) -> None:
    ada = await add_person(house, "Ada")

    async def kinds() -> list[tuple[str, str | None]]:
        rows = await keeper_of(house).run(lambda it: it.rows(ada.id))
        kinds = ("paired", "unpaired")
        return [(str(row.kind), row.room) for row in rows if row.kind in kinds]

    house.config_entries.async_update_entry(satellite_entry, title="Kitchen")
    await house.async_block_till_done()
    assert await kinds() == []
    paired_anew = {**satellite_entry.data, "certificate": speech_entry.data["certificate"]}
    house.config_entries.async_update_entry(satellite_entry, data=paired_anew)
    await house.async_block_till_done()
    assert await kinds() == [("paired", SATELLITE_ID)]
    await house.config_entries.async_remove(speech_entry.entry_id)
    await house.async_block_till_done()
    assert await kinds() == [("unpaired", None), ("paired", SATELLITE_ID)]
    await house.config_entries.async_remove(satellite_entry.entry_id)
    await house.async_block_till_done()
    assert (await kinds())[0] == ("unpaired", SATELLITE_ID)
    assert (await arranged(house)).rooms == {}


async def test_what_others_do_is_nobodys_business_here(
    house: HomeAssistant, household: MockConfigEntry
) -> None:
    other = MockConfigEntry(domain="other")
    other.add_to_hass(house)
    house.config_entries.async_update_entry(other, title="New")
    await house.async_block_till_done()
    assert set((await arranged(house)).rooms) == {SATELLITE_ID}


# Time


async def test_every_minute_what_has_expired_goes(house: HomeAssistant, ada: Inhabitant) -> None:
    await ada.consent(house, 60.0)
    await say(house)
    assert state_of(house, KEPT) == "1"
    await set_time(house, 4e9)
    await a_minute_later(house)
    assert state_of(house, KEPT) == "0"


async def test_guest_mode_ends_by_itself(house: HomeAssistant, ada: Inhabitant) -> None:
    until = dt_util.utcnow().timestamp() + 30
    actor = keeper_of(house).actor(ada.id, "options")
    await keeper_of(house).run(lambda it: it.pause(actor=actor, guests_until=until))
    assert state_of(house, KEEPS) == STATE_OFF
    await set_time(house, until + 1)
    await a_minute_later(house)
    assert state_of(house, KEEPS) == STATE_ON


async def test_the_store_is_closed_when_home_assistant_stops(
    house: HomeAssistant, ada: Inhabitant
) -> None:
    house.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await house.async_block_till_done()
    await say(house)
    with pytest.raises(HomeAssistantError, match="The household's recordings can't be"):
        await keeper_of(house).run(lambda it: it.totals())


async def test_what_was_begun_is_finished_and_shown(house: HomeAssistant, ada: Inhabitant) -> None:
    await say(house)
    actor = keeper_of(house).actor(None, "action")
    task = asyncio.create_task(keeper_of(house).run(lambda it: it.delete_last(None, actor, 60.0)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await house.async_block_till_done()
    assert state_of(house, KEPT) == "0"


async def test_nothing_new_is_not_told(house: HomeAssistant, ada: Inhabitant) -> None:
    told = []
    async_dispatcher_connect(house, SIGNAL_HOUSEHOLD, lambda: told.append(1))
    await keeper_of(house).run(lambda it: it.consents(ada.id))
    await a_minute_later(house)
    assert not told


# When the store fails


def _household(hass: HomeAssistant) -> Any:
    return hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, "household")


def _corrupt(path: Path) -> None:
    path.write_bytes(b"rot" * 4000)


def _newer(path: Path) -> None:
    Household.open(path, Clock(), bytes(32)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def _no_file(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "issue"),
    [
        (_corrupt, "store_corrupt"),
        (_newer, "store_newer"),
        (_no_file, "store_unavailable"),
    ],
)
async def test_a_store_that_cannot_be_used_is_told_and_left_as_it_is(
    house: HomeAssistant,
    satellite: FakeSatellite,
    spoil: Callable[[Path], None],
    issue: str,
) -> None:
    path = store_path(house)
    path.parent.mkdir(parents=True)
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    await set_up_household(house)
    assert issues(house) == [issue]
    assert state_of(house, KEPT) == STATE_UNAVAILABLE
    assert state_of(house, DELETE_LAST) == STATE_UNAVAILABLE
    assert state_of(house, KEEPS) == STATE_OFF
    with pytest.raises(HomeAssistantError) as error:
        await keeper_of(house).run(lambda it: it.totals())
    assert error.value.translation_key == issue
    await say(house)
    # Turns still work.
    await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")
    await a_minute_later(house)
    assert (path.read_bytes() if path.is_file() else None) == before
    # It recovers as soon as the store can be used.
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink()
    await a_minute_later(house)
    assert issues(house) == []
    assert state_of(house, KEPT) == "0"


async def test_a_store_that_becomes_read_only_keeps_nothing_until_it_can_be_written(
    house: HomeAssistant, ada: Inhabitant
) -> None:
    await set_read_only(house)
    await say(house)
    assert issues(house) == ["store_read_only"]
    assert state_of(house, KEPT) == "0"
    assert state_of(house, KEEPS) == STATE_OFF
    await set_read_only(house, read_only=False)
    await a_minute_later(house)
    assert issues(house) == []
    assert state_of(house, KEEPS) == STATE_ON
    await say(house)
    assert state_of(house, KEPT) == "1"


@pytest.mark.parametrize("spoil", ["read-only", "failing", "locked"])
async def test_a_store_that_fails_at_work_is_used_again_within_a_minute(
    house: HomeAssistant, ada: Inhabitant, spoil: str
) -> None:
    await say(house)
    path = store_path(house)

    other = None
    await (set_read_only if spoil == "read-only" else break_disk)(house)
    await say(house)
    await a_minute_later(house)  # it is closed
    if spoil == "locked":
        other = sqlite3.connect(path)
        other.execute("BEGIN EXCLUSIVE")
        await a_minute_later(house)
        assert issues(house) == ["store_unavailable"]
    else:
        assert issues(house) == [f"store_{'read_only' if spoil == 'read-only' else 'unavailable'}"]
    assert state_of(house, KEEPS) == STATE_OFF
    if other is not None:
        other.close()
    await a_minute_later(house)
    assert issues(house) == []
    assert state_of(house, KEEPS) == STATE_ON
    await say(house)
    assert state_of(house, KEPT) == "2"


async def test_a_store_that_was_full_is_used_again_within_a_minute(
    house: HomeAssistant, ada: Inhabitant
) -> None:
    await keeper_of(house).run(lambda it: exposed(it).database.read("PRAGMA max_page_count = 1"))
    await say(house)
    assert issues(house) == ["store_full"]
    await keeper_of(house).run(
        lambda it: exposed(it).database.read(f"PRAGMA max_page_count = {2**31}")
    )
    await a_minute_later(house)
    assert issues(house) == []
    await say(house)
    assert state_of(house, KEPT) == "1"


async def test_a_full_store_keeps_nothing_and_deletes_still(
    house: HomeAssistant, ada: Inhabitant
) -> None:
    await say(house)
    await keeper_of(house).run(lambda it: exposed(it).database.read("PRAGMA max_page_count = 1"))
    await say(house)
    assert issues(house) == ["store_full"]
    assert state_of(house, KEPT) == "1"
    counts = await keeper_of(house).run(lambda it: it.totals())
    assert counts.kept == 1


async def test_no_exception_and_no_log_holds_what_was_said(
    house: HomeAssistant, ada: Inhabitant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with patch.object(Household, "turn_ended", side_effect=ValueError("the marzipan")):
        await say(house)
    assert "A turn was not kept: ValueError" in caplog.text
    assert "marzipan" not in caplog.text


async def test_a_damaged_store_is_replaced_only_after_a_confirmation(
    house: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    for component in ("repairs", "person"):
        assert await async_setup_component(house, component, {})
    path = store_path(house)
    path.parent.mkdir(parents=True)
    _corrupt(path)
    await set_up_household(house)
    client = await hass_client()
    response = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": "store_corrupt"}
    )
    form = await response.json()
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"] == {"path": str(path)}
    assert path.read_bytes().startswith(b"rot")
    response = await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={})
    assert (await response.json())["type"] == "create_entry"
    await house.async_block_till_done()
    assert issues(house) == []
    assert state_of(house, KEPT) == "0"
    assert state_of(house, OPTED_OUT) == STATE_OFF


async def test_a_household_that_is_gone_is_not_replaced(
    house: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    for component in ("repairs", "person"):
        assert await async_setup_component(house, component, {})
    path = store_path(house)
    path.parent.mkdir(parents=True)
    _corrupt(path)
    entry = await set_up_household(house)
    client = await hass_client()
    response = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": "store_corrupt"}
    )
    form = await response.json()
    await house.config_entries.async_remove(entry.entry_id)
    response = await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={})
    assert (await response.json())["reason"] == "not_set_up"
    assert issues(house) == []
