"""The alarms of a satellite, which keeps them and rings by itself.

Home Assistant stores nothing about them: the satellite lists them whenever it connects.
"""

import math
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util.ulid import ulid_now

from ..link.alarms import (
    Alarm,
    AlarmEvent,
    AlarmList,
    AlarmState,
    Happening,
    alarm_removed,
    alarm_set,
    alarm_snoozed,
    alarms_noted,
)
from ..link.wire import LinkError
from .entries import device_key
from .request import Request, SatelliteRefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import date, datetime, time

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import Event as BusEvent
    from wyoming.event import Event, Eventable

_JUST_SECONDS: Final = 120.0
_SWITCH: Final = "alarm-"


class WhyNot(StrEnum):
    """Why a command about alarms failed."""

    TOO_MANY = "too_many_alarms"
    PASSED = "alarm_passed"
    """It could never ring."""
    UNKNOWN_ZONE = "alarm_time_zone_unknown"
    NOTHING_RINGS = "nothing_to_snooze"
    UNSUPPORTED = "no_alarms"
    """The satellite has not said that it keeps alarms."""
    FAILED = "alarm_not_changed"
    """It's away, does not answer, or can't store anything."""


REFUSALS: Final = {
    "too-many-alarms": WhyNot.TOO_MANY,
    "alarm-passed": WhyNot.PASSED,
    "unknown-time-zone": WhyNot.UNKNOWN_ZONE,
    "unknown-alarm": WhyNot.NOTHING_RINGS,
}
"""Why, by the codes with which a satellite refuses a command about alarms."""


class AlarmError(Exception):
    """A command about alarms failed."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why)
        self.why = why


class DeviceAlarms:
    """Sets the alarms of one satellite, and tells what happens to them."""

    def __init__(
        self,
        hass: HomeAssistant,
        send: Callable[[Event | Eventable], Awaitable[None]],
        send_soon: Callable[[Event], None],
    ) -> None:
        """Initialize without alarms; `send_soon` drops what it can't deliver."""
        self._hass = hass
        self._send = send
        self._send_soon = send_soon
        self._request: Request[AlarmList] = Request()
        self._listed: tuple[Alarm, ...] | None = None
        self._told: frozenset[Happening] = frozenset()
        """What the satellite listed last; it repeats that until it knows that it arrived."""
        self._moved: set[tuple[str, str]] = set()
        """Alarms that it was told to move to a time zone, so that it's told only once."""
        self._stopped_at = -math.inf
        self._listeners: set[Callable[[Happening], None]] = set()

    @property
    def listed(self) -> tuple[Alarm, ...]:
        """The alarms as the satellite last listed them, the next to ring first."""
        return self._listed or ()

    @property
    def was_just_stopped(self) -> bool:
        """Whether an alarm that rang was stopped less than 2 minutes ago."""
        return monotonic() - self._stopped_at < _JUST_SECONDS

    @property
    def on(self) -> list[Alarm]:
        """Those that ring some time, or ring now."""
        return [
            alarm
            for alarm in self.listed
            if alarm.next_moment is not None or alarm.state is AlarmState.RINGING
        ]

    @callback
    def async_add_listener(self, listener: Callable[[Happening], None]) -> Callable[[], None]:
        """Call `listener` with whatever happens to an alarm, until the result is called."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    @callback
    def async_follow_time_zone(self) -> Callable[[], None]:
        """Let alarms ring in Home Assistant's time zone until the returned function is called."""

        @callback
        def moved(_event: BusEvent) -> None:
            self._move()

        return self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, moved)

    async def async_set(
        self, at: time, day: date | None = None, weekdays: frozenset[int] = frozenset()
    ) -> Alarm:
        """Set an alarm, and return it; one that is there already is switched on.

        Raises `AlarmError`.
        """
        known = next(
            (
                alarm
                for alarm in self.listed
                if (alarm.time, alarm.date, alarm.weekdays) == (at, day, weekdays)
            ),
            None,
        )
        alarm = Alarm(
            id=known.id if known else ulid_now(),
            time=at,
            date=day,
            weekdays=weekdays,
            time_zone=self._hass.config.time_zone,
        )
        return await self._async_set(alarm)

    async def async_enable(self, alarm: Alarm, *, enabled: bool) -> None:
        """Switch an alarm on or off; raises `AlarmError`."""
        await self._async_set(replace(alarm, enabled=enabled))

    async def async_remove(self, alarm_id: str) -> None:
        """Remove an alarm, if it's there; raises `AlarmError`."""
        await self._ask(
            alarm_removed(alarm_id), lambda listed: _find(listed.alarms, alarm_id) is None
        )

    async def async_snooze(self) -> None:
        """Let what rings, or was stopped less than 2 minutes ago, ring again in 9 minutes.

        Raises `AlarmError`.
        """
        await self._ask(
            alarm_snoozed(),
            lambda listed: any(one.state is AlarmState.SNOOZED for one in listed.alarms),
        )

    @callback
    def handle_listed(self, listed: AlarmList) -> None:
        """Handle the satellite's list, which is also the answer to each command."""
        self._listed = tuple(sorted(listed.alarms, key=_ring_order))
        told, self._told = self._told, frozenset(listed.happened)
        for happening in listed.happened:
            if happening not in told:
                if happening.event is AlarmEvent.STOPPED:
                    self._stopped_at = monotonic()
                for listener in tuple(self._listeners):
                    listener(happening)
        if listed.happened:
            self._send_soon(alarms_noted(max(one.number for one in listed.happened)))
        self._request.answered(listed)
        self._move()

    @callback
    def handle_refused(self, code: str | None = None) -> None:
        """Fail the pending command, if there is one."""
        self._request.refused(code)

    @callback
    def handle_disconnected(self) -> None:
        """Fail the pending command; the alarms go on where they are."""
        self._request.refused()
        self._moved.clear()

    async def _async_set(self, alarm: Alarm) -> Alarm:
        def is_set(listed: AlarmList) -> bool:
            one = _find(listed.alarms, alarm.id)
            return one is not None and alarm_set(one) == alarm_set(alarm)

        await self._ask(alarm_set(alarm), is_set)
        return _find(self.listed, alarm.id) or alarm

    async def _ask(self, message: Event, accept: Callable[[AlarmList], bool]) -> None:
        if self._listed is None:
            raise AlarmError(WhyNot.UNSUPPORTED)
        try:
            await self._request.make(self._send, message, accept)
        except SatelliteRefusedError as err:
            raise AlarmError(REFUSALS.get(err.code or "", WhyNot.FAILED)) from err
        except LinkError as err:
            raise AlarmError(WhyNot.FAILED) from err

    def _move(self) -> None:
        """Tell the satellite to let its alarms ring in Home Assistant's time zone."""
        zone = self._hass.config.time_zone
        for alarm in self.listed:
            if alarm.time_zone != zone and (alarm.id, zone) not in self._moved:
                self._moved.add((alarm.id, zone))
                self._send_soon(alarm_set(replace(alarm, time_zone=zone)))


def next_day(at: time, now: datetime) -> date:
    """Return the day on which clocks show a time next; `now` is local."""
    return now.date() if at > now.time() else now.date() + timedelta(days=1)


def switch_key(alarm_id: str) -> str:
    """Return the key of an alarm's switch, which its unique id ends with."""
    return f"{_SWITCH}{alarm_id}"


def alarm_switches(hass: HomeAssistant, entry: ConfigEntry[Any]) -> dict[str, str]:
    """Return the ids of the alarms that a satellite's switches in the registry are for."""
    prefix = f"{device_key(entry)}-{_SWITCH}"
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        entity.entity_id: entity.unique_id.removeprefix(prefix)
        for entity in entities
        if entity.unique_id.startswith(prefix)
    }


def _find(alarms: Iterable[Alarm], alarm_id: str) -> Alarm | None:
    return next((alarm for alarm in alarms if alarm.id == alarm_id), None)


def _ring_order(alarm: Alarm) -> tuple[float, time]:
    return (math.inf if alarm.next_moment is None else alarm.next_moment, alarm.time)
