"""What the entities of one device have in common."""

from typing import TYPE_CHECKING

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import SpeechCoordinator
from .data import device_key
from .health import SatelliteCoordinator

if TYPE_CHECKING:
    from homeassistant.helpers.entity import EntityDescription

    from .data import SatelliteConfigEntry, SpeechConfigEntry


def satellite_device(entry: SatelliteConfigEntry) -> DeviceInfo:
    """Describe the satellite of `entry` for the device registry."""
    satellite = entry.runtime_data.peer.info.satellite
    return DeviceInfo(
        identifiers={(DOMAIN, device_key(entry))},
        manufacturer=satellite.attribution.name if satellite else None,
        model="Satellite",
        name=entry.title,
        suggested_area=satellite.area if satellite else None,
        sw_version=satellite.version if satellite else None,
    )


class SatelliteEntity(CoordinatorEntity[SatelliteCoordinator]):
    """An entity that shows how its satellite fares."""

    _attr_has_entity_name = True

    def __init__(self, entry: SatelliteConfigEntry, description: EntityDescription) -> None:
        """Belong to the device of `entry`, and be what `description` says."""
        super().__init__(entry.runtime_data.health)
        self._entry = entry
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{device_key(entry)}-{description.key}"
        self._attr_device_info = satellite_device(entry)


class SpeechEntity(CoordinatorEntity[SpeechCoordinator]):
    """An entity that is there as long as its speech server answers."""

    _attr_has_entity_name = True

    def __init__(self, entry: SpeechConfigEntry) -> None:
        """Belong to the device of `entry`."""
        super().__init__(entry.runtime_data.coordinator)
        self._entry = entry
        self._attr_unique_id = device_key(entry)
        info = self.coordinator.data.info
        program = (info.asr or info.tts)[0]
        self._attr_device_info = DeviceInfo(
            entry_type=DeviceEntryType.SERVICE,
            identifiers={(DOMAIN, device_key(entry))},
            manufacturer=program.attribution.name,
            model=program.name,
            name=entry.title,
            sw_version=program.version,
        )

    async def _request_failed(self, outcome: str) -> None:
        """Count a failure and find out whether the server is still there."""
        self._entry.runtime_data.counts[outcome] += 1
        await self.coordinator.async_request_refresh()
