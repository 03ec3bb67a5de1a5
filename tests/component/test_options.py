"""What administrators can set in Home Assistant's own pages."""

import math
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.person import async_create_person
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.household.store_issues import store_path

from .household_entities import KEPT, say, state_of
from .keeping import (
    add_consenting_person,
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
HOUR_BYTES = 115_200_000
"""An hour at 16,000 samples a second of 2 bytes each."""


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
    ]


async def test_retention(house: HomeAssistant, pages: Pages) -> None:
    page = await pages.open("retention")
    assert fields(page) == {"retention_seconds": "week", "max_hours": 1.0}
    result = await pages.enter(page, retention_seconds="month", max_hours=2.5)
    assert result["type"] == "create_entry"
    assert dict(pages.entry.options) == {"retention_seconds": 30 * DAY, "max_hours": 2.5}
    assert fields(await pages.open("retention")) == {"retention_seconds": "month", "max_hours": 2.5}
    ceiling = await keeper_of(house).run(lambda it: it.arrangement.ceiling)
    assert (ceiling.retention_seconds, ceiling.max_bytes) == (30 * DAY, 2.5 * HOUR_BYTES)


@pytest.mark.parametrize(
    ("megabytes", "hours"), [(1, 0.1), (100, 0.9), (250, 2.3), (10_000, 91.0), (100_000, 100.0)]
)
async def test_a_limit_in_megabytes_stays_the_same_limit(
    house: HomeAssistant, client: TestClient[Any, Any], megabytes: int, hours: float
) -> None:
    pages = Pages(client, await set_up_household(house, max_size_mb=megabytes))
    ceiling = await keeper_of(house).run(lambda it: it.arrangement.ceiling)
    assert ceiling.max_bytes == megabytes * 1024 * 1024
    assert "max_size_mb" not in pages.entry.options
    page = await pages.open("retention")
    assert fields(page) == {"retention_seconds": "week", "max_hours": hours}
    await pages.enter(page, retention_seconds="day", max_hours=hours)
    assert dict(pages.entry.options) == {"retention_seconds": DAY, "max_hours": hours}


async def test_an_invalid_limit_in_megabytes_allows_nothing(
    house: HomeAssistant, client: TestClient[Any, Any]
) -> None:
    await set_up_household(house, max_size_mb="x")
    assert (DOMAIN, "settings_unusable") in ir.async_get(house).issues
    assert keeper_of(house).arrangement.ceiling.retention_seconds == 0


async def test_an_hour_of_speech_takes_as_much_as_it_says(
    house: HomeAssistant, pages: Pages
) -> None:
    """Most of a recording is its sound; its text and keys hardly count."""
    await add_consenting_person(house, "Ada")
    await say(house, seconds=10.0)
    totals = await keeper_of(house).run(lambda it: it.totals())
    assert totals.size_bytes == pytest.approx(HOUR_BYTES * 10 / 3_600, rel=0.01)


async def test_nothing_stays_when_keeping_is_no_longer_allowed(
    house: HomeAssistant, pages: Pages
) -> None:
    await add_consenting_person(house, "Ada")
    await say(house)
    assert state_of(house, KEPT) == "1"
    await pages.submit("retention", retention_seconds="nothing", max_hours=1)
    await house.async_block_till_done()
    assert state_of(house, KEPT) == "0"


async def test_who_changed_the_ceiling_stands_in_the_ledger(
    house: HomeAssistant, pages: Pages, admin: str
) -> None:
    await pages.submit("retention", retention_seconds="day", max_hours=1)
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


async def test_a_pause_that_the_store_cannot_note_is_an_error(
    house: HomeAssistant, pages: Pages
) -> None:
    await set_read_only(house)
    page = await pages.submit("opt_out", opted_out=True, guests=False)
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
    page = await pages.submit("retention", retention_seconds="day", max_hours=5)
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
