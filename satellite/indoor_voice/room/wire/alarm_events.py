"""Converts between the alarm events of docs/wire.md and a satellite's alarms."""

from datetime import date, time
from typing import Any, Final

from wyoming.event import Event

from indoor_voice.room.alarms.alarm import LAST_YEAR, WEEKDAYS, Alarm, UnknownZoneError
from indoor_voice.room.alarms.alarms import (
    MAX_ALARMS,
    Entry,
    PassedError,
    TooManyAlarmsError,
    UnknownAlarmError,
)
from indoor_voice.room.alarms.waking import Waking
from indoor_voice.room.clockwork.clock import Moment

from .events import error
from .timer_events import id_of

TYPES: Final = frozenset({"alarm-set", "alarm-removed", "alarm-snoozed", "alarms-noted"})
_MAX_ZONE: Final = 100
"""In characters."""


def apply(event: Event, waking: Waking) -> Event | None:
    """Do with the alarms what an event of one of `TYPES` says; return an error if it can't be done.

    Raises:
        ValueError: the content is invalid for the type.
    """
    try:
        _apply(event, waking)
    except TooManyAlarmsError:
        return error(f"There are {MAX_ALARMS} alarms", "too-many-alarms")
    except PassedError:
        return error("That time has passed", "alarm-passed")
    except UnknownZoneError:
        return error("The satellite does not know the time zone", "unknown-time-zone")
    except UnknownAlarmError:
        return error("There is no alarm to snooze", "unknown-alarm")
    return None


def alarms(waking: Waking) -> Event:
    """Return the event that lists all alarms, and what Home Assistant may not know yet."""
    now = Moment.now()
    happened = [
        {
            "number": one.number,
            "event": str(one.event),
            "id": one.alarm_id,
            "time": one.time.isoformat(),
            "at": round(one.wall_seconds),
        }
        for one in waking.happenings
    ]
    listed = [_listed(entry, now) for entry in waking.entries]
    return Event("alarms", {"alarms": listed, "happened": happened})


def _apply(event: Event, waking: Waking) -> None:
    match event.type:
        case "alarm-set":
            waking.set(_alarm(event.data))
        case "alarm-removed":
            waking.remove(id_of(event.data))
        case "alarm-snoozed":
            waking.snooze()
        case "alarms-noted":
            number = event.data.get("number")
            if isinstance(number, bool) or not isinstance(number, int):
                raise ValueError("number must be a whole number")  # noqa: TRY004 - as below
            waking.forget_happenings(number)


def _listed(entry: Entry, now: Moment) -> dict[str, Any]:
    alarm = entry.alarm
    listed: dict[str, Any] = {
        "id": alarm.id,
        "time": alarm.time.isoformat(),
        "time_zone": alarm.zone,
        "enabled": alarm.enabled,
        "state": str(entry.state),
    }
    if alarm.date is not None:
        listed["date"] = alarm.date.isoformat()
    else:
        listed["weekdays"] = sorted(alarm.weekdays)
    if (moment := entry.next_wall_seconds(now)) is not None:
        listed["next"] = round(moment)
    return listed


def _alarm(data: dict[str, Any]) -> Alarm:
    zone, enabled = data.get("time_zone"), data.get("enabled", True)
    if not isinstance(zone, str) or not 0 < len(zone) <= _MAX_ZONE:
        raise ValueError("time_zone must be a name")
    if not isinstance(enabled, bool):
        raise ValueError("enabled must be true or false")  # noqa: TRY004 - callers catch one class
    day, weekdays = _date(data), _weekdays(data)
    if (day is None) is not bool(weekdays):
        raise ValueError("an alarm has either a date or weekdays")
    return Alarm(
        id=id_of(data), time=_time(data), date=day, weekdays=weekdays, zone=zone, enabled=enabled
    )


def _time(data: dict[str, Any]) -> time:
    try:
        value = time.fromisoformat(data["time"])
    except (LookupError, TypeError, ValueError) as err:
        raise ValueError("time must be like 07:00:00") from err
    if value.tzinfo is not None:
        raise ValueError("time must have no time zone")
    return value.replace(microsecond=0)


def _date(data: dict[str, Any]) -> date | None:
    if data.get("date") is None:
        return None
    try:
        value = date.fromisoformat(data["date"])
    except (TypeError, ValueError) as err:
        raise ValueError("date must be like 2026-12-24") from err
    if value.year > LAST_YEAR:
        raise ValueError(f"date must not be after {LAST_YEAR}")
    return value


def _weekdays(data: dict[str, Any]) -> frozenset[int]:
    days = data.get("weekdays", [])
    if (
        not isinstance(days, list)
        or any(isinstance(day, bool) or not isinstance(day, int) for day in days)
        or not frozenset(days) <= frozenset(WEEKDAYS)
    ):
        raise ValueError("weekdays must be a list of numbers from 0, Monday, to 6")
    return frozenset(days)
