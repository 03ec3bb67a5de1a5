"""How a satellite's last turn ended."""

from typing import TYPE_CHECKING, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import EntityCategory

from .entity import SatelliteEntity
from .health import Outcome

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .data import SatelliteConfigEntry

PARALLEL_UPDATES: Final = 0

_LAST_TURN: Final = SensorEntityDescription(
    key="last_turn",
    device_class=SensorDeviceClass.ENUM,
    entity_category=EntityCategory.DIAGNOSTIC,
    options=list(Outcome),
)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SatelliteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensor of one satellite."""
    async_add_entities([IndoorVoiceLastTurn(entry, _LAST_TURN)])


class IndoorVoiceLastTurn(SatelliteEntity, SensorEntity):
    """The outcome of the last turn; known also while the satellite is away."""

    @property
    @override
    def native_value(self) -> Outcome | None:
        """The outcome, None before the first turn since set-up."""
        return self.coordinator.data.last_turn
