"""Finds the config entries of paired devices and of the household."""

from typing import TYPE_CHECKING, Any

from homeassistant.const import CONF_HOST, CONF_PORT

from ..const import CONF_KIND, DOMAIN, HOUSEHOLD_ID, EntryKind
from ..link.client import Address

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant


def device_key(entry: ConfigEntry[Any]) -> str:
    """Return the key of a device and its entities, which survives a change of address."""
    return entry.unique_id or entry.entry_id


def household_entry(hass: HomeAssistant) -> ConfigEntry[Any] | None:
    """Return the household's entry, loaded or not."""
    return hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, HOUSEHOLD_ID)


def device_entries(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    """Return the entries of all satellites and speech servers, loaded or not."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    return [entry for entry in entries if entry.data[CONF_KIND] != EntryKind.HOUSEHOLD]


def satellite_entries(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    """Return the entries of all satellites, loaded or not."""
    return [e for e in device_entries(hass) if e.data[CONF_KIND] == EntryKind.SATELLITE]


def address_of(entry: ConfigEntry[Any]) -> Address:
    """Return the address of the entry's device."""
    return Address(host=entry.data[CONF_HOST], port=entry.data[CONF_PORT])
