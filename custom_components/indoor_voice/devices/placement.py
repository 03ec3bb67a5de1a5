"""Which area a satellite is in, as Home Assistant's device registry says."""

from typing import TYPE_CHECKING, Any

from homeassistant.core import callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from .entries import device_key

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant


@callback
def device_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> dr.DeviceEntry | None:
    """Return the registered device of an entry; None if the entry was never loaded."""
    identifier = (DOMAIN, device_key(entry))
    return dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)


@callback
def placed_name(hass: HomeAssistant, entry: ConfigEntry[Any]) -> str:
    """Return the title of an entry, and its area if the title does not contain it."""
    device = device_of(hass, entry)
    area = ar.async_get(hass).async_get_area(device.area_id) if device and device.area_id else None
    if area is None or area.name.casefold() in entry.title.casefold():
        return entry.title
    return f"{entry.title} ({area.name})"


@callback
def async_place(hass: HomeAssistant, entry: ConfigEntry[Any], area_id: str | None) -> None:
    """Put a new satellite into an area, and give its entities the IDs that belong there.

    As in Home Assistant's own dialogue for new devices: nothing refers to the IDs yet.
    """
    device = device_of(hass, entry)
    if device is None or device.area_id == area_id:
        return
    dr.async_get(hass).async_update_device(device.id, area_id=area_id)
    registry = er.async_get(hass)
    for entity in er.async_entries_for_device(registry, device.id, include_disabled_entities=True):
        registry.async_update_entity(
            entity.entity_id, new_entity_id=registry.async_regenerate_entity_id(entity)
        )
