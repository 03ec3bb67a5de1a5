"""Home Assistant actions for the timers and alarms of satellites.

Anybody may call them, and so may automations.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import WEEKDAYS
from homeassistant.core import SupportsResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.intent import IntentHandleError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..devices.alarms import AlarmError, WhyNot, alarm_switches, next_day
from ..devices.entries import device_key, satellite_entries
from ..link.text import MAX_NAME
from ..link.timers import MAX_SECONDS
from .targets import NAMES, invalid, rooms_of

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import probatio as vol
    from homeassistant.core import ServiceCall

    from ..data import SatelliteConfigEntry
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_START_TIMER: Final = vol.Schema(
    {
        vol.Required("satellites"): NAMES,
        vol.Required("duration"): vol.All(
            cv.positive_time_period, vol.Range(max=timedelta(seconds=MAX_SECONDS))
        ),
        vol.Optional("name"): vol.All(cv.string, vol.Length(min=1, max=MAX_NAME)),
    }
)
_SET_ALARM: Final = vol.Schema(
    {
        vol.Required("satellites"): NAMES,
        vol.Required("time"): cv.time,
        vol.Exclusive("date", "days"): cv.date,
        vol.Exclusive("weekdays", "days"): vol.All(cv.weekdays, vol.Length(min=1)),
    }
)
_REMOVE_ALARM: Final = vol.Schema({vol.Required("alarms"): NAMES})
_SNOOZE_ALARM: Final = vol.Schema({vol.Required("satellites"): NAMES})


async def _start_timer(call: ServiceCall) -> None:
    """Start a timer on satellites."""
    chosen = _satellites(call)
    try:
        for entry in chosen:
            entry.runtime_data.timers.async_start(call.data["duration"], call.data.get("name"))
    except IntentHandleError as err:
        raise invalid("too_many_timers") from err


async def _set_alarm(call: ServiceCall) -> None:
    """Set an alarm on satellites: on some weekdays, on a date, or when it's that time next."""
    at = call.data["time"].replace(microsecond=0)
    weekdays = frozenset(WEEKDAYS.index(day) for day in call.data.get("weekdays", ()))
    day = None if weekdays else call.data.get("date") or next_day(at, dt_util.now())
    for entry in _satellites(call):
        await _run(entry.runtime_data.alarms.async_set(at, day, weekdays))


async def _remove_alarm(call: ServiceCall) -> None:
    """Remove the alarms that a call names by their switches."""
    alarms = {
        switch: (entry, alarm_id)
        for entry in satellite_entries(call.hass)
        for switch, alarm_id in alarm_switches(call.hass, entry).items()
    }
    if not alarms.keys() >= set(call.data["alarms"]):
        raise invalid("unknown_alarm")
    for name in call.data["alarms"]:
        entry, alarm_id = alarms[name]
        if entry.state is not ConfigEntryState.LOADED:
            raise invalid("satellite_not_loaded")
        await _run(entry.runtime_data.alarms.async_remove(alarm_id))


async def _snooze_alarm(call: ServiceCall) -> None:
    """Let what rings on satellites, or was stopped just now, ring again in 9 minutes."""
    for entry in _satellites(call):
        await _run(entry.runtime_data.alarms.async_snooze())


def _satellites(call: ServiceCall) -> list[SatelliteConfigEntry]:
    rooms = rooms_of(call, "satellites")
    chosen = [entry for entry in satellite_entries(call.hass) if device_key(entry) in rooms]
    if any(entry.state is not ConfigEntryState.LOADED for entry in chosen):
        raise invalid("satellite_not_loaded")
    return chosen


async def _run(command: Awaitable[object]) -> None:
    """Await a command about alarms; its failure is raised as a translated error."""
    try:
        await command
    except AlarmError as err:
        if err.why is WhyNot.FAILED:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key=err.why) from err
        raise invalid(err.why) from err


SERVICES: Final = (
    ("start_timer", _start_timer, _START_TIMER, SupportsResponse.NONE),
    ("set_alarm", _set_alarm, _SET_ALARM, SupportsResponse.NONE),
    ("remove_alarm", _remove_alarm, _REMOVE_ALARM, SupportsResponse.NONE),
    ("snooze_alarm", _snooze_alarm, _SNOOZE_ALARM, SupportsResponse.NONE),
)
"""The name, handler, schema and response of each action."""
