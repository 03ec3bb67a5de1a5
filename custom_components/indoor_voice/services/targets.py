"""What a call of an action names, and how it is refused."""

from typing import TYPE_CHECKING, Final

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..devices.entries import device_key, satellite_entries

if TYPE_CHECKING:
    import probatio as vol
    from homeassistant.core import ServiceCall

    from ..privacy.people import RoomId
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

NAMES: Final = vol.All(cv.ensure_list, [cv.string], vol.Length(min=1))
"""Ids of entities or devices."""


def rooms_of(call: ServiceCall, key: str = "rooms") -> frozenset[RoomId]:
    """Return the rooms of the satellites that a call names by entity or device id."""
    entities, devices = er.async_get(call.hass), dr.async_get(call.hass)
    by_entry = {entry.entry_id: device_key(entry) for entry in satellite_entries(call.hass)}
    rooms = set()
    for name in call.data[key]:
        if entity := entities.async_get(name):
            entries = {entity.config_entry_id}
        elif device := devices.async_get(name):
            entries = {device.config_entry_id}
        else:
            raise invalid("unknown_room")
        found = {room for entry, room in by_entry.items() if entry in entries}
        if not found:
            raise invalid("unknown_room")
        rooms |= found
    return frozenset(rooms)


def invalid(key: str) -> ServiceValidationError:
    """Return the error with which a call is refused, by its translation key."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)
