"""The household's state for the panel is computed in the integration and pushed on changes."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.privacy.consent.consent import Purpose

from .keeping import exposed
from .logins import DAY, KITCHEN, STUDY, WEEK, Home, Login, ask, notice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

    from custom_components.indoor_voice.privacy.household import Household

    type Next = Callable[[], Awaitable[Any]]


@asynccontextmanager
async def following(login: Login, command: str) -> AsyncIterator[Next]:
    """Subscribe, and yield a function that returns the next event."""
    async with login.connection() as client:
        await ask(client, command)

        async def next_event() -> Any:
            message = await client.receive_json()
            assert message["type"] == "event", message
            return message["event"]

        yield next_event


async def until(next_event: Next, accept: Callable[[Any], bool]) -> Any:
    """Return the first event that is accepted."""
    event = None
    try:
        async with asyncio.timeout(10):
            while not accept(event := await next_event()):
                pass
    except TimeoutError:
        raise AssertionError(f"The last that came: {event}") from None
    return event


async def nothing_comes(client: MockHAClientWebSocket, home: Home) -> None:
    """Check that nothing was sent, because the answer to a new command comes first."""
    await home.hass.async_block_till_done()
    await client.send_json_auto_id({"type": "ping"})
    assert (await client.receive_json())["type"] == "pong"


async def test_whoever_looks_at_the_rooms_is_told_when_they_change(home: Home) -> None:
    async with following(home.visitor, "rooms/subscribe") as next_event:
        first = await next_event()
        assert first["rooms"] == await home.visitor.ask("rooms")
        assert first["totals"] == await home.visitor.ask("household/totals")
        assert first["pauses"] == {"household": False, "guests": False}
        await home.agree(KITCHEN)
        await home.ben.add_listening_key()
        for login in (home.ada, home.cleo):
            await login.name(KITCHEN, home.ben)
        kept = await until(next_event, lambda told: told["rooms"][0]["keeps_for_seconds"] == DAY)
        assert kept["rooms"][0]["why_not"] == []
        await home.say()
        await until(next_event, lambda told: told["rooms"][0]["recordings"] == 1)
        await home.ada.ask("pause/set", scope="guests", paused=True)
        await home.ada.ask("pause/set", scope="household", paused=True)
        paused = await until(next_event, lambda told: told["pauses"]["household"])
        assert paused["pauses"]["guests"], "also while all is switched off"
        await home.hass.config_entries.async_reload(home.entry.entry_id)
        await home.ada.ask("pause/set", scope="household", paused=False)
        await until(next_event, lambda told: not told["pauses"]["household"])


async def test_nothing_comes_where_nothing_has_changed(home: Home) -> None:
    async with home.cleo.connection() as client:
        for command in ("rooms/subscribe", "household/subscribe", "consent/subscribe"):
            await ask(client, command)
            assert (await client.receive_json())["type"] == "event"
        # A change that concerns only another person, and the passing of a minute.
        await home.ben.ask(
            "consent/refuse", purpose="listen", rooms=[STUDY], notice_sha256=notice(Purpose.LISTEN)
        )
        async_fire_time_changed(home.hass, dt_util.utcnow() + timedelta(minutes=1))
        await nothing_comes(client, home)
        await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": 1})
        assert (await client.receive_json())["success"]
        await home.ada.ask("pause/set", scope="room", room=KITCHEN, paused=True)
        await nothing_comes(client, home)


async def test_whoever_looks_at_the_household_is_told_what_the_administrator_changes(
    home: Home,
) -> None:
    async with following(home.ben, "household/subscribe") as next_event:
        assert await next_event() == await home.ben.ask("household/arrangement")
        home.hass.config_entries.async_update_entry(home.entry, options={"retention_seconds": DAY})
        told = await until(next_event, lambda told: told["retention_seconds"] == DAY)
        assert told["choices"]["limit_seconds"] == [DAY]


async def test_whoever_looks_at_their_consents_is_told_what_becomes_of_them(home: Home) -> None:
    async with following(home.ben, "consent/subscribe") as next_event:
        assert await next_event() == []
        await home.ben.agree(KITCHEN, STUDY)
        (record,) = await until(next_event, bool)
        assert record["live_rooms"] == [KITCHEN, STUDY]
        assert record["expires_at"] == record["events"][0]["time"] + WEEK
        await home.ben.ask("consent/withdraw", purpose="keep", rooms=[STUDY])
        await until(next_event, lambda records: records[0]["live_rooms"] == [KITCHEN])
        await home.ben.refuse(KITCHEN)
        given, refused = await until(next_event, lambda records: len(records) == 2)
        assert (given["live_rooms"], given["refused_rooms"]) == ([], [])
        assert (refused["live_rooms"], refused["refused_rooms"]) == ([], [KITCHEN])
        assert refused["expires_at"] is None


@pytest.mark.parametrize(
    ("ceiling", "room_limit", "choices"),
    [
        (0, None, []),
        (DAY / 2, None, [DAY / 2]),
        (DAY, None, [DAY]),
        (30 * DAY, None, [DAY, WEEK, 30 * DAY]),
        (10 * DAY, None, [DAY, WEEK, 10 * DAY]),
        (30 * DAY, DAY, [DAY, WEEK, 30 * DAY]),
    ],
)
async def test_only_what_the_administrator_allows_is_offered(
    home: Home, ceiling: float, room_limit: float | None, choices: list[float]
) -> None:
    home.hass.config_entries.async_update_entry(home.entry, options={"retention_seconds": ceiling})
    satellite = home.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, KITCHEN)
    assert satellite
    home.hass.config_entries.async_update_entry(satellite, options={"limit_seconds": room_limit})
    await home.hass.async_block_till_done()
    told = await home.ben.ask("household/arrangement")
    assert told["choices"]["limit_seconds"] == choices
    for seconds in choices:
        await home.ben.agree(STUDY, limit_seconds=seconds)
    for seconds in told["choices"]["valid_seconds"]:
        await home.ben.ask(
            "consent/give",
            purpose="left-out",
            rooms=[KITCHEN],
            notice_sha256=notice(Purpose.LEFT_OUT),
            valid_seconds=seconds,
        )


async def test_a_room_says_every_reason_why_it_keeps_nothing_and_waits_only_for_answers(
    home: Home,
) -> None:
    async def kitchen(login: Login) -> Any:
        return (await login.ask("rooms"))[0]

    async def why_not(login: Login) -> Any:
        return (await kitchen(login))["why_not"]

    home.hass.config_entries.async_update_entry(home.entry, options={"retention_seconds": 0})
    await home.hass.async_block_till_done()
    await home.ada.ask("pause/set", scope="guests", paused=True)
    reasons = ["not-allowed", "guests", "not-wanted", "nobody-may-listen"]
    assert await why_not(home.ben) == await why_not(home.visitor) == reasons
    home.hass.config_entries.async_update_entry(home.entry, options={"retention_seconds": WEEK})
    await home.hass.async_block_till_done()
    await home.ada.ask("pause/set", scope="guests", paused=False)
    assert await why_not(home.ben) == ["not-wanted", "nobody-may-listen"]
    for login in (home.ada, home.ben):
        await login.name(KITCHEN, home.cleo)
    await home.cleo.agree(KITCHEN)
    assert await why_not(home.cleo) == ["not-wanted", "no-key"]
    seen_by_cleo, seen_by_ben = await kitchen(home.cleo), await kitchen(home.ben)
    assert (seen_by_cleo["waits_for_me"], seen_by_ben["waits_for_me"]) == (False, True)
    assert {one["id"] for one in seen_by_cleo["waiting_for"]} == {home.ada.id, home.ben.id}
    assert [one["id"] for one in seen_by_ben["waiting_for"]] == [home.ada.id]
    assert (await kitchen(home.visitor))["waiting_for"] == []
    for login in (home.ada, home.ben):
        await login.agree(KITCHEN)
    assert await why_not(home.ben) == ["no-key"]
    (listener,) = (await kitchen(home.ben))["listeners"]
    assert (listener["id"], listener["has_key"]) == (home.cleo.id, False)
    await home.cleo.add_listening_key()
    assert await why_not(home.ben) == []


async def test_nobody_learns_who_has_said_no(home: Home) -> None:
    await home.ada.agree(KITCHEN)
    await home.ben.refuse(KITCHEN)
    for login in (home.ada, home.cleo, home.visitor):
        kitchen = (await login.ask("rooms"))[0]
        assert kitchen["why_not"][0] == "not-wanted"
        assert kitchen["waiting_for"] == []
        assert not kitchen["declined_by_me"]
    kitchen = (await home.ben.ask("rooms"))[0]
    assert kitchen["declined_by_me"]
    assert home.ben.id not in json.dumps(
        {key: value for key, value in kitchen.items() if key not in ("members", "listeners")}
    )


async def test_guests_until_the_morning_stay_until_it_is_six_where_the_house_is(
    home: Home, freezer: Any
) -> None:
    await home.hass.config.async_set_time_zone("Pacific/Auckland")
    for now, morning in (
        ("2027-03-01 22:00", "2027-03-02 06:00"),
        ("2027-03-02 00:30", "2027-03-02 06:00"),
        ("2027-03-02 06:00", "2027-03-03 06:00"),
    ):
        freezer.move_to(dt_util.as_utc(_local(now)))
        await home.ada.ask("pause/set", scope="guests", paused=True, until="morning")
        assert home.keeper.view
        assert home.keeper.view.pauses.guests_until == _local(morning).timestamp()


def _local(text: str) -> Any:
    found = dt_util.parse_datetime(f"{text}:00")
    assert found
    return found.replace(tzinfo=dt_util.get_default_time_zone())


async def test_counts_say_whether_they_add_up(home: Home) -> None:
    await home.agree(KITCHEN)
    await home.ben.add_listening_key()
    for login in (home.ada, home.cleo):
        await login.name(KITCHEN, home.ben)
    await home.say()
    assert (await home.visitor.ask("household/totals"))["adds_up"] == {
        "commands": True,
        "recordings": True,
    }

    def lose(household: Household) -> None:
        database = exposed(household).database
        with database.transaction():
            database.write("UPDATE counter SET count = 2 WHERE name = 'kept'")

    await home.keeper.run(lose)
    assert (await home.visitor.ask("household/totals"))["adds_up"] == {
        "commands": False,
        "recordings": False,
    }


async def test_who_listened_is_read_in_pages_of_its_own(home: Home) -> None:
    for number in range(3):
        await home.ada.ask("pause/set", scope="room", room=KITCHEN, paused=number % 2 == 0)
        await home.visitor.refused("recordings/list")
    page = await home.ben.ask("ledger/rows", about="listening", limit=500)
    assert {row["kind"] for row in page} == {"refused"}
    everything = await home.ben.ask("ledger/rows")
    assert page == [row for row in everything if row["kind"] == "refused"]
    assert "seq" in json.dumps(page[0])


async def test_listening_by_others_is_read_apart_from_ones_own(home: Home) -> None:
    await home.agree(KITCHEN)
    listeners = (home.ben, home.cleo)
    for login in home.people:
        await login.name(KITCHEN, *(one for one in listeners if one is not login))
    for login in listeners:
        await login.add_listening_key()
    await home.say()
    for login in (home.cleo, home.ben, home.cleo, home.ben, home.ben):
        client = await login.connect()
        (shown,) = (await ask(client, "recordings/list"))["recordings"]
        await ask(client, "recordings/open", recording=shown["recording"], part="words", why="own")
        await client.close()
    await home.visitor.refused("recordings/list")

    async def actors(about: str, **fields: Any) -> list[str | None]:
        rows = await home.ben.ask("ledger/rows", about=about, **fields)
        assert {row["kind"] for row in rows} <= {"opened", "refused"}
        return [row["actor"] for row in rows]

    ben, cleo = home.ben.id, home.cleo.id
    assert await actors("listening") == [None, ben, ben, cleo, ben, cleo]
    assert await actors("mine") == [ben] * 3
    assert await actors("others") == [None, cleo, cleo]
    for about in ("mine", "others"):
        everyone = await home.ben.ask("ledger/rows", about=about)
        paged: list[Any] = []
        while page := await home.ben.ask(
            "ledger/rows", about=about, limit=1, **({"before": paged[-1]["seq"]} if paged else {})
        ):
            paged += page
        assert paged == everyone, "others' rows in between end no page"
