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
    """Store the caller's first listening key; its private half is already locked."""
    keys = await async_locked_keys(call.hass)
    await keys.async_create(call.keeper, call.person, LockedKey.from_json(call.data["key"]))
    return None


@key_command("key/get")
async def _get_key(call: Call) -> object:
    """Return the caller's locked key; null without one."""
    key = (await async_locked_keys(call.hass)).get(call.person)
    return None if key is None else key.to_json()


@key_command("key/found")
async def _found_key(call: Call) -> object:
    """Return how the caller's locked key differs from the one they added; null if it doesn't."""
    found = await (await async_locked_keys(call.hass)).async_compare(call.keeper)
    return found.get(call.person)


@key_command("key/take", {vol.Required("public"): str})
async def _take_key(call: Call) -> object:
    """Accept the key that was found, which the caller has unlocked and confirmed as theirs."""
    keys = await async_locked_keys(call.hass)
    await keys.async_take(call.keeper, call.person, bytes_of(call.data["public"]))
    return None


@key_command("key/change", {vol.Required("key"): dict})
async def _change_key(call: Call) -> object:
    """Replace the caller's locked key with the same key, locked by a new passphrase."""
    keys = await async_locked_keys(call.hass)
    await keys.async_change(call.person, LockedKey.from_json(call.data["key"]))
    return None


@key_command("key/remove")
async def _remove_key(call: Call) -> object:
    """Remove the caller's key, and delete the recordings that nobody else can open."""
    keys = await async_locked_keys(call.hass)
    return {"recordings_deleted": await keys.async_remove(call.keeper, call.person, call.actor)}
