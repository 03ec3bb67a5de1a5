"""Binary sensors: connection, faults, and whether a satellite's turns are kept."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory

from .data import is_satellite, is_speech
from .devices.entries import device_key
from .entity import KeepingEntity, SatelliteEntity, SpeechServerEntity, satellite_device
from .privacy.consent.rules import DropReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .data import IndoorVoiceConfigEntry
    from .devices.coordinator import Health

PARALLEL_UPDATES: Final = 0


@dataclass(frozen=True, kw_only=True)
class IndoorVoiceBinarySensorEntityDescription(BinarySensorEntityDescription):
    """Describes a satellite binary sensor."""

    value_fn: Callable[[Health], bool | None]
    """Returns None while the value is unknown."""


_SATELLITE: Final = (
    IndoorVoiceBinarySensorEntityDescription(
        key="connection",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda health: health.connected,
    ),
    IndoorVoiceBinarySensorEntityDescription(
        key="microphone",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda health: None if health.status is None else not health.status.microphone,
    ),
    IndoorVoiceBinarySensorEntityDescription(
        key="loudspeaker",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda health: None if health.status is None else not health.status.loudspeaker,
    ),
    IndoorVoiceBinarySensorEntityDescription(
        key="storage",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda health: None if health.status is None else not health.status.storage,
    ),
    IndoorVoiceBinarySensorEntityDescription(
        key="muted_on_device",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda health: None if health.status is None else health.status.muted_on_device,
    ),
)

_KEEPS: Final = BinarySensorEntityDescription(key="keeps")

_SPEECH: Final = BinarySensorEntityDescription(
    key="connection",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: IndoorVoiceConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of a satellite or speech server."""
    if is_satellite(entry):
        async_add_entities(
            IndoorVoiceSatelliteBinarySensor(entry, description) for description in _SATELLITE
        )
        async_add_entities([IndoorVoiceKeeps(entry, _KEEPS, satellite_device(entry))])
    elif is_speech(entry):
        async_add_entities([IndoorVoiceSpeechConnection(entry, _SPEECH)])


class IndoorVoiceSatelliteBinarySensor(SatelliteEntity, BinarySensorEntity):
    """A binary sensor of a satellite, available while its value is known."""

    entity_description: IndoorVoiceBinarySensorEntityDescription

    @property
    @override
    def available(self) -> bool:
        """Whether the value is known."""
        return self.is_on is not None

    @property
    @override
    def is_on(self) -> bool | None:
        """The value; None while it is unknown."""
        return self.entity_description.value_fn(self.coordinator.data)


class IndoorVoiceKeeps(KeepingEntity, BinarySensorEntity):
    """Whether the next turn of a satellite would be kept; can also control an indicator light."""

    @property
    @override
    def available(self) -> bool:
        """Always true: without a household nothing is kept."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Whether the next turn would be kept."""
        return not self._why_not

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str]:
        """Why it would not be kept."""
        return {"why_not": self._why_not[0].value} if self._why_not else {}

    @property
    def _why_not(self) -> tuple[DropReason, ...]:
        if self._keeper is None:
            return (DropReason.NOT_ALLOWED,)
        status = self._keeper.status(device_key(self._entry))
        return (DropReason.FAILED,) if status is None else status.why_not


class IndoorVoiceSpeechConnection(SpeechServerEntity, BinarySensorEntity):
    """Whether a speech server answers."""

    @property
    @override
    def is_on(self) -> bool:
        """Whether the server answered the last time it was asked."""
        return self.coordinator.last_update_success
