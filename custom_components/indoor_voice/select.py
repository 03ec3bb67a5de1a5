"""Selects for a satellite's assistant and for the pause that ends the speech."""

from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_pipeline.select import (
    AssistPipelineSelect,
    VadSensitivitySelect,
)

from .const import DOMAIN
from .devices.entries import device_key
from .entity import satellite_device

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .data import SatelliteConfigEntry

PARALLEL_UPDATES: Final = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SatelliteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the selects of a satellite."""
    async_add_entities(
        [IndoorVoicePipelineSelect(hass, entry), IndoorVoiceVadSensitivitySelect(hass, entry)]
    )


class IndoorVoicePipelineSelect(AssistPipelineSelect):
    """Selects the satellite's assistant."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, entry: SatelliteConfigEntry) -> None:
        """Initialize the select of a satellite's config entry."""
        super().__init__(hass, DOMAIN, device_key(entry))
        self._attr_device_info = satellite_device(entry)


class IndoorVoiceVadSensitivitySelect(VadSensitivitySelect):
    """Selects how long a pause ends the speech."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, entry: SatelliteConfigEntry) -> None:
        """Initialize the select of a satellite's config entry."""
        super().__init__(hass, device_key(entry))
        self._attr_device_info = satellite_device(entry)
