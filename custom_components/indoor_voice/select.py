"""Which assistant a satellite uses, and how long a pause ends what is said to it."""

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
    """Add the choices of one satellite."""
    async_add_entities(
        [IndoorVoicePipelineSelect(hass, entry), IndoorVoiceVadSensitivitySelect(hass, entry)]
    )


class IndoorVoicePipelineSelect(AssistPipelineSelect):
    """Chooses the satellite's assistant."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, entry: SatelliteConfigEntry) -> None:
        """Belong to the satellite of `entry`."""
        super().__init__(hass, DOMAIN, device_key(entry))
        self._attr_device_info = satellite_device(entry)


class IndoorVoiceVadSensitivitySelect(VadSensitivitySelect):
    """Chooses how long a pause is the end of what is said."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, entry: SatelliteConfigEntry) -> None:
        """Belong to the satellite of `entry`."""
        super().__init__(hass, device_key(entry))
        self._attr_device_info = satellite_device(entry)
