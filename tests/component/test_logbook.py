"""What the logbook, the diagnostics and the system information show about recordings."""

import json
from typing import TYPE_CHECKING, Any

from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    get_system_health_info,
)

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.diagnostics import async_get_config_entry_diagnostics
from custom_components.indoor_voice.household.events import EVENT_RECORDINGS
from custom_components.indoor_voice.logbook import async_describe_events

from .logins import KITCHEN, SECRET, Home, ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import Event


async def system_information(home: Home) -> dict[str, Any]:
    assert await async_setup_component(home.hass, "system_health", {})
    await home.hass.async_block_till_done()
    found: dict[str, Any] = await get_system_health_info(home.hass, DOMAIN)
    return found


async def keep_and_open(home: Home) -> None:
    await home.agree(KITCHEN)
    for login in home.people[1:]:
        await login.name(KITCHEN, home.ada)
    await home.ada.add_listening_key()
    await home.say()
    await home.say()
    async with home.ada.connection() as client:
        (shown, _) = (await ask(client, "recordings/list"))["recordings"]
        await ask(client, "recordings/open", recording=shown["recording"], part="words", why="own")
    await home.ada.act("delete_recordings")


async def test_the_logbook_says_that_and_how_many_and_no_more(home: Home) -> None:
    fired = async_capture_events(home.hass, EVENT_RECORDINGS)
    await keep_and_open(home)
    assert [event.data for event in fired] == [
        {"kind": "kept", "count": 1},
        {"kind": "kept", "count": 1},
        {"kind": "opened", "count": 1},
        {"kind": "deleted", "count": 2},
    ]
    descriptions: dict[str, Callable[[Event], dict[str, str]]] = {}

    def describe(_domain: str, event: str, how: Callable[[Event], dict[str, str]]) -> None:
        descriptions[event] = how

    async_describe_events(home.hass, describe)
    said = [descriptions[EVENT_RECORDINGS](event) for event in fired]
    assert said[0] == {"name": "Indoor Voice", "message": "kept a recording"}
    assert [entry["message"] for entry in said[2:]] == [
        "gave a recording to a listener",
        "deleted 2 recordings",
    ]


async def test_diagnostics_and_system_information_hold_counts_only(home: Home) -> None:
    await keep_and_open(home)
    diagnostics = await async_get_config_entry_diagnostics(home.hass, home.entry)
    assert diagnostics["counts"]["kept"] == 2
    assert diagnostics["ledger"]["ok"]
    information = await system_information(home)
    assert information["recordings"] == 0
    assert information["ledger"].startswith("intact, ")
    text = json.dumps([diagnostics, information]).lower()
    people = [word for login in home.people for word in (login.id, str(login.user.name).lower())]
    for private in (SECRET, "kitchen", KITCHEN, *people):
        assert private not in text


async def test_without_a_store_they_say_so(home: Home) -> None:
    home.keeper.view = None
    diagnostics = await async_get_config_entry_diagnostics(home.hass, home.entry)
    assert diagnostics == {"kind": "household", "store": False}
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    information = await system_information(home)
    assert (information["recordings"], information["ledger"]) == ("-", "-")
