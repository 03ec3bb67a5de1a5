"""Everyone in the household sees when Home Assistant records or forwards a room's sound."""

from typing import TYPE_CHECKING, Any

from homeassistant.components.assist_pipeline.const import DATA_CONFIG
from homeassistant.helpers import device_registry as dr

from custom_components.indoor_voice.const import DOMAIN

from .logins import KITCHEN, STUDY, Home

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket


def device_of(hass: HomeAssistant, room: str) -> str:
    """Return the device of a room's satellite."""
    (entry,) = (one for one in hass.config_entries.async_entries(DOMAIN) if one.unique_id == room)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, room)}
    )
    return device.id


async def capture(client: MockHAClientWebSocket, device: str) -> bool:
    """Request a device's live sound for a moment; return whether Home Assistant accepts."""
    await client.send_json_auto_id(
        {"type": "assist_pipeline/device/capture", "device_id": device, "timeout": 0.05}
    )
    accepted = bool((await client.receive_json())["success"])
    if accepted:
        assert (await client.receive_json())["event"]["type"] == "end"
    return accepted


async def captures(home: Home) -> list[list[dict[str, Any]]]:
    """Return the ledger's capture rows that each person sees, newest first."""
    await home.hass.async_block_till_done()
    return [
        [row for row in await login.ask("ledger/rows") if row["kind"] == "captured"]
        for login in home.people
    ]


async def test_who_has_sound_sent_live_is_seen_by_everybody(home: Home) -> None:
    async with home.ada.connection() as client:
        assert await capture(client, device_of(home.hass, KITCHEN))
    for (row,) in await captures(home):
        assert (row["actor"], row["room"]) == (home.ada.id, KITCHEN)


async def test_many_captures_fill_no_ledger_and_hide_no_other_room(home: Home) -> None:
    async with home.ada.connection() as client:
        for _ in range(5):
            assert await capture(client, device_of(home.hass, KITCHEN))
        assert await capture(client, device_of(home.hass, STUDY))
    for rows in await captures(home):
        assert [row["room"] for row in rows] == [STUDY, KITCHEN]


async def test_only_an_administrator_has_sound_sent_and_of_other_devices_nothing_is_noted(
    home: Home,
) -> None:
    async with home.ben.connection() as client:
        assert not await capture(client, device_of(home.hass, KITCHEN))
    async with home.ada.connection() as client:
        assert await capture(client, "another")
    assert await captures(home) == [[], [], []]


async def test_without_a_household_a_capture_is_no_error(home: Home) -> None:
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    async with home.ada.connection() as client:
        assert await capture(client, device_of(home.hass, KITCHEN))


async def test_everybody_is_told_where_commands_are_written_to_disk(home: Home) -> None:
    for folder in (None, "/share/debug"):
        home.hass.data[DATA_CONFIG] = {"debug_recording_dir": folder} if folder else {}
        for login in (*home.people, home.visitor):
            told = await login.ask("household/arrangement")
            assert told["debug_recordings"] == folder
