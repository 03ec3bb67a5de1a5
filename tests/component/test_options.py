"""What administrators can set, and consent to for themselves, in Home Assistant's own pages."""

import math
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.auth.models import TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN
from homeassistant.components.person import async_create_person
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.indoor_voice.household.store_issues import store_path
from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from tests.privacy.listener import Listener

from .household_entities import KEEPS, say, state_of
from .keeping import (
    Inhabitant,
    add_listening_key,
    add_person,
    keeper_of,
    set_read_only,
    set_up_household,
)
from .peers import SATELLITE_ID

if TYPE_CHECKING:
    from aiohttp.test_utils import TestClient
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

FLOW = "/api/config/config_entries/options/flow"
DAY = 86_400


class Pages:
    """The options of an entry, as a logged-in administrator sees them."""

    def __init__(self, client: TestClient[Any, Any], entry: MockConfigEntry) -> None:
        self._client = client
        self.entry = entry

    async def open(self, step: str | None = None) -> Any:
        page = await self._post(FLOW, {"handler": self.entry.entry_id})
        if step is None:
            return page
        return await self.enter(page, next_step_id=step)

    async def enter(self, page: Any, **user_input: Any) -> Any:
        return await self._post(f"{FLOW}/{page['flow_id']}", user_input)

    async def submit(self, step: str | None, **user_input: Any) -> Any:
        return await self.enter(await self.open(step), **user_input)

    async def _post(self, url: str, data: dict[str, Any]) -> Any:
        response = await self._client.post(url, json=data)
        assert response.status == HTTPStatus.OK, await response.text()
        return await response.json()


@pytest.fixture
async def client(house: HomeAssistant, hass_client: ClientSessionGenerator) -> TestClient[Any, Any]:
    for component in ("config", "person"):  # no routes can be added to a running server
        assert await async_setup_component(house, component, {})
    client: TestClient[Any, Any] = await hass_client()
    return client


@pytest.fixture
async def household(house: HomeAssistant, client: TestClient[Any, Any]) -> MockConfigEntry:
    return await set_up_household(house)


@pytest.fixture
def pages(client: TestClient[Any, Any], household: MockConfigEntry) -> Pages:
    """The household's options."""
    return Pages(client, household)


@pytest.fixture
def room(client: TestClient[Any, Any], satellite_entry: MockConfigEntry) -> Pages:
    """The options of the satellite in the kitchen."""
    return Pages(client, satellite_entry)


@pytest.fixture
async def admin(
    house: HomeAssistant, client: TestClient[Any, Any], hass_admin_user: MockUser
) -> str:
    """The administrator, who is also a person of the household."""
    await async_create_person(house, "Ada", user_id=hass_admin_user.id)
    user_id: str = hass_admin_user.id
    return user_id


def fields(page: Any) -> dict[str, Any]:
    """Return the defaults of a form."""
    return {field["name"]: field.get("default") for field in page["data_schema"]}


def choices(page: Any, name: str) -> list[Any]:
    (field,) = [field for field in page["data_schema"] if field["name"] == name]
    options: list[Any] = field["selector"]["select"]["options"]
    return options


# The household


async def test_the_menu_names_what_can_be_set(pages: Pages) -> None:
    menu = await pages.open()
    assert menu["type"] == "menu"
    assert menu["menu_options"] == [
        "retention",
        "opt_out",
        "review",
        "guidance",
        "strict",
        "consent",
        "withdraw",
    ]


async def test_retention(house: HomeAssistant, pages: Pages) -> None:
    page = await pages.open("retention")
    assert fields(page) == {"retention_seconds": "week", "max_size_mb": 100}
    result = await pages.enter(page, retention_seconds="month", max_size_mb=250)
    assert result["type"] == "create_entry"
    assert dict(pages.entry.options) == {"retention_seconds": 30 * DAY, "max_size_mb": 250}
    assert fields(await pages.open("retention")) == {
        "retention_seconds": "month",
        "max_size_mb": 250,
    }
    ceiling = await keeper_of(house).run(lambda it: it.arrangement.ceiling)
    assert (ceiling.retention_seconds, ceiling.max_bytes) == (30 * DAY, 250 * 1024 * 1024)


async def test_who_changed_the_ceiling_stands_in_the_ledger(
    house: HomeAssistant, pages: Pages, admin: str
) -> None:
    await pages.submit("retention", retention_seconds="day", max_size_mb=100)
    await house.async_block_till_done()
    rows = await keeper_of(house).run(lambda it: it.rows(admin))
    assert (rows[0].kind, rows[0].actor) == ("ceiling-changed", admin)


async def test_opt_out(house: HomeAssistant, pages: Pages) -> None:
    page = await pages.open("opt_out")
    assert fields(page) == {"opted_out": False, "guests": False, "guests_until": None}
    await pages.enter(page, opted_out=True, guests=True)
    view = keeper_of(house).view
    assert view is not None
    assert (view.pauses.household, view.pauses.guests_until) == (True, math.inf)
    page = await pages.open("opt_out")
    assert fields(page) == {"opted_out": True, "guests": True, "guests_until": None}
    await pages.enter(page, opted_out=False, guests=False)
    view = keeper_of(house).view
    assert view is not None
    assert (view.pauses.household, view.pauses.guests_until) == (False, None)
    assert "opted_out" not in pages.entry.options


async def test_guest_mode_ends_at_a_time_of_the_day_here(
    house: HomeAssistant, pages: Pages
) -> None:
    await house.config.async_set_time_zone("Europe/Vienna")
    until = dt_util.now().replace(microsecond=0, second=0) + timedelta(hours=3)
    entered = until.strftime("%Y-%m-%d %H:%M:%S")
    page = await pages.open("opt_out")
    past = await pages.enter(page, opted_out=False, guests=True, guests_until="2020-01-01 00:00:00")
    assert past["errors"] == {"guests_until": "in_the_past"}
    result = await pages.enter(past, opted_out=False, guests=True, guests_until=entered)
    assert result["type"] == "create_entry"
    view = keeper_of(house).view
    assert view is not None
    assert view.pauses.guests_until == until.timestamp()
    page = await pages.open("opt_out")
    (field,) = [field for field in page["data_schema"] if field["name"] == "guests_until"]
    assert field["description"] == {"suggested_value": entered}


async def test_review(house: HomeAssistant, pages: Pages, admin: str) -> None:
    ben = await add_person(house, "Ben")
    await async_create_person(house, "Baby")
    page = await pages.open("review")
    assert fields(page) == {"review": False, "ruled_out": []}
    assert choices(page, "ruled_out") == [
        {"value": admin, "label": "Ada"},
        {"value": ben.id, "label": "Ben"},
    ]
    await pages.enter(page, review=True, ruled_out=[ben.id])
    ceiling = await keeper_of(house).run(lambda it: it.arrangement.ceiling)
    assert ceiling.review
    assert ceiling.ruled_out == {ben.id}
    # A person who is gone stays ruled out in case they come back.
    user = await house.auth.async_get_user(ben.id)
    assert user is not None
    await house.auth.async_remove_user(user)
    await house.async_block_till_done()
    page = await pages.open("review")
    assert fields(page) == {"review": True, "ruled_out": []}
    await pages.enter(page, review=True, ruled_out=[])
    assert pages.entry.options["ruled_out"] == [ben.id]


async def test_guidance(pages: Pages) -> None:
    page = await pages.open("guidance")
    await pages.enter(page, guidance=" Talk to Ben. \n")
    assert pages.entry.options["guidance"] == "Talk to Ben."
    (field,) = (await pages.open("guidance"))["data_schema"]
    assert field["description"] == {"suggested_value": "Talk to Ben."}
    await pages.enter(await pages.open("guidance"))
    assert pages.entry.options["guidance"] == ""


async def test_strict(pages: Pages) -> None:
    page = await pages.open("strict")
    assert fields(page) == {"strict": False}
    await pages.enter(page, strict=True)
    assert pages.entry.options["strict"] is True
    assert pages.entry.options["retention_seconds"] == 7 * DAY


async def test_the_administrator_consents_for_himself_only(
    house: HomeAssistant, pages: Pages, admin: str
) -> None:
    ben = await add_person(house, "Ben")
    page = await pages.open("consent")
    placeholders = page["description_placeholders"]
    assert placeholders["name"] == "Ada"
    assert placeholders["notice"] == CURRENT[Purpose.KEEP, "en"].text
    assert fields(page) == {"rooms": [SATELLITE_ID], "limit_seconds": "day"}
    assert choices(page, "limit_seconds") == ["day", "week"]
    assert choices(page, "rooms") == [{"value": SATELLITE_ID, "label": "Kitchen satellite"}]
    again = await pages.enter(page, rooms=[], limit_seconds="week")
    assert again["errors"] == {"rooms": "no_rooms"}
    result = await pages.enter(page, rooms=[SATELLITE_ID], limit_seconds="week")
    assert result["type"] == "create_entry"
    (record,) = await keeper_of(house).run(lambda it: it.consents(admin))
    assert record.terms.purpose is Purpose.KEEP
    assert record.terms.rooms == {SATELLITE_ID}
    assert record.terms.limit_seconds == 7 * DAY
    assert record.events[0].how == "options"
    assert not await keeper_of(house).run(lambda it: it.consents(ben.id))
    assert state_of(house, KEEPS) == STATE_OFF


async def test_the_administrator_takes_his_consent_back(
    house: HomeAssistant, pages: Pages, admin: str
) -> None:
    await add_listening_key(house, Inhabitant(id=admin, listener=Listener.quick()))
    await pages.submit("consent", rooms=[SATELLITE_ID], limit_seconds="week")
    assert state_of(house, KEEPS) == STATE_ON
    await say(house)
    page = await pages.open("withdraw")
    assert page["description_placeholders"] == {"name": "Ada"}
    result = await pages.enter(page)
    assert result["reason"] == "withdrawn"
    assert result["description_placeholders"] == {"recordings": "1"}
    assert state_of(house, KEEPS) == STATE_OFF


async def test_there_is_nothing_to_take_back(pages: Pages, admin: str) -> None:
    result = await pages.submit("withdraw")
    assert result["reason"] == "nothing_to_withdraw"


@pytest.mark.parametrize("step", ["consent", "withdraw"])
async def test_who_is_no_person_consents_to_nothing(pages: Pages, step: str) -> None:
    page = await pages.open(step)
    assert page["reason"] == "no_person"


@pytest.mark.parametrize("step", ["consent", "withdraw"])
async def test_without_a_login_nobody_consents(
    house: HomeAssistant, household: MockConfigEntry, admin: str, step: str
) -> None:
    flow = house.config_entries.options
    menu: Any = await flow.async_init(household.entry_id)
    page: Any = await flow.async_configure(menu["flow_id"], {"next_step_id": step})
    assert page["reason"] == "no_person"


async def test_where_nothing_is_kept_there_is_nothing_to_consent_to(
    house: HomeAssistant, pages: Pages, admin: str
) -> None:
    house.config_entries.async_update_entry(pages.entry, options={})
    page = await pages.open("consent")
    assert page["reason"] == "nothing_to_consent_to"


async def test_a_notice_is_accepted_by_whom_it_was_shown_to(
    house: HomeAssistant, pages: Pages, admin: str, hass_client: ClientSessionGenerator
) -> None:
    other = await admin_client(house, "Eve", hass_client)
    page = await pages.open("consent")
    again = await Pages(other, pages.entry).enter(page, rooms=[SATELLITE_ID], limit_seconds="day")
    assert again["description_placeholders"]["name"] == "Eve"
    records = await keeper_of(house).run(
        lambda it: [record for person in it.arrangement.people for record in it.consents(person)]
    )
    assert not records


async def admin_client(
    hass: HomeAssistant, name: str, hass_client: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """The options of the household, as another administrator sees them."""
    user = await hass.auth.async_create_user(name, group_ids=["system-admin"])
    await async_create_person(hass, name, user_id=user.id)
    token = await hass.auth.async_create_refresh_token(
        user,
        client_name="Pages",
        token_type=TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN,
        access_token_expiration=timedelta(days=1),
    )
    client: TestClient[Any, Any] = await hass_client(hass.auth.async_create_access_token(token))
    return client


async def test_a_ceiling_that_was_lowered_meanwhile_holds(
    house: HomeAssistant, pages: Pages, admin: str
) -> None:
    page = await pages.open("consent")
    house.config_entries.async_update_entry(
        pages.entry, options={**pages.entry.options, "retention_seconds": DAY}
    )
    await house.async_block_till_done()
    again = await pages.enter(page, rooms=[SATELLITE_ID], limit_seconds="week")
    assert again["errors"] == {"base": "refused"}
    assert choices(again, "limit_seconds") == ["day"]


@pytest.mark.parametrize(
    ("step", "user_input"),
    [
        ("opt_out", {"opted_out": True, "guests": False}),
        ("consent", {"rooms": [SATELLITE_ID], "limit_seconds": "week"}),
        ("withdraw", {}),
    ],
)
async def test_what_the_store_cannot_do_is_said(
    house: HomeAssistant, pages: Pages, admin: str, step: str, user_input: dict[str, Any]
) -> None:
    await pages.submit("consent", rooms=[SATELLITE_ID], limit_seconds="day")
    await set_read_only(house)
    page = await pages.submit(step, **user_input)
    assert page["errors"] == {"base": "store"}


async def test_a_household_that_is_not_set_up_has_no_options(
    house: HomeAssistant, pages: Pages
) -> None:
    assert await house.config_entries.async_unload(pages.entry.entry_id)
    page = await pages.open()
    assert page["reason"] == "not_set_up"


async def test_without_a_store_nothing_is_paused(
    house: HomeAssistant, client: TestClient[Any, Any], room: Pages
) -> None:
    path = store_path(house)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no store of ours" * 1000)
    pages = Pages(client, await set_up_household(house))
    page = await pages.open("opt_out")
    assert page["reason"] == "store"
    page = await room.open()
    assert page["reason"] == "store"
    page = await pages.submit("retention", retention_seconds="day", max_size_mb=5)
    assert page["type"] == "create_entry"


# A satellite


async def test_a_satellites_options(
    house: HomeAssistant, household: MockConfigEntry, room: Pages, admin: str
) -> None:
    ben = await add_person(house, "Ben")
    await async_create_person(house, "Baby")
    page = await room.open()
    assert fields(page) == {
        "members": [admin, ben.id, "baby"],
        "limit_seconds": "household",
        "opted_out": False,
    }
    await room.enter(page, members=[admin], limit_seconds="day", opted_out=True)
    assert dict(room.entry.options) == {"excluded": [ben.id, "baby"], "limit_seconds": DAY}
    await house.async_block_till_done()
    status = keeper_of(house).status(SATELLITE_ID)
    assert status is not None
    # A person with an account counts as a member who has not consented.
    assert status.members == {admin, ben.id}
    assert status.paused == "room"
    assert fields(await room.open()) == {
        "members": [admin],
        "limit_seconds": "day",
        "opted_out": True,
    }
    await room.submit(None, members=[admin], limit_seconds="nothing", opted_out=False)
    assert room.entry.options["limit_seconds"] == 0
    await room.submit(None, members=[], limit_seconds="household", opted_out=False)
    assert dict(room.entry.options) == {"excluded": [admin, ben.id, "baby"]}
    status = keeper_of(house).status(SATELLITE_ID)
    assert status is not None
    assert status.paused is None


async def test_a_satellite_without_a_household_has_nothing_to_set(room: Pages) -> None:
    page = await room.open()
    assert page["reason"] == "no_household"


async def test_a_room_that_the_store_cannot_opt_out_says_so(
    house: HomeAssistant, household: MockConfigEntry, room: Pages
) -> None:
    await set_read_only(house)
    page = await room.submit(None, members=[], limit_seconds="household", opted_out=True)
    assert page["errors"] == {"base": "store"}
    assert dict(room.entry.options) == {}


async def test_a_speech_server_has_no_options(
    house: HomeAssistant, speech_entry: MockConfigEntry
) -> None:
    assert not speech_entry.supports_options
