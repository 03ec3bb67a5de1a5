"""Manages the household's store on disk and the only thread that uses it."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypedDict

from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..privacy.household import Household
from ..privacy.store.clock import Clock
from ..privacy.store.database import StoreFullError
from ..privacy.strict_json import base64_of, bytes_of
from .locked_keys import async_locked_keys
from .storage_files import async_load_file, unusable_file
from .store_issues import store_path, withdraw_store_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import HomeAssistant

_SEED_FILE: Final = f"{DOMAIN}.ledger"
_SEED_VERSION: Final = 1
_SEED_BYTES: Final = 32


class _Seed(TypedDict):
    seed: str


class HouseholdStore:
    """Opens and closes the store, and runs work on its household in one thread."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize without reading anything; `async_prepare` does that."""
        self._hass = hass
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{DOMAIN}_keeper")
        self._opening = asyncio.Lock()
        self._stopped = False
        self._seed = b""
        self.household: Household | None = None
        """None while the store can't be used. Call its methods only in the store's thread."""

    async def async_prepare(self) -> None:
        """Load the seed that the ledger is signed with, or create one.

        Raises `ConfigEntryError` if its file is damaged.
        """
        store = _seed_store(self._hass)
        stored = await async_load_file(store, "seed_unusable")
        if stored is None:
            stored = _Seed(seed=base64_of(secrets.token_bytes(_SEED_BYTES)))
            await store.async_save(stored)
        try:
            seed = bytes_of(stored["seed"])
        except KeyError, TypeError, ValueError:
            seed = b""
        if len(seed) != _SEED_BYTES:
            raise unusable_file(store, "seed_unusable")
        self._seed = seed

    async def async_open(self) -> bool:
        """Open the store; return False if it was already open or is closed for good.

        Raises `StoreError` if it can't be opened.
        """
        path, seed = store_path(self._hass), self._seed
        async with self._opening:
            if self._stopped or self.household is not None:
                return False
            self.household = await self.async_run(lambda: Household.open(path, Clock(), seed))
        return True

    async def async_abandon(self) -> None:
        """Close a store that failed without writing to it; it can be opened again."""
        async with self._opening:
            household, self.household = self.household, None
            if household is not None:
                await self.async_run(household.abandon)

    async def async_stop(self) -> None:
        """Close the store for good, after the work that is under way."""
        self._stopped = True
        async with self._opening:
            household, self.household = self.household, None
            if household is not None:
                await self.async_run(household.close)
            await self._hass.async_add_executor_job(self._thread.shutdown)

    async def async_run[T](self, work: Callable[[], T]) -> T:
        """Run `work` in the store's thread and return its result."""
        # `work` takes no arguments, because asyncio may log them.
        return await self._hass.loop.run_in_executor(self._thread, work)


def run_with_reserve[T](work: Callable[[Household], T], household: Household, *, keeps: bool) -> T:
    """Run `work`; on a full disk, release the reserve for deletions and retry.

    Work that `keeps` more data is not retried.
    """
    try:
        return work(household)
    except StoreFullError:
        if keeps or not household.give_up_reserve():
            raise
    return work(household)


def _seed_store(hass: HomeAssistant) -> Store[_Seed]:
    return Store(hass, _SEED_VERSION, _SEED_FILE, private=True, atomic_writes=True)


async def async_delete_store(hass: HomeAssistant) -> None:
    """Delete all recordings, consents and the ledger; the household must not be set up."""
    path = store_path(hass)

    def delete() -> None:
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink(missing_ok=True)

    await hass.async_add_executor_job(delete)


async def async_forget_household(hass: HomeAssistant) -> None:
    """Delete the store, the seed of the ledger and the locked listening keys."""
    await async_delete_store(hass)
    withdraw_store_errors(hass)
    await _seed_store(hass).async_remove()
    await (await async_locked_keys(hass)).async_forget_all()
