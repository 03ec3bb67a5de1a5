"""What each login can and can't ask and do over a WebSocket."""

import base64
import json
from typing import Any, Final

import pytest

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.privacy.consent.consent import Purpose
from tests.privacy.listener import Listener

from .logins import DAY, KITCHEN, SECRET, STUDY, WEEK, Home, ask, notice, refused

_KEY: Final = Listener.quick().locked.to_json()
_GIVE: Final[dict[str, Any]] = {
    "purpose": "keep",
    "rooms": [KITCHEN],
    "limit_seconds": DAY,
    "notice_sha256": notice(Purpose.KEEP),
    "valid_seconds": WEEK,
}
_FOR_PEOPLE: Final[dict[str, dict[str, Any]]] = {
    "consent/list": {},
    "consent/give": _GIVE,
    "consent/refuse": {
        "purpose": "keep",
        "rooms": [KITCHEN],
        "notice_sha256": notice(Purpose.KEEP),
    },
    "consent/withdraw": {"purpose": "keep"},
    "key/create": {"key": _KEY},
    "key/get": {},
    "key/change": {"key": _KEY},
    "key/remove": {},
    "recordings/list": {},
    "recordings/delete": {"recordings": ["0" * 32]},
    "ledger/rows": {},
    "ledger/head": {},
    "ledger/verify": {},
}
_FOR_ANYBODY: Final[dict[str, dict[str, Any]]] = {
    "notices": {},
    "rooms": {},
    "household/arrangement": {},
    "household/totals": {},
    "pause/set": {"scope": "room", "room": KITCHEN, "paused": True},
}


async def test_everybody_who_lives_here_may_use_all_of_it_and_a_visitor_only_what_narrows(
    home: Home,
) -> None:
    for login in home.people:
        client = await login.connect()
        for command, fields in (_FOR_ANYBODY | _FOR_PEOPLE).items():
            await ask(client, command, **fields)
    client = await home.visitor.connect()
    for command, fields in _FOR_ANYBODY.items():
        await ask(client, command, **fields)
    opening = {"recordings/open": {"recording": "0" * 32, "part": "words", "why": "own"}}
    for command, fields in (_FOR_PEOPLE | opening).items():
        assert await refused(client, command, **fields) == "not_allowed: unknown-person", command


async def test_commands_take_what_they_know_and_no_more(home: Home) -> None:
    client = await home.ada.connect()
    for command, fields in (_FOR_ANYBODY | _FOR_PEOPLE).items():
        answer = await refused(client, command, **fields, for_user=home.ben.id)
        assert answer == "invalid_format", command
    big = "x" * 200
    key = _KEY | {"locked": "A" * 100_000}
    for command, fields in (
        ("consent/give", _GIVE | {"rooms": []}),
        ("consent/give", _GIVE | {"rooms": [big]}),
        ("consent/give", _GIVE | {"rooms": [str(n) for n in range(101)]}),
        ("consent/give", _GIVE | {"limit_seconds": -1}),
        ("consent/give", _GIVE | {"limit_seconds": 31 * DAY}),
        ("consent/give", _GIVE | {"notice_sha256": big}),
        ("consent/give", _GIVE | {"purpose": "sell"}),
        ("consent/give", _GIVE | {"listeners": [home.ben.id]}),
        ("key/create", {"key": key}),
        ("key/create", {"key": _KEY | {"ops": 1}}),
        ("key/create", {"key": _KEY | {"memory_bytes": 2**40}}),
        ("key/create", {"key": _KEY | {"private": "AAAA"}}),
        ("key/create", {"key": _KEY | {"public": base64.b64encode(bytes(32)).decode()}}),
        ("recordings/list", {"limit": 100_000}),
        ("recordings/open", {"recording": big, "part": "words", "why": "own"}),
        ("recordings/open", {"recording": "0" * 32, "part": "all", "why": "own"}),
        ("recordings/open", {"recording": "0" * 32, "part": "words", "why": "review"}),
        ("recordings/delete", {"recordings": []}),
        ("recordings/delete", {"recordings": ["0" * 32] * 501}),
        ("ledger/rows", {"limit": 100_000}),
        ("ledger/verify", {"heads": [{}] * 101}),
        ("ledger/verify", {"heads": [{"seq": 1}]}),
        ("pause/set", {"scope": "street", "paused": True}),
    ):
        assert await refused(client, command, **fields) == "invalid_format", (command, fields)
    assert await ask(client, "key/get") is None


async def test_nothing_is_there_without_a_household(home: Home) -> None:
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    client = await home.ada.connect()
    for command, fields in (_FOR_ANYBODY | _FOR_PEOPLE).items():
        assert await refused(client, command, **fields) == "no_household"


async def test_a_room_is_kept_once_everybody_agrees_and_a_listener_has_a_key(
    home: Home,
) -> None:
    (kitchen, study) = await home.ada.ask("rooms")
    assert (kitchen["room"], kitchen["name"]) == (KITCHEN, "Kitchen")
    assert kitchen["keeps_for_seconds"] == 0
    assert kitchen["waits_for_me"]
    for login in home.people[:2]:
        await login.agree(KITCHEN)
        await login.name(KITCHEN, home.cleo)
    (kitchen, _) = await home.ada.ask("rooms")
    assert kitchen["keeps_for_seconds"] == 0
    assert not kitchen["waits_for_me"]
    assert [one["id"] for one in kitchen["waiting_for"]] == [home.cleo.id]
    await home.cleo.agree(KITCHEN, limit_seconds=DAY // 2)
    assert (await home.ada.ask("rooms"))[0]["keeps_for_seconds"] == 0
    await home.cleo.add_listening_key()
    (kitchen, study) = await home.visitor.ask("rooms")
    assert kitchen["keeps_for_seconds"] == DAY // 2
    assert study["keeps_for_seconds"] == 0
    assert not kitchen["waits_for_me"]


async def test_everybody_learns_who_lives_here_and_what_may_be_asked_of_them(home: Home) -> None:
    home.hass.config_entries.async_update_entry(
        home.entry, options={"retention_seconds": WEEK, "ruled_out": [home.ben.id]}
    )
    await home.hass.async_block_till_done()
    told = await home.cleo.ask("household/arrangement")
    assert told["person"] == home.cleo.id
    assert {person["name"]: person["may_listen"] for person in told["people"]} == {
        "Ada": True,
        "Ben": False,
        "Cleo": True,
    }
    assert {room["id"]: room["limit_seconds"] for room in told["rooms"]} == {
        KITCHEN: None,
        STUDY: None,
    }
    assert (told["retention_seconds"], told["review"]) == (WEEK, False)
    assert (await home.visitor.ask("household/arrangement"))["person"] is None


async def test_who_may_listen_is_said_with_the_reason(home: Home) -> None:
    for login in (home.ada, home.ben):
        await login.agree(KITCHEN)
        await login.name(KITCHEN, *(one for one in home.people if one is not login))
    satellite = home.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, KITCHEN)
    assert satellite
    home.hass.config_entries.async_update_entry(satellite, options={"excluded": [home.cleo.id]})
    await home.hass.async_block_till_done()
    (kitchen, _) = await home.visitor.ask("rooms")
    assert [listener["because"] for listener in kitchen["listeners"]] == ["member"]
    await home.cleo.agree_to_be_left_out(KITCHEN)
    (kitchen, _) = await home.visitor.ask("rooms")
    assert {member["name"] for member in kitchen["members"]} == {"Ada", "Ben"}
    because = {listener["name"]: listener["because"] for listener in kitchen["listeners"]}
    assert because == {"Ada": "member", "Ben": "member", "Cleo": "named"}


async def test_consent_is_ones_own_and_shows_what_became_of_it(home: Home) -> None:
    given = await home.ben.agree(KITCHEN, STUDY)
    assert given["principal"] == home.ben.id
    assert [record["id"] for record in await home.ben.ask("consent/list")] == [given["id"]]
    assert await home.ada.ask("consent/list") == []
    done = await home.ada.ask("consent/withdraw", purpose="keep")
    assert done["records"] == 0
    done = await home.ben.ask("consent/withdraw", purpose="keep", rooms=[KITCHEN])
    assert done["records"] == 1
    (record,) = await home.ben.ask("consent/list")
    assert [(event["state"], event["rooms"]) for event in record["events"]] == [
        ("given", None),
        ("withdrawn", [KITCHEN]),
    ]
    refusal = await home.ben.refuse(STUDY)
    assert refusal["events"][0]["state"] == "refused"


async def test_consent_is_refused_where_it_would_not_hold(home: Home) -> None:
    for change, reason in (
        ({"notice_sha256": "0" * 64}, "old-notice"),
        ({"rooms": ["attic"]}, "unknown-room"),
        ({"limit_seconds": WEEK + 1}, "above-ceiling"),
        ({"valid_seconds": 400 * DAY}, "bad-terms"),
        ({"valid_seconds": 0}, "bad-terms"),
    ):
        assert await home.ben.refused("consent/give", **_GIVE | change) == f"not_allowed: {reason}"
    listen = _GIVE | {"purpose": "listen", "notice_sha256": notice(Purpose.LISTEN)}
    del listen["limit_seconds"]
    for listener, reason in ((home.ben.id, "bad-terms"), (home.visitor.id, "unknown-person")):
        answer = await home.ben.refused("consent/give", **listen, listeners=[listener])
        assert answer == f"not_allowed: {reason}"


async def test_only_a_recordings_listener_gets_it_and_only_the_listeners_key_opens_it(
    home: Home,
) -> None:
    await home.agree(KITCHEN)
    for login in (home.ada, home.ben):
        await login.name(KITCHEN, home.cleo)
    ada, cleo = await home.ada.add_listening_key(), await home.cleo.add_listening_key()
    await home.say()
    assert (await home.ada.ask("recordings/list"))["recordings"] == []
    assert (await home.ben.ask("recordings/list"))["recordings"] == []

    client = await home.cleo.connect()
    (shown,) = (await ask(client, "recordings/list"))["recordings"]
    assert shown.keys() == {
        "recording",
        "room",
        "day",
        "time",
        "seconds",
        "until",
        "own",
        "disguise",
    }
    opened = await ask(
        client, "recordings/open", recording=shown["recording"], part="words", why="own"
    )
    assert (await home.kinds())[0] == "opened"
    sealed, ciphertext = (base64.b64decode(opened[name]) for name in ("key", "ciphertext"))
    words = cleo.open(sealed, opened["id"], "words", ciphertext)
    assert json.loads(words) == {"transcript": SECRET}
    assert SECRET not in json.dumps(opened)
    with pytest.raises(Exception, match="error"):
        ada.open(sealed, opened["id"], "words", ciphertext)
    sound = await ask(
        client, "recordings/open", recording=shown["recording"], part="sound", why="own"
    )
    wav = cleo.open(
        base64.b64decode(sound["key"]), sound["id"], "sound", base64.b64decode(sound["ciphertext"])
    )
    assert wav.startswith(b"RIFF")
    assert (await home.kinds()).count("opened") == 2
    for login in (home.ada, home.ben):
        rows = await login.ask("ledger/rows", limit=2)
        assert [row["actor"] for row in rows] == [home.cleo.id] * 2


async def test_names_of_recordings_hold_for_one_list_on_one_connection(home: Home) -> None:
    await home.ada.add_listening_key()
    for login in home.people:
        await login.agree(KITCHEN)
    for login in home.people[1:]:
        await login.name(KITCHEN, home.ada)
    await home.say()
    first, second = await home.ada.connect(), await home.ada.connect()
    (shown,) = (await ask(first, "recordings/list"))["recordings"]
    opening = {"recording": shown["recording"], "part": "words", "why": "own"}
    opened = await ask(first, "recordings/open", **opening)
    before = await home.kinds()
    assert await refused(second, "recordings/open", **opening) == "not_allowed: unknown-recording"
    assert await home.kinds() == ["refused", *before]
    assert await ask(second, "recordings/delete", recordings=[shown["recording"]]) == {"deleted": 0}
    by_id = opening | {"recording": opened["id"]}
    assert await refused(second, "recordings/open", **by_id) == "not_allowed: unknown-recording"
    (again,) = (await ask(first, "recordings/list"))["recordings"]
    assert again["recording"] != shown["recording"]
    assert await refused(first, "recordings/open", **opening) == "not_allowed: unknown-recording"
    await first.close()
    await home.hass.async_block_till_done()
    assert (await ask(second, "recordings/list"))["total"] == 1


async def test_who_is_no_listener_any_more_gets_nothing_and_a_row_says_so(home: Home) -> None:
    await home.agree(KITCHEN)
    for login in (home.ada, home.cleo):
        await login.name(KITCHEN, home.ben)
    await home.ben.add_listening_key()
    await home.say()
    client = await home.ben.connect()
    (shown,) = (await ask(client, "recordings/list"))["recordings"]
    await home.cleo.ask("consent/withdraw", purpose="listen")
    answer = await refused(
        client, "recordings/open", recording=shown["recording"], part="words", why="own"
    )
    assert answer in ("not_allowed: unknown-recording", "not_allowed: not-a-listener")
    kinds = await home.kinds()
    assert kinds[0] == "refused"
    assert "opened" not in kinds


async def test_a_listener_deletes_for_everybody(home: Home) -> None:
    await home.agree(KITCHEN)
    await home.ben.add_listening_key()
    for login in (home.ada, home.cleo):
        await login.name(KITCHEN, home.ben)
    await home.say()
    await home.say()
    client = await home.ben.connect()
    shown = (await ask(client, "recordings/list"))["recordings"]
    names = [recording["recording"] for recording in shown]
    assert await ask(client, "recordings/delete", recordings=names) == {"deleted": 2}
    assert await ask(client, "recordings/delete", recordings=names) == {"deleted": 0}
    assert (await home.visitor.ask("household/totals"))["recordings"] == 0


async def test_anybody_may_pause_and_only_who_lives_here_may_go_on(home: Home) -> None:
    await home.agree(KITCHEN)

    async def paused() -> Any:
        return (await home.visitor.ask("rooms"))[0]["paused"]

    for scope, field in (("household", {}), ("room", {"room": KITCHEN}), ("guests", {})):
        await home.visitor.ask("pause/set", scope=scope, paused=True, **field)
        assert await paused() == scope
        answer = await home.visitor.refused("pause/set", scope=scope, paused=False, **field)
        assert answer == "not_allowed: unknown-person"
        assert await paused() == scope
        await home.cleo.ask("pause/set", scope=scope, paused=False, **field)
        assert await paused() is None
    await home.ben.ask("pause/set", scope="guests", paused=True, until=4e9)
    sooner = {"scope": "guests", "paused": True, "until": 3e9}
    assert await home.visitor.refused("pause/set", **sooner) == "not_allowed: unknown-person"
    assert await home.visitor.refused("pause/set", scope="room", paused=True, room="attic") == (
        "not_allowed: unknown-room"
    )


async def test_the_ledger_is_checked_against_heads_from_before(home: Home) -> None:
    client = await home.ben.connect()
    head = await ask(client, "ledger/head")
    await home.ben.agree(KITCHEN)
    assert (await ask(client, "ledger/verify", heads=[head]))["ok"]
    later = head | {"seq": head["seq"] + 10}
    assert not (await ask(client, "ledger/verify", heads=[later]))["ok"]


async def test_the_ledger_is_read_in_pages_and_only_by_whom_it_is_about(home: Home) -> None:
    await home.ben.agree(KITCHEN, STUDY)
    rows = await home.ben.ask("ledger/rows")
    about_ben = [row for row in rows if row["kind"] == "consent-given"]
    assert len(about_ben) == 2
    assert [row["seq"] for row in rows] == sorted((row["seq"] for row in rows), reverse=True)
    page = await home.ben.ask("ledger/rows", before=rows[0]["seq"], limit=1)
    assert page == [rows[1]]
    for row in await home.ada.ask("ledger/rows"):
        assert row["kind"] != "consent-given"
