"""Numbers that adjust a satellite: volumes, the gain of its microphone, and its LEDs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, override

from homeassistant.components.number import NumberEntity, NumberEntityDescription, NumberMode
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfSoundPressure

from .entity import SatelliteSetting, add_settings
from .link.settings import NUMBERS

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .data import SatelliteConfigEntry

PARALLEL_UPDATES: Final = 0


@dataclass(frozen=True, kw_only=True)
class IndoorVoiceNumberEntityDescription(NumberEntityDescription):
    """Describes a number that a satellite stores in another unit."""

    factor: float
    """How many of the number's units are one of the satellite's."""


_PERCENT: Final = 100.0


def _number(key: str, unit: str, factor: float) -> IndoorVoiceNumberEntityDescription:
    lowest, highest = NUMBERS[key]
    return IndoorVoiceNumberEntityDescription(
        key=key,
        entity_category=EntityCategory.CONFIG,
        factor=factor,
        mode=NumberMode.SLIDER,
        native_unit_of_measurement=unit,
        native_min_value=lowest * factor,
        native_max_value=highest * factor,
        native_step=1.0,
    )


_NUMBERS: Final = (
    _number("volume", PERCENTAGE, _PERCENT),
    _number("cue_volume", PERCENTAGE, _PERCENT),
    _number("microphone_gain_db", UnitOfSoundPressure.DECIBEL, 1.0),
    _number("led_brightness", PERCENTAGE, _PERCENT),
)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SatelliteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a number for each that the satellite has."""
    add_settings(entry, async_add_entities, IndoorVoiceNumber, _NUMBERS)


class IndoorVoiceNumber(SatelliteSetting, NumberEntity):
    """A number that is set on the satellite; shows the satellite's own report."""

    entity_description: IndoorVoiceNumberEntityDescription

    @property
    @override
    def native_value(self) -> float | None:
        """The satellite's value."""
        value = self._reported
        return None if value is None else round(value * self.entity_description.factor, 1)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the satellite's value."""
        await self._change(value / self.entity_description.factor)
