"""Listening keys: added by their owners, locked, and stored apart from the recordings."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.auth import EVENT_USER_REMOVED
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store

from custom_components.indoor_voice.household.locked_keys import LOCKED_KEYS
from custom_components.indoor_voice.privacy.types import ITSELF
from tests.privacy.listener import Listener

from .keeping import break_disk
from .logins import KITCHEN, Home, Login

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = "indoor_voice.keys"


async def public(home: Home, person: str) -> bytes | None:
    return await home.keeper.run(lambda household: household.key(person))


async def restart(home: Home) -> None:
    del home.hass.data[LOCKED_KEYS]
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_block_till_done()


async def test_a_key_comes_back_to_its_owner_as_locked_as_it_was(
    home: Home, hass_storage: dict[str, Any]
) -> None:
    listener = Listener.create("correct horse battery staple")
    await home.ben.ask("key/create", key=listener.locked.to_json())
    assert await home.ben.ask("key/get") == listener.locked.to_json()
    assert await home.ada.ask("key/get") is None
    assert await public(home, home.ben.id) == listener.locked.public
    assert hass_storage[FILE]["data"] == {home.ben.id: listener.locked.to_json()}
    again = {"key": Listener.quick().locked.to_json()}
    assert await home.ben.refused("key/create", **again) == "not_allowed: has-key"
    assert await home.ben.ask("key/get") == listener.locked.to_json()


async def test_another_passphrase_is_another_lock_on_the_same_key(home: Home) -> None:
    first = await home.ben.add_listening_key()
    other = Listener.quick()
    change = {"key": other.locked.to_json()}
    assert await home.ben.refused("key/change", **change) == "not_allowed: not-yours"
    assert await home.ada.refused("key/change", **change) == "not_allowed: not-yours"
    relocked = first.locked.to_json() | {"ops": 3}
    await home.ben.ask("key/change", key=relocked)
    assert await home.ben.ask("key/get") == relocked
    assert await public(home, home.ben.id) == first.locked.public


async def test_who_removes_the_key_takes_what_only_it_could_open(
    home: Home, hass_storage: dict[str, Any]
) -> None:
    await home.agree(KITCHEN)
    for login in (home.ada, home.cleo):
        await login.name(KITCHEN, home.ben)
    await home.ben.add_listening_key()
    await home.say()
    assert await home.ben.ask("key/remove") == {"recordings_deleted": 1}
    assert await home.ben.ask("key/get") is None
    assert hass_storage[FILE]["data"] == {}
    assert await public(home, home.ben.id) is None
    await home.ben.add_listening_key()


def key_issues(home: Home) -> list[str]:
    found = ir.async_get(home.hass).issues.values()
    return [
        (issue.translation_placeholders or {})["people"]
        for issue in found
        if issue.issue_id == "keys_found"
    ]


async def rows_of_keys(home: Home, login: Login) -> list[tuple[str, str | None, str | None]]:
    """Return the ledger's rows about keys that a person sees: kind, actor and outcome."""
    rows = await login.ask("ledger/rows")
    return [
        (row["kind"], row["actor"], row["detail"].get("change"))
        for row in rows
        if row["kind"].startswith("key-")
    ]


async def edit(home: Home, change: Callable[[dict[str, Any]], None]) -> None:
    """Edit the file while Home Assistant is stopped."""
    store = Store[dict[str, Any]](home.hass, 1, FILE)
    keys = await store.async_load() or {}
    change(keys)
    await store.async_save(keys)
    await restart(home)


async def test_a_key_out_of_a_backup_is_sealed_to_when_its_owner_says_that_it_is_theirs(
    home: Home,
) -> None:
    listener = await home.ben.add_listening_key()
    await home.keeper.run(lambda household: household.remove_key(home.ben.id, ITSELF))
    await restart(home)
    assert await public(home, home.ben.id) is None
    assert key_issues(home) == ["Ben"]
    assert await home.ben.ask("key/found") == "added"
    assert await home.ada.ask("key/found") is None
    taken = {"public": b64encode(listener.locked.public).decode()}
    assert await home.ada.refused("key/take", **taken) == "not_allowed: not-yours"
    await home.ben.ask("key/take", **taken)
    assert await public(home, home.ben.id) == listener.locked.public
    assert await home.ben.ask("key/found") is None
    assert key_issues(home) == []
    assert (await rows_of_keys(home, home.ada))[:2] == [
        ("key-created", home.ben.id, None),
        ("key-found", None, "added"),
    ]


@pytest.mark.parametrize("had_one", [True, False])
async def test_a_key_that_somebody_has_put_into_the_file_counts_for_nothing(
    home: Home, *, had_one: bool
) -> None:
    known = (await home.ben.add_listening_key()).locked.public if had_one else None
    forged = Listener.quick().locked
    await edit(home, lambda keys: keys.update({home.ben.id: forged.to_json()}))
    for _ in range(2):
        assert await public(home, home.ben.id) == known
        assert key_issues(home) == ["Ben"]
        assert await home.ben.ask("key/found") == ("changed" if had_one else "added")
        for login in home.people:
            found = [row for row in await rows_of_keys(home, login) if row[0] == "key-found"]
            assert found == [("key-found", None, "changed" if had_one else "added")]
        await restart(home)
    await home.ben.ask("key/remove")
    assert key_issues(home) == []
    await home.ben.add_listening_key()


async def test_a_key_that_somebody_has_taken_out_of_the_file_is_missed(home: Home) -> None:
    listener = await home.ben.add_listening_key()
    await edit(home, dict.clear)
    assert await public(home, home.ben.id) == listener.locked.public
    assert key_issues(home) == ["Ben"]
    assert await home.ben.ask("key/found") == "missing"
    assert (await rows_of_keys(home, home.cleo))[0] == ("key-found", None, "missing")
    await edit(home, lambda keys: keys.update({home.ben.id: listener.locked.to_json()}))
    assert await home.ben.ask("key/found") is None
    assert key_issues(home) == []


async def test_nothing_is_deleted_because_the_file_was_changed(home: Home) -> None:
    await home.agree(KITCHEN)
    for login in (home.ada, home.cleo):
        await login.name(KITCHEN, home.ben)
    await home.ben.add_listening_key()
    await home.say()
    await edit(home, lambda keys: keys.update({home.ben.id: Listener.quick().locked.to_json()}))
    assert (await home.ben.ask("recordings/list"))["total"] == 1


async def test_who_has_lost_the_locked_half_may_begin_anew(home: Home) -> None:
    await home.keeper.run(
        lambda household: household.add_key(home.ben.id, Listener.quick().locked.public)
    )
    assert await home.ben.ask("key/get") is None
    listener = await home.ben.add_listening_key()
    assert await public(home, home.ben.id) == listener.locked.public


async def test_a_key_that_cannot_be_read_hinders_nobody(
    home: Home, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    await home.ben.add_listening_key()
    await home.cleo.add_listening_key()
    hass_storage[FILE]["data"][home.ben.id]["ops"] = 1
    await restart(home)
    assert await home.ben.ask("key/get") is None
    assert "cannot be read" in caplog.text
    assert await home.cleo.ask("key/get")


async def test_the_key_goes_with_its_owner(home: Home, hass_storage: dict[str, Any]) -> None:
    await home.ben.add_listening_key()
    await home.hass.auth.async_remove_user(home.ben.user)
    await home.hass.async_block_till_done()
    assert hass_storage[FILE]["data"] == {}


async def test_nobody_loses_a_key_by_an_event_that_somebody_fires(
    home: Home, hass_storage: dict[str, Any]
) -> None:
    """Administrators and automations can fire any event."""
    await home.ben.add_listening_key()
    home.hass.bus.async_fire(EVENT_USER_REMOVED, {"user_id": home.ben.id})
    await home.hass.async_block_till_done()
    assert set(hass_storage[FILE]["data"]) == {home.ben.id}


async def test_everybody_sees_that_somebody_has_another_key(home: Home) -> None:
    """People who named Ben must learn that another key now opens what Ben can hear."""
    await home.ben.add_listening_key()
    await home.ben.ask("key/remove")
    await home.ben.add_listening_key()
    for login in home.people:
        rows = [row for row in await login.ask("ledger/rows") if row["actor"] == home.ben.id]
        assert [row["kind"] for row in rows] == ["key-created", "key-removed", "key-created"]


async def test_all_keys_go_with_the_household(home: Home, hass_storage: dict[str, Any]) -> None:
    await home.ben.add_listening_key()
    await home.hass.config_entries.async_remove(home.entry.entry_id)
    assert FILE not in hass_storage


async def test_a_key_that_cannot_be_used_is_not_taken(
    home: Home, hass_storage: dict[str, Any]
) -> None:
    key = {"key": Listener.quick().locked.to_json()}
    await break_disk(home.hass)
    assert await home.ben.refused("key/create", **key) == "home_assistant_error"
    await break_disk(home.hass, broken=False)
    assert await home.ben.ask("key/get") is None
    assert hass_storage[FILE]["data"] == {}
