"""What each login gets from each command and action, by a complete table."""

import asyncio
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import pytest
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.auth.models import TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN
from homeassistant.components.websocket_api import DOMAIN as WEBSOCKET
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.panel import PANEL_URL
from custom_components.indoor_voice.privacy import refusals
from custom_components.indoor_voice.privacy.consent.consent import Purpose
from tests.privacy.listener import Listener

from .logins import DAY, KITCHEN, STUDY, WEEK, Home, Login, ask, notice, refused

if TYPE_CHECKING:
    from pytest_homeassistant_custom_component.typing import (
        MockHAClientWebSocket,
    )

    from custom_components.indoor_voice.privacy.household import Household


_NO_RECORDING: Final = "0" * 32
_KEY: Final = Listener.quick().locked.to_json()
_QUESTION: Final = {"purpose": "keep", "rooms": [KITCHEN], "notice_sha256": notice(Purpose.KEEP)}


_LESSON: Final = {
    "content": {"heard": "kitchen mic", "meant": "kitchen light", "language": "en"},
    "recordings": [_NO_RECORDING],
}


class Who(Enum):
    """The accounts that can use a command."""

    ANYBODY = auto()
    """Any login: the command returns what everyone in the house may know, or restricts keeping."""
    ONESELF = auto()
    """The people of the household, each for and about themselves."""
    LISTENER = auto()
    """The recording's listeners; anyone else is refused, which the ledger records."""
    ABOUT_RECORDINGS = auto()
    """The people of the household; for a recording that is not theirs they get nothing."""
    ADMINISTRATOR = auto()
    """Administrators, whether they are people of the household or not."""


_TABLE: Final[dict[str, tuple[Who, dict[str, Any]]]] = {
    "notices": (Who.ANYBODY, {}),
    "rooms": (Who.ANYBODY, {}),
    "rooms/subscribe": (Who.ANYBODY, {}),
    "household/arrangement": (Who.ANYBODY, {}),
    "household/subscribe": (Who.ANYBODY, {}),
    "household/totals": (Who.ANYBODY, {}),
    "pause/set": (Who.ANYBODY, {"scope": "room", "room": STUDY, "paused": True}),
    "setup/allow": (Who.ADMINISTRATOR, {"retention_seconds": WEEK}),
    "setup/expect": (Who.ADMINISTRATOR, {"room": STUDY, "people": []}),
    "setup/ask": (Who.ADMINISTRATOR, {}),
    "consent/list": (Who.ONESELF, {}),
    "consent/subscribe": (Who.ONESELF, {}),
    "consent/give": (Who.ONESELF, _QUESTION | {"limit_seconds": DAY, "valid_seconds": WEEK}),
    "consent/refuse": (Who.ONESELF, _QUESTION),
    "consent/withdraw": (Who.ONESELF, {"purpose": "listen"}),
    "key/create": (Who.ONESELF, {"key": _KEY}),
    "key/get": (Who.ONESELF, {}),
    "key/change": (Who.ONESELF, {"key": _KEY}),
    "key/remove": (Who.ONESELF, {}),
    "ledger/rows": (Who.ONESELF, {}),
    "ledger/head": (Who.ONESELF, {}),
    "ledger/verify": (Who.ONESELF, {}),
    "ledger/copy": (Who.ONESELF, {}),
    "key/found": (Who.ONESELF, {}),
    "key/take": (Who.ONESELF, {"public": "AAAA"}),
    "recordings/list": (Who.ABOUT_RECORDINGS, {}),
    "recordings/delete": (Who.ABOUT_RECORDINGS, {"recordings": [_NO_RECORDING]}),
    "recordings/open": (Who.LISTENER, {"recording": _NO_RECORDING, "part": "sound", "why": "own"}),
    "review/next": (Who.LISTENER, {}),
    "review/open": (Who.LISTENER, {"recording": _NO_RECORDING, "part": "sound"}),
    "review/verdict": (
        Who.LISTENER,
        {"recording": _NO_RECORDING, "verdict": "right", "sealed": {}},
    ),
    "review/undo": (Who.ABOUT_RECORDINGS, {}),
    "review/skip": (Who.LISTENER, {"recording": _NO_RECORDING}),
    "review/destroy": (Who.LISTENER, {"recording": _NO_RECORDING}),
    "review/give_up": (Who.LISTENER, {"recording": _NO_RECORDING}),
    "review/end": (Who.ABOUT_RECORDINGS, {}),
    "teach/evidence": (Who.ABOUT_RECORDINGS, {}),
    "lessons/list": (Who.ABOUT_RECORDINGS, {}),
    "lessons/approve": (Who.LISTENER, {"kind": "correction"} | _LESSON),
    "lessons/rebuild": (Who.LISTENER, {"lesson": _NO_RECORDING} | _LESSON),
    "lessons/end": (Who.ABOUT_RECORDINGS, {"lesson": _NO_RECORDING}),
}
_ACTIONS: Final[dict[str, tuple[Who, dict[str, Any]]]] = {
    "show_notices": (Who.ANYBODY, {}),
    "delete_recordings": (Who.ANYBODY, {"rooms": "assist_satellite.study"}),
    "give_consent": (
        Who.ONESELF,
        {
            "purpose": "keep",
            "rooms": "assist_satellite.kitchen",
            "notice": "keep-3",
            "limit": {"hours": 1},
        },
    ),
    "withdraw_consent": (Who.ONESELF, {"purpose": "listen"}),
    "export_consents": (Who.ONESELF, {}),
    "export_ledger": (Who.ONESELF, {}),
}
_OF_SATELLITES: Final = {"remove_alarm", "set_alarm", "snooze_alarm", "start_timer"}
"""Actions that have nothing to do with what is kept: whoever may call actions may call these."""


@pytest.fixture
async def home(home: Home) -> Home:
    """Keep recordings in both rooms: Ben can open the kitchen's, Cleo the study's, Ada none."""
    await home.agree(KITCHEN, STUDY)
    for login in (home.ada, home.cleo):
        await login.name(KITCHEN, home.ben)
    for login in (home.ada, home.ben):
        await login.name(STUDY, home.cleo)
    for login in (home.ada, home.ben, home.cleo):
        await login.add_listening_key()
    return home


async def test_the_table_misses_no_command_no_action_and_no_page(home: Home) -> None:
    offered = {name for name in home.hass.data[WEBSOCKET] if name.startswith(f"{DOMAIN}/")}
    assert offered == {f"{DOMAIN}/{name}" for name in _TABLE}
    assert set(home.hass.services.async_services_for_domain(DOMAIN)) == {*_ACTIONS, *_OF_SATELLITES}
    pages = {
        resource.canonical
        for resource in home.hass.http.app.router.resources()
        if DOMAIN in resource.canonical
    }
    assert pages == {home.hass.data[PANEL_URL]}, (
        "over HTTP there is the panel's code, and nothing else"
    )


async def newest_refusals(home: Home) -> list[str | None]:
    """Return the refusals, newest first."""

    def look(household: Household) -> list[str | None]:
        rows = {row.seq: row for login in home.people for row in household.rows(login.id)}
        return [
            rows[seq].actor for seq in sorted(rows, reverse=True) if rows[seq].kind == "refused"
        ]

    return await home.keeper.run(look)


async def let_refusals_be_new(home: Home) -> None:
    """Make the ledger record the next refusal by itself, as when the last one is long past."""
    with patch.object(refusals, "REFUSALS_SECONDS", 0.0):
        await home.keeper.run(lambda household: household.expire())


async def strangers(home: Home) -> dict[str, Login]:
    """Return accounts that belong to nobody in the household."""
    admins = await home.hass.auth.async_get_group(GROUP_ID_ADMIN)
    admin = MockUser(name="Root", groups=[admins]).add_to_hass(home.hass)
    supervisor = MockUser(name="Supervisor", groups=[admins], system_generated=True)
    supervisor.add_to_hass(home.hass)
    return {
        "a visitor": home.visitor,
        "an administrator who is no person": Login(home.hass, admin, home.visitor.client),
        "a system user": Login(home.hass, supervisor, home.visitor.client),
    }


async def connection_of(home: Home, login: Login) -> MockHAClientWebSocket:
    if not login.user.system_generated:
        return await login.connect()
    token = await home.hass.auth.async_create_refresh_token(login.user)
    return await login.client(home.hass, home.hass.auth.async_create_access_token(token))


async def test_an_account_of_nobody_gets_what_everybody_may_know_and_else_a_row(home: Home) -> None:
    await home.say()
    for what, login in (await strangers(home)).items():
        client = await connection_of(home, login)
        for command, (who, fields) in _TABLE.items():
            await let_refusals_be_new(home)
            before = await newest_refusals(home)
            is_allowed = login.user.is_admin if who is Who.ADMINISTRATOR else who is Who.ANYBODY
            if is_allowed:
                await ask(client, command, **fields)
            elif who is Who.ADMINISTRATOR:
                assert await refused(client, command, **fields) == "unauthorized", (what, command)
            else:
                answer = await refused(client, command, **fields)
                assert answer == "not_allowed: unknown-person", (what, command)
            recorded = (await newest_refusals(home))[: -len(before) or None]
            expected = [] if who in {Who.ANYBODY, Who.ONESELF, Who.ADMINISTRATOR} else [None]
            assert recorded == expected, (what, command)
        await client.close()
    assert "opened" not in await home.kinds()
    assert (await home.ben.ask("recordings/list"))["total"] == 1


async def test_people_who_do_not_administer_set_nothing_up(home: Home) -> None:
    for login in (home.ben, home.cleo):
        for command, (who, fields) in _TABLE.items():
            if who is Who.ADMINISTRATOR:
                assert await login.refused(command, **fields) == "unauthorized", command
    assert home.keeper.arrangement.ceiling.retention_seconds
    assert not home.keeper.arrangement.rooms[STUDY].excluded


async def test_a_token_that_lives_long_gets_what_its_owner_gets(home: Home) -> None:
    await home.say()
    token = await home.hass.auth.async_create_refresh_token(
        home.ada.user,
        client_name="script",
        token_type=TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN,
        access_token_expiration=timedelta(days=1),
    )
    client = await home.ada.client(home.hass, home.hass.auth.async_create_access_token(token))
    assert await ask(client, "recordings/list") == {"total": 0, "recordings": []}
    await let_refusals_be_new(home)
    before = await newest_refusals(home)
    assert await refused(client, "review/next") == "not_allowed: not-a-listener"
    assert await newest_refusals(home) == [home.ada.id, *before]


async def test_a_name_opens_nothing_in_another_place_and_the_ledger_has_each_try(
    home: Home,
) -> None:
    """Neither a name from another connection, list or sitting, nor the store's own id."""
    await home.say()
    bens = await home.ben.connect()
    (listed,) = (await ask(bens, "recordings/list"))["recordings"]
    shown = (await ask(bens, "review/next"))["recording"]
    id_ = (await ask(bens, "review/open", recording=shown, part="words"))["id"]
    opened = (await home.kinds()).count("opened")
    for login in (home.ada, home.cleo, home.ben):
        client = await login.connect()
        for name in (listed["recording"], shown, id_, _NO_RECORDING):
            for command, (who, fields) in _TABLE.items():
                if who is not Who.LISTENER or "recording" not in fields:
                    continue
                await let_refusals_be_new(home)
                before = await newest_refusals(home)
                answer = await refused(client, command, **(fields | {"recording": name}))
                assert answer == "not_allowed: unknown-recording", (login.user.name, command)
                assert await newest_refusals(home) == [login.id, *before], command
            assert await ask(client, "recordings/delete", recordings=[name]) == {"deleted": 0}
        await client.close()
    for command in ("review/end", "recordings/list"):
        await ask(bens, command)
    for command, name in (("recordings/open", listed["recording"]), ("review/open", shown)):
        fields = _TABLE[command][1] | {"recording": name}
        assert await refused(bens, command, **fields) == "not_allowed: unknown-recording"
    kinds = await home.kinds()
    assert kinds.count("opened") == opened
    assert (await ask(bens, "recordings/list"))["total"] == 1


async def test_who_is_named_no_longer_is_refused_what_was_shown_to_him_and_the_ledger_has_it(
    home: Home,
) -> None:
    for command, (who, fields) in _TABLE.items():
        if who is not Who.LISTENER or "recording" not in fields:
            continue
        await home.ada.name(KITCHEN, home.ben, home.cleo)
        await home.cleo.name(KITCHEN, home.ben)
        await home.ben.name(KITCHEN, home.cleo)
        await home.say()
        client = await home.ben.connect()
        (shown, *_) = (await ask(client, "recordings/list"))["recordings"]
        name = (await ask(client, "review/next"))["recording"]
        await ask(client, "review/open", recording=name, part="sound")
        recording = shown["recording"] if command == "recordings/open" else name
        # Cleo can still open it, so it is not deleted.
        await home.ada.name(KITCHEN, home.cleo)
        await let_refusals_be_new(home)
        before = await newest_refusals(home)
        answer = await refused(client, command, **(fields | {"recording": recording}))
        assert answer == "not_allowed: not-a-listener", command
        assert await newest_refusals(home) == [home.ben.id, *before], command
        await client.close()


# When Home Assistant drops a connection, aiohttp's heartbeat timer for it runs on.
@pytest.mark.parametrize("expected_lingering_timers", [True])
@pytest.mark.parametrize("how", ["revoked", "switched off", "deleted"])
async def test_a_login_that_ends_takes_its_open_connections_with_it(home: Home, how: str) -> None:
    await home.say()
    client = await home.ben.connect()
    await ask(client, "review/next")
    auth = home.hass.auth
    match how:
        case "revoked":
            for token in list(home.ben.user.refresh_tokens.values()):
                auth.async_remove_refresh_token(token)
        case "switched off":
            await auth.async_deactivate_user(home.ben.user)
        case _:
            await auth.async_remove_user(home.ben.user)
    async with asyncio.timeout(30):
        while not client.closed:
            await client.receive()
    await home.hass.async_block_till_done()


@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_a_login_that_has_expired_connects_no_more(home: Home) -> None:
    token = await home.hass.auth.async_create_refresh_token(
        home.ben.user,
        client_name="old",
        token_type=TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN,
        access_token_expiration=timedelta(minutes=-1),
    )
    expired = home.hass.auth.async_create_access_token(token)
    with pytest.raises(AssertionError, match="auth_invalid"):
        await home.ben.client(home.hass, expired)


async def test_actions_act_for_who_calls_them_and_for_nobody_else(home: Home) -> None:
    hass = home.hass
    others = await strangers(home)
    for action, (who, fields) in _ACTIONS.items():
        for what, login in others.items():
            if who is Who.ANYBODY:
                await login.act(action, **fields)
                continue
            with pytest.raises(ServiceValidationError) as caught:
                await login.act(action, **fields)
            assert caught.value.translation_key == "not_a_person", (action, what)
        if who is Who.ONESELF:
            with pytest.raises(ServiceValidationError) as caught:
                await hass.services.async_call(
                    DOMAIN, action, fields, blocking=True, return_response=True
                )
            assert caught.value.translation_key == "own_account", action


async def test_what_runs_under_somebodys_login_does_not_consent_or_read_for_him(home: Home) -> None:
    """An automation's trigger, nested or parallel scripts, and a script that fires events."""
    hass = home.hass
    consent = {"action": f"{DOMAIN}.give_consent", "data": _ACTIONS["give_consent"][1]}
    pretence = {
        "event": "call_service",
        "event_data": {"domain": DOMAIN, "service": "give_consent", "service_data": {}},
    }
    scripts = {
        "plain": [consent],
        "nested": [{"action": "script.plain"}],
        "parallel": [{"parallel": [consent, consent]}],
        "pretends": [pretence, consent],
        "quietly": [{**consent, "continue_on_error": True}],
    }
    config = {"script": {name: {"sequence": steps} for name, steps in scripts.items()}}
    assert await async_setup_component(hass, "script", config)
    records = await home.ben.ask("consent/list")
    for name in scripts:
        try:
            await hass.services.async_call(
                "script", name, {}, blocking=True, context=home.ben.context
            )
        except ServiceValidationError as err:
            assert err.translation_key == "own_account", name  # noqa: PT017 - some calls succeed
    assert await home.ben.ask("consent/list") == records


@pytest.mark.parametrize("switch", ["switch.household_keep_nothing", "switch.household_guest_mode"])
async def test_a_visitor_switches_keeping_off_and_never_on_again(home: Home, switch: str) -> None:
    async def turn(state: str, context: Context) -> None:
        await home.hass.services.async_call(
            "switch", f"turn_{state}", {"entity_id": switch}, blocking=True, context=context
        )

    def is_on() -> bool:
        return home.hass.states.is_state(switch, "on")

    await turn("on", home.visitor.context)
    assert is_on()
    with pytest.raises(ServiceValidationError):
        await turn("off", home.visitor.context)
    assert is_on()
    program = await home.hass.auth.async_create_system_user(
        "Supervisor", group_ids=[GROUP_ID_ADMIN]
    )
    for context in (home.ada.context, Context(), Context(user_id=program.id)):
        await turn("off", context)
        assert not is_on()
        await turn("on", home.ben.context)
