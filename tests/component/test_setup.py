"""The administrator sets up in the panel what may be kept, and people are asked once."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.notify.const import DOMAIN as NOTIFY_DOMAIN
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.indoor_voice.const import CONF_EXCLUDED, CONF_RETENTION

from .logins import DAY, KITCHEN, STUDY, Home, Login

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant, ServiceCall


@pytest.fixture(autouse=True)
async def _notifications(hass: HomeAssistant) -> None:
    """Set up the notifications that Home Assistant shows."""
    assert await async_setup_component(hass, "persistent_notification", {})


async def add_phone(home: Home, login: Login, *, reachable: bool = True) -> list[ServiceCall]:
    """Give a person a phone with the companion app, and return the pushes that it gets."""
    entry = MockConfigEntry(domain="mobile_app", data={"user_id": login.id})
    entry.add_to_hass(home.hass)
    entity = er.async_get(home.hass).async_get_or_create(
        NOTIFY_DOMAIN, "mobile_app", "phone", config_entry=entry
    )
    home.hass.states.async_set(entity.entity_id, "unknown")
    failure = None if reachable else HomeAssistantError("The phone is off")
    pushes: list[ServiceCall] = async_mock_service(
        home.hass, NOTIFY_DOMAIN, "send_message", raise_exception=failure
    )
    return pushes


async def notified(login: Login) -> dict[str, str]:
    """Return the texts of the notifications that Home Assistant shows, by their ids."""
    async with login.connection() as client:
        await client.send_json_auto_id({"type": "persistent_notification/get"})
        answer = await client.receive_json()
    return {one["notification_id"]: one["message"] for one in answer["result"]}


async def test_what_may_be_kept_is_set_and_holds_when_it_is_answered(home: Home) -> None:
    await home.ada.ask("setup/allow", retention_seconds=DAY)
    assert home.entry.options[CONF_RETENTION] == DAY
    assert (await home.ben.ask("household/arrangement"))["retention_seconds"] == DAY
    await home.ada.ask("setup/allow", retention_seconds=0)
    arrangement = await home.ada.ask("household/arrangement")
    assert arrangement["retention_seconds"] == 0
    assert arrangement["admin"]
    assert arrangement["has_question"]
    assert not (await home.ben.ask("household/arrangement"))["has_question"]
    assert await home.ada.refused("setup/allow", retention_seconds=60 * DAY) == "invalid_format"


async def test_who_is_expected_is_set_for_each_room(home: Home) -> None:
    people = [home.ada.id, home.ben.id]
    await home.ada.ask("setup/expect", room=KITCHEN, people=people)
    kitchen, study = (await home.ada.ask("household/arrangement"))["rooms"]
    assert set(kitchen["expected"]) == set(people)
    assert home.cleo.id in study["expected"]
    # She has an account, so she stays a member until she agrees to be left out.
    members = (await home.ada.ask("rooms"))[0]["members"]
    assert home.cleo.id in {one["id"] for one in members}
    await home.cleo.agree_to_be_left_out(KITCHEN)
    members = (await home.ada.ask("rooms"))[0]["members"]
    assert {one["id"] for one in members} == set(people)
    for fields in ({"room": "attic", "people": people}, {"room": KITCHEN, "people": ["nobody"]}):
        assert (await home.ada.refused("setup/expect", **fields)).startswith("not_allowed")
    assert CONF_EXCLUDED not in home.entry.options


async def test_everyone_who_has_to_answer_is_told_once(home: Home) -> None:
    phone = await add_phone(home, home.ben)
    await home.cleo.agree(KITCHEN, STUDY)
    assert (await _waiting(home.ada))["untold"] == 2
    assert (await _waiting(home.ben))["untold"] == 0, "only administrators are told that"
    assert await home.ada.ask("setup/ask") == {"told": 2}
    assert set(await notified(home.ada)) == {
        f"indoor_voice_asked_{login.id}" for login in (home.ada, home.ben)
    }
    (push,) = phone
    assert push.data["title"] == "A question from Indoor Voice"
    assert push.data["message"].startswith("Ben: ")
    assert (await _waiting(home.ada))["untold"] == 0
    assert await home.ada.ask("setup/ask") == {"told": 0}
    assert len(phone) == 1


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_a_notification_goes_away_with_the_answer(home: Home, answer: str) -> None:
    await home.ada.ask("setup/ask")
    mine = f"indoor_voice_asked_{home.ben.id}"
    assert "(/indoor-voice/start)" in (await notified(home.ben))[mine]
    if answer == "yes":
        await home.ben.agree(KITCHEN, STUDY)
    else:
        await home.ben.refuse(KITCHEN, STUDY)
    await home.hass.async_block_till_done()
    assert mine not in await notified(home.ben)
    assert f"indoor_voice_asked_{home.ada.id}" in await notified(home.ben)
    assert not (await home.ben.ask("household/arrangement"))["has_question"]


async def test_nobody_is_asked_where_somebody_has_said_no(home: Home) -> None:
    await home.cleo.refuse(KITCHEN, STUDY)
    assert await home.ada.ask("setup/ask") == {"told": 0}
    assert await notified(home.ada) == {}


async def test_a_phone_that_is_off_does_not_matter(home: Home) -> None:
    phone = await add_phone(home, home.ben, reachable=False)
    assert await home.ada.ask("setup/ask") == {"told": 3}
    assert len(phone) == 1
    assert len(await notified(home.ben)) == 3


async def _waiting(login: Login) -> Any:
    """Return the first event of the subscription to the rooms."""
    async with login.connection() as client:
        await client.send_json_auto_id({"type": "indoor_voice/rooms/subscribe"})
        assert (await client.receive_json())["success"]
        return (await client.receive_json())["event"]
