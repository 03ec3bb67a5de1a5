"""A change in who is heard or who listens is recorded, announced, and needs new consent."""

import asyncio
from typing import TYPE_CHECKING, Any

from homeassistant.components.mobile_app.const import DOMAIN as MOBILE_APP
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.household import announcer
from tests.waiting import until

from .logins import KITCHEN, STUDY, Home, everybody_keeps

if TYPE_CHECKING:
    import pytest
    from homeassistant.core import ServiceCall
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator


def place(home: Home, room: str, area: str) -> None:
    """Put a satellite into an area."""
    entry = home.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, room)
    assert entry is not None
    devices = dr.async_get(home.hass)
    device = devices.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, room)}
    )
    devices.async_update_device(
        device.id, area_id=ar.async_get(home.hass).async_get_or_create(area).id
    )


async def rows(home: Home, kind: str) -> list[dict[str, Any]]:
    """Return the ledger's rows of a kind, newest first."""
    return [row for row in await home.ben.ask("ledger/rows") if row["kind"] == kind]


async def keeps(home: Home, room: str) -> bool:
    await home.hass.async_block_till_done()
    return bool((await home.keeper.run(lambda it: it.status(room))).keeps_for_seconds)


async def test_a_room_that_is_elsewhere_asks_again(home: Home) -> None:
    place(home, KITCHEN, "Kitchen")
    place(home, STUDY, "Study")
    await home.hass.async_block_till_done()
    await everybody_keeps(home)
    assert await keeps(home, KITCHEN)
    await home.say()
    place(home, KITCHEN, "Study")
    place(home, STUDY, "Kitchen")
    assert not await keeps(home, KITCHEN)
    assert not await keeps(home, STUDY)
    assert (await home.ada.ask("recordings/list"))["total"] == 0
    changed = {row["room"]: row["detail"] for row in await rows(home, "arranged")}
    assert (changed[KITCHEN]["was"], changed[KITCHEN]["now"]) in {
        ("Kitchen", "Study"),
        ("", "Kitchen"),
    }
    for login in home.people:
        await login.agree(KITCHEN)
    for login in home.people[1:]:
        await login.name(KITCHEN, home.ada)
    assert await keeps(home, KITCHEN)


async def test_an_area_or_a_satellite_by_another_name_asks_again(home: Home) -> None:
    place(home, KITCHEN, "Kitchen")
    await home.hass.async_block_till_done()
    await everybody_keeps(home)
    areas = ar.async_get(home.hass)
    area = areas.async_get_area_by_name("Kitchen")
    assert area is not None
    areas.async_update(area.id, name="KITCHEN ")
    assert await keeps(home, KITCHEN)
    areas.async_update(area.id, name="Bedroom")
    assert not await keeps(home, KITCHEN)
    areas.async_update(area.id, name="Kitchen")
    assert await keeps(home, KITCHEN)
    entry = home.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, KITCHEN)
    assert entry is not None
    home.hass.config_entries.async_update_entry(
        entry, data={**entry.data, "certificate": "another satellite's"}
    )
    assert not await keeps(home, KITCHEN)


async def test_what_was_about_a_deleted_account_is_gone_at_once(home: Home) -> None:
    await everybody_keeps(home)
    await home.say()
    assert (await home.ada.ask("recordings/list"))["total"] == 1
    await home.hass.auth.async_remove_user(home.cleo.user)
    await home.hass.async_block_till_done()
    assert (await home.ada.ask("recordings/list"))["total"] == 0
    (row, *_) = await rows(home, "audience-changed")
    assert home.cleo.id in row["detail"]["members_gone"]


async def test_a_disabled_account_listens_to_nothing_and_is_heard_all_the_same(home: Home) -> None:
    await everybody_keeps(home)
    await home.hass.auth.async_update_user(home.ada.user, is_active=False)
    await home.hass.async_block_till_done()
    status = await home.keeper.run(lambda it: it.status(KITCHEN))
    assert home.ada.id in status.members
    assert home.ada.id not in status.listeners
    (row, *_) = await rows(home, "audience-changed")
    assert row["detail"]["listeners_gone"] == home.ada.id


async def test_a_room_hears_once_that_others_are_heard(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    async def announce(call: ServiceCall) -> None:
        said.append(call.data["message"])

    home.hass.services.async_register("assist_satellite", "announce", announce)
    monkeypatch.setattr(announcer, "SETTLING_SECONDS", 0.1)
    home.hass.states.async_set("assist_satellite.kitchen", "idle")
    await everybody_keeps(home)
    await wait_for_announcements(home, said, 1)
    assert "is kept" in said[0]
    home.hass.states.async_set("assist_satellite.kitchen", "unavailable")
    await home.hass.auth.async_remove_user(home.cleo.user)
    await home.hass.async_block_till_done()
    await home.ada.ask("key/remove")
    await home.ben.add_listening_key()
    assert len(said) == 1
    home.hass.states.async_set("assist_satellite.kitchen", "idle")
    await wait_for_announcements(home, said, 2)
    await home.keeper.run(lambda it: it.expire())
    await home.hass.async_block_till_done()
    await asyncio.sleep(0.3)
    assert len(said) == 2


async def wait_for_announcements(home: Home, said: list[str], times: int) -> None:
    async def count_said() -> int:
        await home.hass.async_block_till_done()
        return len(said)

    await until(count_said, lambda count: count >= times)


async def test_the_companion_apps_address_consents_for_nobody(
    home: Home, hass_client: ClientSessionGenerator
) -> None:
    """The administrator can read that address, which acts as its owner without a login."""
    hass = home.hass
    assert await async_setup_component(hass, MOBILE_APP, {})
    await hass.async_block_till_done()
    token = hass.auth.async_create_access_token(
        await hass.auth.async_create_refresh_token(
            home.ben.user,
            client_name="app",
            token_type="long_lived_access_token",  # noqa: S106 - a type of token
        )
    )
    client = await hass_client()
    registered = await client.post(
        "/api/mobile_app/registrations",
        json={
            "app_id": "app",
            "app_name": "App",
            "app_version": "1",
            "device_id": "telephone",
            "device_name": "Telephone",
            "manufacturer": "M",
            "model": "M",
            "os_name": "OS",
            "os_version": "1",
            "supports_encryption": False,
        },
        headers={"Authorization": f"Bearer {token}"},
    )
    assert registered.status == 201
    webhook = (await registered.json())["webhook_id"]
    call = {
        "domain": DOMAIN,
        "service": "give_consent",
        "service_data": {
            "purpose": "keep",
            "rooms": ["assist_satellite.kitchen"],
            "notice": "keep-3",
            "limit": {"hours": 12},
        },
    }
    await client.post(f"/api/webhook/{webhook}", json={"type": "call_service", "data": call})
    assert await home.ben.ask("consent/list") == []
    (row, *_) = await rows(home, "refused")
    assert row["detail"]["action"] == "give_consent"
    assert row["subjects"] == [home.ben.id]


async def test_who_tries_what_was_shown_to_another_is_shown_to_who_was_heard(home: Home) -> None:
    await everybody_keeps(home)
    await home.say()
    async with home.ada.connection() as ada:
        await ada.send_json_auto_id({"type": f"{DOMAIN}/recordings/list"})
        (shown,) = (await ada.receive_json())["result"]["recordings"]
        for name in (shown["recording"], "0" * 32):
            for _ in range(3):
                answer = await home.cleo.refused(
                    "recordings/open", recording=name, part="words", why="own"
                )
                assert answer == "not_allowed: unknown-recording"
    mine = await home.ben.ask("ledger/rows")
    refusals = [row for row in mine if row["kind"] == "refused"]
    assert refusals
    assert all(row["actor"] == home.cleo.id for row in refusals)
    assert len(refusals) <= 3
