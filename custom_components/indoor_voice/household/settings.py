"""Writes what the administrator sets in the panel into the options of the config entries."""

from typing import TYPE_CHECKING

from homeassistant.core import callback

from ..const import CONF_EXCLUDED, CONF_RETENTION
from ..devices.entries import device_key, household_entry, satellite_entries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeassistant.core import HomeAssistant

    from ..privacy.people import PersonId, RoomId


@callback
def async_allow(hass: HomeAssistant, retention_seconds: int) -> None:
    """Set the longest time for which recordings may be kept; 0 allows nothing."""
    entry = household_entry(hass)
    assert entry is not None, "its keeper is set up"
    options = {**entry.options, CONF_RETENTION: retention_seconds}
    hass.config_entries.async_update_entry(entry, options=options)


@callback
def async_exclude(hass: HomeAssistant, room: RoomId, people: Iterable[PersonId]) -> None:
    """Set the people who are not expected in a room."""
    entry = next(one for one in satellite_entries(hass) if device_key(one) == room)
    options = {**entry.options, CONF_EXCLUDED: sorted(people)}
    hass.config_entries.async_update_entry(entry, options=options)
