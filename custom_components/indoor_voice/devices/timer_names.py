"""Remembers what the timers of a satellite are called, over Home Assistant's restarts.

A satellite never learns any words, so it counts timers without names. Home Assistant forgets each
name with its timer.
"""

from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Collection

    from homeassistant.core import HomeAssistant

_VERSION: Final = 1


class TimerNames:
    """The names of one satellite's timers, by the satellite's ids."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Prepare to load the names for a satellite's config entry."""
        self._store: Store[dict[str, str]] = Store(
            hass, _VERSION, f"{DOMAIN}.timers.{entry_id}", private=True, atomic_writes=True
        )
        self._hass = hass
        self._names: dict[str, str] = {}

    async def async_load(self) -> None:
        """Load the stored names."""
        self._names = await self._store.async_load() or {}

    async def async_remove(self) -> None:
        """Delete the stored names."""
        await self._store.async_remove()

    @callback
    def name_of(self, timer_id: str) -> str | None:
        """Return what a timer is called, if it is called anything."""
        return self._names.get(timer_id)

    @callback
    def remember(self, timer_id: str, name: str) -> None:
        """Store a timer's name."""
        self._names[timer_id] = name
        self._save()

    @callback
    def forget(self, timer_id: str) -> None:
        """Forget the name of a timer that has ended."""
        if self._names.pop(timer_id, None) is not None:
            self._save()

    @callback
    def keep_only(self, timer_ids: Collection[str]) -> None:
        """Forget the names of all other timers."""
        for timer_id in self._names.keys() - timer_ids:
            self.forget(timer_id)

    def _save(self) -> None:
        self._hass.async_create_task(self._store.async_save(dict(self._names)))
