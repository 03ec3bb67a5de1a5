"""The private halves of the listening keys, locked by their owners, in `.storage`.

Backups hold them, and not the clips, which lie with the public halves: neither alone opens any.
"""

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.auth import EVENT_USER_REMOVED
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .privacy.dealings import ITSELF, Actor
from .privacy.errors import NotAllowedError, Refusal
from .privacy.listening_key import LockedKey

if TYPE_CHECKING:
    from homeassistant.core import Event, HomeAssistant

    from .keeper import Keeper
    from .privacy.dealings import Actor
    from .privacy.household import Household
    from .privacy.people import PersonId

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_FILE: Final = f"{DOMAIN}.keys"


class LockedKeys:
    """Every person's locked key; what unlocks one never comes here.

    The locked half decides what somebody's key is: a public half without it opens nothing.
    """

    def __init__(self, store: Store[dict[str, Any]], keys: dict[PersonId, Any]) -> None:
        """Take over what the store holds."""
        self._store = store
        self._keys = keys
        self._one_at_a_time = asyncio.Lock()

    def get(self, person: PersonId) -> LockedKey | None:
        """Return somebody's key; None for who has none, or one that cannot be read."""
        if person not in self._keys:
            return None
        try:
            return LockedKey.from_json(self._keys[person])
        except ValueError as err:
            _LOGGER.warning("A listening key in %s cannot be read: %s", _FILE, err)
            return None

    async def async_create(self, keeper: Keeper, person: PersonId, key: LockedKey) -> None:
        """Give somebody their first key.

        Raises:
            NotAllowedError: for who has one, or may have none.
            HomeAssistantError: when the store cannot be used.
        """
        async with self._one_at_a_time:
            if self.get(person) is not None:
                raise NotAllowedError(Refusal.HAS_KEY)
            # In this order a crash in between leaves a key that is used from the next start on.
            await self._async_set(person, key.to_json())
            try:
                await keeper.run(lambda household: _use(household, person, key.public))
            except BaseException:
                await self._async_set(person, None)
                raise

    async def async_change(self, person: PersonId, key: LockedKey) -> None:
        """Lock somebody's key in another way, with another passphrase say.

        Raises:
            NotAllowedError: for who has no key, or another one.
        """
        async with self._one_at_a_time:
            known = self.get(person)
            if known is None or known.public != key.public:
                raise NotAllowedError(Refusal.NOT_YOURS)
            await self._async_set(person, key.to_json())

    async def async_remove(self, keeper: Keeper, person: PersonId, actor: Actor) -> int:
        """Take somebody's key away; returns how many clips nobody could open any more and are gone.

        Raises `HomeAssistantError` when the store cannot be used.
        """
        async with self._one_at_a_time:
            gone = await keeper.run(lambda household: household.remove_key(person, actor))
            await self._async_set(person, None)
        return gone

    async def async_bring_together(self, keeper: Keeper) -> None:
        """See that clips are sealed to the public halves of these keys, as after a restore.

        Raises `HomeAssistantError` when the store cannot be used.
        """
        async with self._one_at_a_time:
            for person in tuple(self._keys):
                if (key := self.get(person)) is None:
                    continue
                use = partial(_use, person=person, public=key.public)
                try:
                    await keeper.run(use)
                except NotAllowedError:
                    _LOGGER.debug("A listening key waits for its owner to live here again")

    async def async_forget(self, person: PersonId) -> None:
        """Delete the locked half of somebody who is gone."""
        async with self._one_at_a_time:
            if person in self._keys:
                await self._async_set(person, None)

    async def async_forget_all(self) -> None:
        """Delete the locked halves of everybody."""
        async with self._one_at_a_time:
            self._keys.clear()
            await self._store.async_remove()

    async def _async_set(self, person: PersonId, key: dict[str, Any] | None) -> None:
        if key is None:
            self._keys.pop(person, None)
        else:
            self._keys[person] = key
        await self._store.async_save(self._keys)


_LOCKED_KEYS: Final = HassKey[LockedKeys](f"{DOMAIN}_locked_keys")


@singleton(_LOCKED_KEYS, async_=True)
async def async_locked_keys(hass: HomeAssistant) -> LockedKeys:
    """Return the locked keys of this household."""
    store = Store[dict[str, Any]](hass, _VERSION, _FILE, private=True, atomic_writes=True)
    keys = LockedKeys(store, await store.async_load() or {})

    async def forget(event: Event[dict[str, Any]]) -> None:
        person = event.data["user_id"]
        # Anybody who may fire events can say so of somebody who is still there.
        if await hass.auth.async_get_user(person) is None:
            await keys.async_forget(person)

    hass.bus.async_listen(EVENT_USER_REMOVED, forget)
    return keys


def _use(household: Household, person: PersonId, public: bytes) -> None:
    """Seal to this key from now on; another one's locked half is lost."""
    known = household.key(person)
    if known == public:
        return
    if known is not None:
        household.remove_key(person, ITSELF)
    household.add_key(person, public)
