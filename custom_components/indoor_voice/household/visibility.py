"""Hides the entities about recordings while the administrator allows none to be kept.

Until then they show and change nothing, and a newcomer needn't know about them. They are hidden,
not disabled, so that they work wherever somebody uses them. They are hidden after they were added,
because Home Assistant would never let Assist control a switch that was hidden from the beginning.

What a user hides or shows by hand stays that way until keeping is next allowed, or forbidden. A
note in the entity's registry entry tells whether that is new, even if Home Assistant was off.
"""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..const import DOMAIN
from ..devices.entries import household_entry, satellite_entries
from .arrangement import UnusableSettingsError, ceiling_of, room_of

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_ABOUT_RECORDINGS: Final = frozenset(
    {
        # Without recordings their state is always the same.
        "keeps",
        "kept_recordings",
        "next_expiry",
        "recordings",
        # It tells of recordings that are gone.
        "last_deletion",
        # There is nothing to delete: what was kept is deleted when keeping is no longer allowed.
        "delete_last",
        # It is always refused.
        "that_was_wrong",
        # There is nothing to pause. By voice and in the panel it is still possible in advance.
        "guests",
        "opted_out",
        "room_opted_out",
    }
)
"""The translation keys of the entities that are hidden."""

_WAS_HIDDEN: Final = "hidden_while_nothing_is_kept"
"""Noted while keeping is not allowed: whether the entity was hidden for that reason."""


@callback
def async_watch_visibility(hass: HomeAssistant) -> None:
    """Hide or show entities whenever an entry is set up, changed or removed."""

    @callback
    def changed(_change: ConfigEntryChange, entry: ConfigEntry[Any]) -> None:
        if entry.domain == DOMAIN:
            _update(hass)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed)


def _update(hass: HomeAssistant) -> None:
    registry = er.async_get(hass)
    household = household_entry(hass)
    for entry in (*satellite_entries(hass), *([household] if household else [])):
        try:
            is_allowed = _is_allowed(hass, household, entry)
        except ValueError, UnusableSettingsError:
            continue  # what is allowed is not known until the settings are corrected
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
            if entity.translation_key not in _ABOUT_RECORDINGS:
                continue
            if is_allowed:
                _show(registry, entity)
            else:
                _hide(registry, entity)


def _is_allowed(
    hass: HomeAssistant, household: ConfigEntry[Any] | None, entry: ConfigEntry[Any]
) -> bool:
    """Return whether the administrator allows anything to be kept in the house or in a room.

    Raises `ValueError` or `UnusableSettingsError` if the settings are invalid.
    """
    if household is None or household.disabled_by is not None:
        return False
    if ceiling_of(household.options).retention_seconds == 0:
        return False
    return entry is household or room_of(hass, entry).limit_seconds != 0


def _hide(registry: er.EntityRegistry, entity: er.RegistryEntry) -> None:
    if DOMAIN in entity.options:
        return
    is_shown = entity.hidden_by is None
    registry.async_update_entity_options(entity.entity_id, DOMAIN, {_WAS_HIDDEN: is_shown})
    if is_shown:
        registry.async_update_entity(entity.entity_id, hidden_by=er.RegistryEntryHider.INTEGRATION)


def _show(registry: er.EntityRegistry, entity: er.RegistryEntry) -> None:
    note = entity.options.get(DOMAIN)
    if note is None:
        return
    registry.async_update_entity_options(entity.entity_id, DOMAIN, None)
    if note[_WAS_HIDDEN] and entity.hidden_by is er.RegistryEntryHider.INTEGRATION:
        registry.async_update_entity(entity.entity_id, hidden_by=None)
