"""WebSocket commands about the caller's own listening key."""

from typing import TYPE_CHECKING, Final

from ..household.locked_keys import async_locked_keys
from ..privacy.store.listening_key import LockedKey
from ..privacy.strict_json import bytes_of
from .command import Call, Commands

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

key_command: Final = Commands()


@key_command("key/create", {vol.Required("key"): dict})
async def _create_key(call: Call) -> object:
    """Take a person's first listening key, whose private half is locked already."""
    keys = await async_locked_keys(call.hass)
    await keys.async_create(call.keeper, call.person, LockedKey.from_json(call.data["key"]))
    return None


@key_command("key/get")
async def _get_key(call: Call) -> object:
    """Give the locked key back to its owner; null to who has none."""
    key = (await async_locked_keys(call.hass)).get(call.person)
    return None if key is None else key.to_json()


@key_command("key/found")
async def _found_key(call: Call) -> object:
    """Tell whether the locked key is another one than its owner made here: what became of it."""
    found = await (await async_locked_keys(call.hass)).async_compare(call.keeper)
    return found.get(call.person)


@key_command("key/take", {vol.Required("public"): str})
async def _take_key(call: Call) -> object:
    """Take the key that was found, which its owner has opened and says is theirs."""
    keys = await async_locked_keys(call.hass)
    await keys.async_take(call.keeper, call.person, bytes_of(call.data["public"]))
    return None


@key_command("key/change", {vol.Required("key"): dict})
async def _change_key(call: Call) -> object:
    """Take the same key, locked by another passphrase."""
    keys = await async_locked_keys(call.hass)
    await keys.async_change(call.person, LockedKey.from_json(call.data["key"]))
    return None


@key_command("key/remove")
async def _remove_key(call: Call) -> object:
    """Take the key away, and the recordings that nobody else can open."""
    keys = await async_locked_keys(call.hass)
    return {"recordings_deleted": await keys.async_remove(call.keeper, call.person, call.actor)}
