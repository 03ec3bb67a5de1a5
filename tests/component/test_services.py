"""The actions, with each login, in scripts, and without a user."""

import json
from datetime import timedelta
from typing import Any, Final

import pytest
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.privacy.errors import Refusal
from custom_components.indoor_voice.services.household import REFUSALS
from indoor_voice.verify import check

from .logins import KITCHEN, SECRET, Home, Login

KITCHEN_ENTITY: Final = "assist_satellite.kitchen"
_KEEP: Final[dict[str, Any]] = {
    "purpose": "keep",
    "rooms": ["assist_satellite.kitchen"],
    "notice": "keep-3",
    "limit": {"hours": 12},
}
_LISTEN: Final[dict[str, Any]] = {
    "purpose": "listen",
    "rooms": "assist_satellite.kitchen",
    "notice": "listen-2",
}


async def refusal(login: Login | None, home: Home, action: str, **data: Any) -> str | None:
    """Return the reason for which an action is refused."""
    response = action != "delete_recordings"
    services = home.hass.services
    asked = (
        login.act(action, answers=response, **data)
        if login is not None
        else services.async_call(
            DOMAIN, action, data, blocking=True, context=Context(), return_response=response
        )
    )
    with pytest.raises(ServiceValidationError) as refused:
        await asked
    assert refused.value.translation_domain == DOMAIN
    assert str(refused.value) != refused.value.translation_key  # it has a text
    return refused.value.translation_key


async def keep_one(home: Home) -> None:
    await home.agree(KITCHEN)
    for login in home.people[1:]:
        await login.name(KITCHEN, home.ada)
    await home.ada.add_listening_key()
    await home.say()
    assert home.keeper.view
    assert home.keeper.view.totals.recordings == 1


async def test_consent_is_given_and_withdrawn_under_ones_own_login(home: Home) -> None:
    for login in home.people:
        given = (await login.act("give_consent", **_KEEP))["consent"]
        assert given["principal"] == login.id
        assert given["terms"]["rooms"] == [KITCHEN]
        assert given["terms"]["limit_seconds"] == 12 * 3600
    named = await home.ben.act("give_consent", **_LISTEN, listeners="person.cleo", days=7)
    assert named["consent"]["terms"]["listeners"] == [home.cleo.id]
    assert named["consent"]["valid_seconds"] == timedelta(days=7).total_seconds()
    done = await home.ben.act("withdraw_consent", purpose="keep")
    assert done == {"consents": 1, "recordings_deleted": 0, "keys_dropped": 0}
    await home.ada.act("withdraw_consent", answers=False, purpose="keep", rooms=[KITCHEN_ENTITY])
    (record,) = await home.ada.ask("consent/list")
    assert [event["state"] for event in record["events"]] == ["given", "withdrawn"]


async def test_nobody_consents_without_a_login_of_their_own_or_without_living_here(
    home: Home,
) -> None:
    for action, data in (
        ("give_consent", _KEEP),
        ("withdraw_consent", {"purpose": "keep"}),
        ("export_consents", {}),
        ("export_ledger", {}),
    ):
        assert await refusal(None, home, action, **data) == "own_account"
        assert await refusal(home.visitor, home, action, **data) == "not_a_person"


async def test_who_presses_somebody_elses_button_has_not_consented(home: Home) -> None:
    call = {"action": f"{DOMAIN}.give_consent", "data": _KEEP}
    assert await async_setup_component(
        home.hass,
        "script",
        {
            "script": {
                "light_on": {"sequence": [call]},
                "spy": {
                    "sequence": [
                        {"action": f"{DOMAIN}.export_ledger", "response_variable": "found"}
                    ]
                },
                "stop": {
                    "sequence": [
                        {"action": f"{DOMAIN}.withdraw_consent", "data": {"purpose": "keep"}}
                    ]
                },
            }
        },
    )
    await home.ben.act("give_consent", **_KEEP | {"limit": "01:00:00"})
    for script in ("light_on", "spy"):
        with pytest.raises(ServiceValidationError):
            await home.hass.services.async_call(
                "script", script, {}, blocking=True, context=home.ben.context
            )
    (record,) = await home.ben.ask("consent/list")
    assert record["terms"]["limit_seconds"] == 3600
    await home.hass.services.async_call(
        "script", "stop", {}, blocking=True, context=home.ben.context
    )
    (record,) = await home.ben.ask("consent/list")
    assert record["events"][-1]["state"] == "withdrawn"


async def test_who_says_a_sentence_that_somebody_else_made_has_not_consented(home: Home) -> None:
    """An intent's script runs with the speaker's login, and no earlier call reveals it."""
    call = {"action": f"{DOMAIN}.give_consent", "data": _KEEP}
    assert await async_setup_component(
        home.hass, "intent_script", {"intent_script": {"TellJoke": {"action": [call]}}}
    )
    with pytest.raises(intent.IntentError):
        await intent.async_handle(home.hass, DOMAIN, "TellJoke", context=home.ben.context)
    assert await home.ben.ask("consent/list") == []


async def test_a_room_is_named_by_its_satellites_entity_or_device(home: Home) -> None:
    (entry,) = (e for e in home.hass.config_entries.async_entries(DOMAIN) if e.unique_id == KITCHEN)
    device = dr.async_get(home.hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, KITCHEN)}
    )
    given = await home.ben.act("give_consent", **_KEEP | {"rooms": device.id})
    assert given["consent"]["terms"]["rooms"] == [KITCHEN]
    for room in ("person.ada", "light.kitchen", "sensor.household_recordings"):
        assert await refusal(home.ben, home, "give_consent", **_KEEP | {"rooms": room}) == (
            "unknown_room"
        )


async def test_a_listener_is_the_person_and_not_whoever_its_state_names(home: Home) -> None:
    home.hass.states.async_set("person.cleo", "home", {"user_id": home.ada.id})
    named = await home.ben.act(
        "give_consent", **_LISTEN, listeners=["person.cleo"], disguise="words"
    )
    assert named["consent"]["terms"]["listeners"] == [home.cleo.id]
    assert named["consent"]["terms"]["disguise"] == "words"
    home.hass.states.async_set("person.nobody", "home", {"user_id": home.ada.id})
    for listener in ("person.nobody", KITCHEN_ENTITY):
        answer = await refusal(home.ben, home, "give_consent", **_LISTEN, listeners=listener)
        assert answer == "unknown_listener"


_ABOUT_LESSONS = {
    Refusal.ALREADY_LEARNED,
    Refusal.BAD_LESSON,
    Refusal.NAME_TAKEN,
    Refusal.NOT_AGREED_TO_TEACH,
    Refusal.TOO_MANY_LESSONS,
    Refusal.UNKNOWN_ENTITY,
    Refusal.UNKNOWN_LESSON,
}


async def test_consent_that_would_not_hold_is_refused_in_plain_words(home: Home) -> None:
    for change, reason in (
        ({"notice": "keep-0"}, "old_notice"),
        ({"notice": "listen-2"}, "old_notice"),
        ({"disguise": "voice"}, "bad_terms"),
        ({"limit": {"days": 8}}, "above_ceiling"),
        ({"limit": {"days": 31}}, "bad_terms"),
        ({"listeners": "person.ada"}, "bad_terms"),
    ):
        assert await refusal(home.ben, home, "give_consent", **_KEEP | change) == reason
    no_limit = {key: value for key, value in _KEEP.items() if key != "limit"}
    assert await refusal(home.ben, home, "give_consent", **no_limit) == "limit_needed"
    assert await refusal(home.ben, home, "give_consent", **_LISTEN) == "listeners_needed"
    own = await refusal(home.ben, home, "give_consent", **_LISTEN, listeners="person.ben")
    assert own == "bad_terms"
    home.hass.config_entries.async_update_entry(
        home.entry, options=dict(home.entry.options) | {"ruled_out": [home.cleo.id]}
    )
    await home.hass.async_block_till_done()
    ruled_out = await refusal(home.ben, home, "give_consent", **_LISTEN, listeners="person.cleo")
    assert ruled_out == "ruled_out"
    assert set(REFUSALS) >= set(Refusal) - {
        *_ABOUT_LESSONS,
        Refusal.ALREADY_REVIEWED,
        Refusal.ENOUGH_TODAY,
        Refusal.HAS_KEY,
        Refusal.NOTHING_TO_UNDO,
        Refusal.NOT_A_LISTENER,
        Refusal.NOT_HEARD,
        Refusal.NOT_YOURS,
        Refusal.UNKNOWN_RECORDING,
    }
    assert await home.ben.ask("consent/list") == []


async def test_the_notices_are_shown_to_anybody(home: Home) -> None:
    shown = (await home.visitor.act("show_notices"))["notices"]
    assert {notice["notice"] for notice in shown} == {"keep-3", "listen-2", "left-out-1", "teach-1"}
    assert all("How to take it back" in notice["text"] for notice in shown)


async def test_ones_consents_are_exported_in_one_standard(home: Home) -> None:
    await home.ben.act("give_consent", **_KEEP)
    await home.ben.ask("consent/withdraw", purpose="keep")
    await home.ada.act("give_consent", **_KEEP)
    exported = await home.ben.act("export_consents")
    (record,) = exported["records"]
    assert record["@type"] == "dpv:ConsentRecord"
    assert record["dpv:hasDataSubject"] == f"#person-{home.ben.id}"
    assert exported.keys() == {"records"}
    assert home.ada.id not in json.dumps(exported)


async def test_ones_rows_of_the_ledger_are_exported(home: Home) -> None:
    await home.ben.act("give_consent", **_KEEP)
    exported = await home.ben.act("export_ledger")
    assert check(json.dumps(exported)).person == home.ben.id
    assert exported["rows"][0]["kind"] == "consent-given"
    assert exported["head"]["seq"] == exported["rows"][0]["seq"]
    of_ada = await home.ada.act("export_ledger")
    assert "consent-given" not in [row["kind"] for row in of_ada["rows"]]


async def test_anybody_deletes_also_an_automation(home: Home) -> None:
    await keep_one(home)
    before = dt_util.now() + timedelta(minutes=1)
    deleted = await home.visitor.act("delete_recordings", since=before.isoformat())
    assert deleted == {"recordings_deleted": 0}
    study = await home.visitor.act("delete_recordings", rooms="assist_satellite.study")
    assert study == {"recordings_deleted": 0}
    since = (dt_util.now() - timedelta(minutes=1)).replace(tzinfo=None).isoformat()
    deleted = await home.visitor.act("delete_recordings", rooms=[KITCHEN_ENTITY], since=since)
    assert deleted == {"recordings_deleted": 1}
    await home.say()
    await home.hass.services.async_call(DOMAIN, "delete_recordings", {}, blocking=True)
    assert home.keeper.view
    assert home.keeper.view.totals.recordings == 0


async def test_without_a_household_there_is_nothing_to_do(home: Home) -> None:
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert await refusal(home.ben, home, "give_consent", **_KEEP) == "no_household"
    assert await refusal(None, home, "delete_recordings") == "no_household"


async def test_nothing_of_what_was_said_is_in_an_answer_or_the_log(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await keep_one(home)
    answers = [
        await home.ben.act(action)
        for action in ("export_consents", "export_ledger", "delete_recordings")
    ]
    assert SECRET not in json.dumps(answers)
    assert SECRET not in caplog.text
