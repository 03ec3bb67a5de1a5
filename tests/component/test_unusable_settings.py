"""Invalid settings and files allow nothing, and are reported in plain words."""

import copy
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import issue_registry as ir

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.household.locked_keys import LOCKED_KEYS

from .logins import KITCHEN, Home, everybody_keeps

if TYPE_CHECKING:
    from collections.abc import Iterator

NAN = float("nan")
SETTINGS: dict[str, list[Any]] = {
    "retention_seconds": ["x", None, -1, 1e12, NAN, [], True],
    "max_hours": ["x", None, NAN],
    "review": ["x", None, 7],
    "ruled_out": ["abc", None, 7, [7], [None]],
    "strict": ["x", None],
    "guidance": [7, None],
}
OF_A_ROOM: dict[str, list[Any]] = {
    "excluded": ["abc", None, 7, [7]],
    "limit_seconds": ["x", -1, NAN, []],
}


@pytest.fixture(autouse=True)
def _no_errors_of_a_program(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    raw = [record for record in caplog.get_records("call") if "never retrieved" in record.message]
    assert not raw


async def restart(home: Home) -> None:
    home.hass.data.pop(LOCKED_KEYS, None)
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_block_till_done()


def is_told(home: Home) -> bool:
    return (DOMAIN, "settings_unusable") in ir.async_get(home.hass).issues


async def recordings(home: Home) -> int:
    return len(await home.keeper.run(lambda household: household.recordings(home.ada.id)))


async def test_settings_that_make_no_sense_allow_nothing_and_delete_nothing(home: Home) -> None:
    await everybody_keeps(home)
    await home.say()
    kitchen = home.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, KITCHEN)
    assert kitchen is not None
    for entry, settings in ((home.entry, SETTINGS), (kitchen, OF_A_ROOM)):
        good = entry.options
        for name, values in settings.items():
            for value in values:
                bad = {**good, name: value}
                home.hass.config_entries.async_update_entry(entry, options=bad)
                await restart(home)
                assert home.entry.state is ConfigEntryState.LOADED
                assert is_told(home), bad
                await home.say()
                assert await recordings(home) == 0, bad
                home.hass.config_entries.async_update_entry(entry, options=good)
                await home.hass.async_block_till_done()
                assert not is_told(home)
                assert await recordings(home) == 1, bad


async def test_they_are_made_anew_in_the_dialogue(home: Home) -> None:
    options = home.hass.config_entries.options
    home.hass.config_entries.async_update_entry(
        home.entry, options={"retention_seconds": "x", "max_hours": None}
    )
    flow = await options.async_init(home.entry.entry_id)
    flow = await options.async_configure(flow["flow_id"], {"next_step_id": "retention"})
    await options.async_configure(flow["flow_id"], {"retention_seconds": "day", "max_hours": 1})
    await home.hass.async_block_till_done()
    assert not is_told(home)
    kitchen = home.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, KITCHEN)
    assert kitchen is not None
    home.hass.config_entries.async_update_entry(kitchen, options={"limit_seconds": "x"})
    await home.hass.async_block_till_done()
    assert is_told(home)
    flow = await options.async_init(kitchen.entry_id)
    assert flow["step_id"] == "room"
    await options.async_configure(
        flow["flow_id"], {"members": [], "limit_seconds": "household", "opted_out": False}
    )
    await home.hass.async_block_till_done()
    assert not is_told(home)


@pytest.mark.parametrize("file", ["indoor_voice.keys", "indoor_voice.ledger"])
@pytest.mark.parametrize(
    "edit",
    [{"version": 2}, {"version": "x"}, {"version": None}, {"data": "x"}, {"data": []}],
    ids=str,
)
async def test_a_file_that_is_damaged_is_left_as_it_is_and_told(
    home: Home, hass_storage: dict[str, Any], file: str, edit: dict[str, Any]
) -> None:
    await everybody_keeps(home)
    await home.say()
    good = copy.deepcopy(hass_storage[file])
    damaged = good | edit
    hass_storage[file] = copy.deepcopy(damaged)
    await restart(home)
    assert home.entry.state is ConfigEntryState.SETUP_ERROR
    assert "is damaged" in str(home.entry.reason)
    assert hass_storage[file] == damaged
    hass_storage[file] = good
    await restart(home)
    assert await recordings(home) == 1, "what was opened was closed again"
