"""The private halves of the listening keys, locked by their owners, in `.storage`.

Backups contain them, but not the recordings, which are stored with the public halves. Neither
alone is enough to open a recording.
"""

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from homeassistant.auth import EVENT_USER_REMOVED
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..privacy.errors import NotAllowedError, Refusal
from ..privacy.store.listening_key import LockedKey
from ..privacy.types import Actor
from .storage_files import async_load_file
from .store_issues import show_found_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import Event, HomeAssistant

    from ..privacy.household import Household
    from ..privacy.people import Arrangement, PersonId
    from ..privacy.types import KeyChange

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_FILE: Final = f"{DOMAIN}.keys"


class HouseholdRunner(Protocol):
    """Runs work on the household in its own thread."""

    @property
    def arrangement(self) -> Arrangement:
        """How the household is set up."""

    async def run[T](self, work: Callable[[Household], T]) -> T:
        """Run `work` and return its result."""


class LockedKeys:
    """The locked keys of all people; Home Assistant never receives the secrets that unlock them.

    A key that appears because the file was edited or restored is not used until its owner has
    confirmed in the panel that it is theirs.
    """

    def __init__(
        self, hass: HomeAssistant, store: Store[dict[str, Any]], keys: dict[PersonId, Any]
    ) -> None:
        """Initialize with the keys loaded from the store."""
        self._hass = hass
        self._store = store
        self._keys = keys
        self._one_at_a_time = asyncio.Lock()

    def get(self, person: PersonId) -> LockedKey | None:
        """Return a person's key, or None if they have none or it can't be read."""
        if person not in self._keys:
            return None
        try:
            return LockedKey.from_json(self._keys[person])
        except ValueError as err:
            _LOGGER.warning("A listening key in %s cannot be read: %s", _FILE, err)
            return None

    async def async_create(self, keeper: HouseholdRunner, person: PersonId, key: LockedKey) -> None:
        """Store a person's first key.

        Raises:
            NotAllowedError: if the person already has a key or can't have one.
            HomeAssistantError: if the store can't be used.
        """
        async with self._one_at_a_time:
            if self.get(person) is not None:
                raise NotAllowedError(Refusal.HAS_KEY)
            # In this order, a crash in between leaves a key that its owner is asked to confirm.
            await self._async_set(person, key.to_json())
            try:
                await keeper.run(partial(_use, person=person, public=key.public))
            except BaseException:
                await self._async_set(person, None)
                raise
        await self.async_compare(keeper)

    async def async_change(self, person: PersonId, key: LockedKey) -> None:
        """Replace the lock of a person's key, for example after a passphrase change.

        Raises:
            NotAllowedError: if the person has no key or a different one.
        """
        async with self._one_at_a_time:
            known = self.get(person)
            if known is None or known.public != key.public:
                raise NotAllowedError(Refusal.NOT_YOURS)
            await self._async_set(person, key.to_json())

    async def async_remove(self, keeper: HouseholdRunner, person: PersonId, actor: Actor) -> int:
        """Delete a person's key and what only it could open; return how many recordings.

        Raises `HomeAssistantError` if the store can't be used.
        """
        async with self._one_at_a_time:
            deleted = await keeper.run(lambda household: household.remove_key(person, actor))
            await self._async_set(person, None)
        await self.async_compare(keeper)
        return deleted

    async def async_take(self, keeper: HouseholdRunner, person: PersonId, public: bytes) -> None:
        """Start using a key that was found, after its owner unlocked and confirmed it.

        Raises:
            NotAllowedError: if the person has no key or a different one.
            HomeAssistantError: if the store can't be used.
        """
        async with self._one_at_a_time:
            key = self.get(person)
            if key is None or key.public != public:
                raise NotAllowedError(Refusal.NOT_YOURS)
            await keeper.run(partial(_use, person=person, public=public))
        await self.async_compare(keeper)

    async def async_compare(self, keeper: HouseholdRunner) -> dict[PersonId, KeyChange]:
        """Find people whose locked key is not the one that they added, and show an issue for them.

        Raises `HomeAssistantError` if the store can't be used.
        """
        async with self._one_at_a_time:
            locked = {person: key.public for person in self._keys if (key := self.get(person))}
            found = await keeper.run(lambda household: household.find_keys(locked))
        people = keeper.arrangement.people
        show_found_keys(self._hass, [people[person].name for person in found if person in people])
        return found

    async def async_forget(self, person: PersonId) -> None:
        """Delete the locked key of a person who was removed."""
        async with self._one_at_a_time:
            if person in self._keys:
                await self._async_set(person, None)

    async def async_forget_all(self) -> None:
        """Delete all locked keys."""
        async with self._one_at_a_time:
            self._keys.clear()
            await self._store.async_remove()

    async def _async_set(self, person: PersonId, key: dict[str, Any] | None) -> None:
        if key is None:
            self._keys.pop(person, None)
        else:
            self._keys[person] = key
        await self._store.async_save(self._keys)


LOCKED_KEYS: Final = HassKey[LockedKeys](f"{DOMAIN}_locked_keys")
"""Set once the keys have been loaded."""


@singleton(LOCKED_KEYS, async_=True)
async def async_locked_keys(hass: HomeAssistant) -> LockedKeys:
    """Return the household's locked keys; raises `ConfigEntryError` if their file is damaged."""
    store = Store[dict[str, Any]](hass, _VERSION, _FILE, private=True, atomic_writes=True)
    keys = LockedKeys(hass, store, await async_load_file(store, "keys_unusable") or {})

    async def forget(event: Event[dict[str, Any]]) -> None:
        person = event.data["user_id"]
        # Anyone who can fire events can fake the removal of a user who still exists.
        if await hass.auth.async_get_user(person) is None:
            await keys.async_forget(person)

    hass.bus.async_listen(EVENT_USER_REMOVED, forget)
    return keys


def _use(household: Household, person: PersonId, public: bytes) -> None:
    """Seal new recordings to this key from now on, and remove any previous key."""
    known = household.key(person)
    if known == public:
        return
    if known is not None:
        household.remove_key(person, Actor(person=person, how="panel"))
    household.add_key(person, public)
