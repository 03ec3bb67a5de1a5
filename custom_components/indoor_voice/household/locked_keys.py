"""The private halves of the listening keys, locked by their owners, in `.storage`.

Backups contain them, but not the recordings, which are stored with the public halves: neither
alone opens anything.
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
    """Every person's locked key; what unlocks one never comes here.

    A key that its owner did not make here, by a file that was edited or restored, counts for
    nothing until its owner has said in the panel that it is theirs.
    """

    def __init__(
        self, hass: HomeAssistant, store: Store[dict[str, Any]], keys: dict[PersonId, Any]
    ) -> None:
        """Take over what the store holds."""
        self._hass = hass
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

    async def async_create(self, keeper: HouseholdRunner, person: PersonId, key: LockedKey) -> None:
        """Give somebody their first key.

        Raises:
            NotAllowedError: for who has one, or may have none.
            HomeAssistantError: when the store cannot be used.
        """
        async with self._one_at_a_time:
            if self.get(person) is not None:
                raise NotAllowedError(Refusal.HAS_KEY)
            # In this order a crash in between leaves a key that its owner is asked about.
            await self._async_set(person, key.to_json())
            try:
                await keeper.run(partial(_use, person=person, public=key.public))
            except BaseException:
                await self._async_set(person, None)
                raise
        await self.async_compare(keeper)

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

    async def async_remove(self, keeper: HouseholdRunner, person: PersonId, actor: Actor) -> int:
        """Delete somebody's key; return how many recordings were deleted as nobody can open them.

        Raises `HomeAssistantError` when the store cannot be used.
        """
        async with self._one_at_a_time:
            gone = await keeper.run(lambda household: household.remove_key(person, actor))
            await self._async_set(person, None)
        await self.async_compare(keeper)
        return gone

    async def async_take(self, keeper: HouseholdRunner, person: PersonId, public: bytes) -> None:
        """Seal to the key that was found: its owner has opened it, and says that it is theirs.

        Raises:
            NotAllowedError: where there is none, or another one.
            HomeAssistantError: when the store cannot be used.
        """
        async with self._one_at_a_time:
            key = self.get(person)
            if key is None or key.public != public:
                raise NotAllowedError(Refusal.NOT_YOURS)
            await keeper.run(partial(_use, person=person, public=public))
        await self.async_compare(keeper)

    async def async_compare(self, keeper: HouseholdRunner) -> dict[PersonId, KeyChange]:
        """See whose locked keys are not those that their owners made; the user is told.

        Raises `HomeAssistantError` when the store cannot be used.
        """
        async with self._one_at_a_time:
            locked = {person: key.public for person in self._keys if (key := self.get(person))}
            found = await keeper.run(lambda household: household.find_keys(locked))
        people = keeper.arrangement.people
        show_found_keys(self._hass, [people[person].name for person in found if person in people])
        return found

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
    """Return the locked keys of this household; raises `ConfigEntryError` for a damaged file."""
    store = Store[dict[str, Any]](hass, _VERSION, _FILE, private=True, atomic_writes=True)
    keys = LockedKeys(hass, store, await async_load_file(store, "keys_unusable") or {})

    async def forget(event: Event[dict[str, Any]]) -> None:
        person = event.data["user_id"]
        # Anybody who may fire events can say so of somebody who is still there.
        if await hass.auth.async_get_user(person) is None:
            await keys.async_forget(person)

    hass.bus.async_listen(EVENT_USER_REMOVED, forget)
    return keys


def _use(household: Household, person: PersonId, public: bytes) -> None:
    """Seal to this key from now on, as its owner wants; to one before it nothing any more."""
    known = household.key(person)
    if known == public:
        return
    if known is not None:
        household.remove_key(person, Actor(person=person, how="panel"))
    household.add_key(person, public)
