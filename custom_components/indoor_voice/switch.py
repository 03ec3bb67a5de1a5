"""Switches that mute or adjust a satellite, for its alarms, or that pause keeping."""

import math
from calendar import day_abbr
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from wyoming.event import Event

from .const import DOMAIN
from .data import is_satellite
from .devices.alarms import AlarmError, alarm_switches, switch_key
from .devices.entries import device_key
from .devices.request import SatelliteRefusedError
from .entity import (
    KeepingEntity,
    SatelliteEntity,
    SatelliteSetting,
    add_settings,
    household_device,
    satellite_device,
)
from .household.keeper import is_household
from .link.alarms import EVERY_DAY, WEEKEND, WORKING_DAYS
from .link.wire import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .data import SatelliteConfigEntry
    from .link.alarms import Alarm
    from .privacy.household import Household
    from .privacy.people import Pauses, RoomId
    from .privacy.types import Actor

PARALLEL_UPDATES: Final = 1

_MUTE: Final = SwitchEntityDescription(key="mute")
_NAMED_DAYS: Final = {
    EVERY_DAY: "alarm_daily",
    WORKING_DAYS: "alarm_on_weekdays",
    WEEKEND: "alarm_at_weekends",
}
"""The translation keys of alarms on these days."""
_SETTINGS: Final = tuple(
    SwitchEntityDescription(key=key, entity_category=EntityCategory.CONFIG)
    for key in ("echo_cancelling", "thinking_sound", "continued_conversation")
)


@dataclass(frozen=True, kw_only=True)
class IndoorVoiceSwitchEntityDescription(SwitchEntityDescription):
    """Describes a switch that pauses keeping."""

    value_fn: Callable[[Pauses, RoomId], bool]
    pause_fn: Callable[[Household, Actor, RoomId, bool], None]


_HOUSEHOLD: Final = (
    IndoorVoiceSwitchEntityDescription(
        key="opted_out",
        value_fn=lambda pauses, _room: pauses.household,
        pause_fn=lambda household, actor, _room, on: household.pause(actor=actor, household=on),
    ),
    IndoorVoiceSwitchEntityDescription(
        key="guests",
        value_fn=lambda pauses, _room: pauses.guests_until is not None,
        pause_fn=lambda household, actor, _room, on: household.pause(
            actor=actor, guests_until=math.inf if on else 0.0
        ),
    ),
)

_ROOM: Final = IndoorVoiceSwitchEntityDescription(
    key="room_opted_out",
    value_fn=lambda pauses, room: room in pauses.rooms,
    pause_fn=lambda household, actor, room, on: household.pause(actor=actor, room=(room, on)),
)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of a satellite or of the household."""
    if is_household(entry):
        device = household_device(entry)
        async_add_entities(IndoorVoicePause(entry, pause, device) for pause in _HOUSEHOLD)
    elif is_satellite(entry):
        opt_out = IndoorVoicePause(entry, _ROOM, satellite_device(entry))
        async_add_entities([IndoorVoiceMute(entry, _MUTE), opt_out])
        add_settings(entry, async_add_entities, IndoorVoiceSetting, _SETTINGS)
        _add_alarms(entry, async_add_entities)


@callback
def _add_alarms(
    entry: SatelliteConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a switch for each alarm that the satellite lists, and remove those of past alarms."""
    data = entry.runtime_data
    followed: Sequence[Alarm] | None = None
    added: set[str] = set()

    @callback
    def follow() -> None:
        nonlocal followed
        alarms = data.health.data.alarms
        if alarms is None or alarms is followed:
            return  # something else has changed
        followed = alarms
        missing = [alarm for alarm in alarms if alarm.id not in added]
        added.clear()
        added.update(alarm.id for alarm in alarms)
        registry = er.async_get(data.health.hass)
        for entity_id, alarm_id in alarm_switches(data.health.hass, entry).items():
            if alarm_id not in added:
                registry.async_remove(entity_id)
        async_add_entities(IndoorVoiceAlarm(entry, alarm) for alarm in missing)

    follow()
    entry.async_on_unload(data.health.async_add_listener(follow))


class IndoorVoiceMute(SatelliteEntity, SwitchEntity):
    """Mutes the microphone; shows the satellite's own report, not the last command."""

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite has reported its status."""
        return self.coordinator.data.status is not None

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the microphone is closed."""
        status = self.coordinator.data.status
        return None if status is None else status.muted

    @override
    async def async_turn_on(self, **_kwargs: Any) -> None:
        """Close the microphone."""
        await self._mute(muted=True)

    @override
    async def async_turn_off(self, **_kwargs: Any) -> None:
        """Open the microphone, unless it was muted on the device itself."""
        await self._mute(muted=False)

    async def _mute(self, *, muted: bool) -> None:
        data = self._entry.runtime_data
        try:
            await data.muting.make(
                data.send,
                Event(type="mute", data={"muted": muted}),
                # If it is done but can't be stored, an error follows the status.
                lambda status: status.muted == muted and status.mute_kept,
            )
        except SatelliteRefusedError as err:
            if err.code == "muted-on-device":
                raise ServiceValidationError(
                    translation_domain=DOMAIN, translation_key="muted_on_device"
                ) from err
            if err.code == "failed" and self.is_on:
                raise HomeAssistantError(
                    translation_domain=DOMAIN,
                    translation_key="mute_not_kept" if muted else "unmute_not_kept",
                ) from err
            raise _not_set() from err
        except LinkError as err:
            raise _not_set() from err


class IndoorVoiceSetting(SatelliteSetting, SwitchEntity):
    """Switches something on the satellite; shows the satellite's own report."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it is on."""
        is_on: bool | None = self._reported
        return is_on

    @override
    async def async_turn_on(self, **_kwargs: Any) -> None:
        """Switch it on."""
        await self._change(value=True)

    @override
    async def async_turn_off(self, **_kwargs: Any) -> None:
        """Switch it off."""
        await self._change(value=False)


class IndoorVoiceAlarm(SatelliteEntity, SwitchEntity):
    """Switches an alarm on and off; shows what the satellite lists."""

    def __init__(self, entry: SatelliteConfigEntry, alarm: Alarm) -> None:
        """Initialize for one alarm, whose time and days stay the same."""
        super().__init__(entry, SwitchEntityDescription(key=switch_key(alarm.id)))
        self._alarm_id = alarm.id
        self._attr_translation_key, self._attr_translation_placeholders = _name_of(alarm)

    @property
    def alarm(self) -> Alarm | None:
        """The alarm as the satellite last listed it; None if it's gone."""
        alarms = self.coordinator.data.alarms or ()
        return next((alarm for alarm in alarms if alarm.id == self._alarm_id), None)

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite is connected and has the alarm."""
        return self.coordinator.data.connected and self.alarm is not None

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it will ring."""
        return None if self.alarm is None else self.alarm.enabled

    @override
    async def async_turn_on(self, **_kwargs: Any) -> None:
        """Let it ring."""
        await self._enable(enabled=True)

    @override
    async def async_turn_off(self, **_kwargs: Any) -> None:
        """Keep it, without ringing."""
        await self._enable(enabled=False)

    async def _enable(self, *, enabled: bool) -> None:
        alarm = self.alarm
        assert alarm is not None, "Home Assistant calls no actions of unavailable entities"
        try:
            await self._entry.runtime_data.alarms.async_enable(alarm, enabled=enabled)
        except AlarmError as err:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key=err.why) from err


class IndoorVoicePause(KeepingEntity, SwitchEntity):
    """Pauses keeping while it is on; neither withdraws nor gives any consent."""

    entity_description: IndoorVoiceSwitchEntityDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether this switch pauses keeping."""
        view = self._view
        if view is None:
            return None
        return self.entity_description.value_fn(view.pauses, device_key(self._entry))

    @override
    async def async_turn_on(self, **_kwargs: Any) -> None:
        """Pause keeping from now on."""
        await self._pause(on=True)

    @override
    async def async_turn_off(self, **_kwargs: Any) -> None:
        """Return to what the consents allow."""
        await self._pause(on=False)

    async def _pause(self, *, on: bool) -> None:
        room = device_key(self._entry)
        if not on and await self._is_called_by_visitor():
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_a_person")
        await self._run(
            lambda household, actor: self.entity_description.pause_fn(household, actor, room, on)
        )

    async def _is_called_by_visitor(self) -> bool:
        """Return whether the caller's account belongs to nobody in the household.

        Programs, which have no account or a system account, don't count as visitors.
        """
        user_id = self._context.user_id if self._context else None
        user = await self.hass.auth.async_get_user(user_id) if user_id else None
        keeper = self._keeper
        if user is None or user.system_generated or keeper is None:
            return False
        return keeper.actor(user.id, "action").person is None


def _not_set() -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="mute_not_set")


def _name_of(alarm: Alarm) -> tuple[str, dict[str, str]]:
    """Return the key and placeholders of an alarm's name."""
    at = {"time": alarm.time.isoformat("auto" if alarm.time.second else "minutes")}
    if alarm.date is not None:
        return "alarm_on", {**at, "date": alarm.date.isoformat()}
    if alarm.weekdays in _NAMED_DAYS:
        return _NAMED_DAYS[alarm.weekdays], at
    return "alarm_weekly", {
        **at,
        "days": ", ".join(day_abbr[day] for day in sorted(alarm.weekdays)),
    }
