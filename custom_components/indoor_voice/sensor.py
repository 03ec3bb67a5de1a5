"""Sensors for a satellite's last turn, timers and alarms, and for what the household keeps."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import WEEKDAYS, EntityCategory
from homeassistant.util import dt as dt_util

from .data import is_satellite
from .devices.coordinator import Outcome
from .entity import KeepingEntity, SatelliteEntity, household_device
from .household.keeper import is_household
from .link.timers import TimerState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .privacy.types import Totals

PARALLEL_UPDATES: Final = 0

_LAST_TURN: Final = SensorEntityDescription(
    key="last_turn",
    device_class=SensorDeviceClass.ENUM,
    entity_category=EntityCategory.DIAGNOSTIC,
    options=list(Outcome),
)

_NEXT_TIMER: Final = SensorEntityDescription(
    key="next_timer", device_class=SensorDeviceClass.TIMESTAMP
)

_NEXT_ALARM: Final = SensorEntityDescription(
    key="next_alarm", device_class=SensorDeviceClass.TIMESTAMP
)


@dataclass(frozen=True, kw_only=True)
class IndoorVoiceSensorEntityDescription(SensorEntityDescription):
    """Describes a household sensor."""

    value_fn: Callable[[Totals], int | datetime | None]


_HOUSEHOLD: Final = (
    IndoorVoiceSensorEntityDescription(
        key="kept_recordings",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda totals: totals.recordings,
    ),
    IndoorVoiceSensorEntityDescription(
        key="next_expiry",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda totals: _time(totals.next_expiry),
    ),
    IndoorVoiceSensorEntityDescription(
        key="last_deletion",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda totals: _time(totals.last_deletion),
    ),
)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of a satellite or of the household."""
    if is_household(entry):
        device = household_device(entry)
        async_add_entities(
            IndoorVoiceTotal(entry, description, device) for description in _HOUSEHOLD
        )
    elif is_satellite(entry):
        async_add_entities(
            [
                IndoorVoiceLastTurn(entry, _LAST_TURN),
                IndoorVoiceNextAlarm(entry, _NEXT_ALARM),
                IndoorVoiceNextTimer(entry, _NEXT_TIMER),
            ]
        )


class IndoorVoiceLastTurn(SatelliteEntity, SensorEntity):
    """The outcome of the last turn; remains available while the satellite is away."""

    @property
    @override
    def native_value(self) -> Outcome | None:
        """The outcome; None before the first turn since set-up."""
        return self.coordinator.data.last_turn


class IndoorVoiceNextTimer(SatelliteEntity, SensorEntity):
    """When the next timer ends. No attribute has a timer's name, which somebody said."""

    _unrecorded_attributes = frozenset({"timers"})

    @property
    @override
    def native_value(self) -> datetime | None:
        """The next end; None if no timer runs."""
        ends = (
            timer.ends
            for timer in self.coordinator.data.timers
            if timer.state is TimerState.RUNNING
        )
        return next(ends, None)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """All timers, the next to end first."""
        return {
            "timers": [
                {
                    "state": timer.state,
                    "duration": round(timer.total_seconds),
                    "finishes_at": timer.ends,
                    "remaining": None if timer.ends else round(timer.left_seconds),
                }
                for timer in self.coordinator.data.timers
            ]
        }


class IndoorVoiceNextAlarm(SatelliteEntity, SensorEntity):
    """When the next alarm rings; remains available while the satellite is away, and rings."""

    _unrecorded_attributes = frozenset({"alarms"})

    @property
    @override
    def native_value(self) -> datetime | None:
        """The next moment; None if no alarm is on."""
        moments = (_time(alarm.next_moment) for alarm in self.coordinator.data.alarms or ())
        return next((moment for moment in moments if moment), None)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """All alarms, the next to ring first."""
        return {
            "alarms": [
                {
                    "time": alarm.time.isoformat("auto"),
                    "date": alarm.date,
                    "weekdays": [WEEKDAYS[day] for day in sorted(alarm.weekdays)],
                    "enabled": alarm.enabled,
                    "state": alarm.state,
                    "rings_at": _time(alarm.next_moment),
                }
                for alarm in self.coordinator.data.alarms or ()
            ]
        }


class IndoorVoiceTotal(KeepingEntity, SensorEntity):
    """A total of what the household keeps."""

    entity_description: IndoorVoiceSensorEntityDescription

    @property
    @override
    def native_value(self) -> int | datetime | None:
        """The number or time; None if nothing has been kept or deleted."""
        view = self._view
        return None if view is None else self.entity_description.value_fn(view.totals)


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else dt_util.utc_from_timestamp(seconds)
