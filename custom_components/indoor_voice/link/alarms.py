"""The alarms that a satellite keeps, as it lists them in an `alarms` event.

Moments are seconds since 1970.
"""

import math
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any, Final

from wyoming.event import Event

from .timers import ContentError

MAX_ALARMS: Final = 200
"""As many as a satellite of ours keeps."""
_MAX_HAPPENINGS: Final = 50
_MAX_ID: Final = 100
_MAX_ZONE: Final = 100
_MAX_MOMENT: Final = 8e9
"""In the year 2223; a satellite knows no alarm after 2200."""
_MAX_NUMBER: Final = 2**53

EVERY_DAY: Final = frozenset(range(7))
"""Monday is 0."""
WORKING_DAYS: Final = frozenset(range(5))
WEEKEND: Final = EVERY_DAY - WORKING_DAYS


class AlarmState(StrEnum):
    """What an alarm does."""

    WAITING = "waiting"
    RINGING = "ringing"
    SNOOZED = "snoozed"
    MISSED = "missed"
    """It should have rung once, at a time when the satellite was off."""


class AlarmEvent(StrEnum):
    """What happened to an alarm."""

    RANG = "rang"
    SNOOZED = "snoozed"
    STOPPED = "stopped"
    ENDED = "ended"
    """Nobody stopped it for 15 minutes."""
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm at a time of day: on one date, or every week on some days."""

    id: str
    time: time
    date: date | None = None
    weekdays: frozenset[int] = frozenset()
    """Of `EVERY_DAY`; empty if there is a date."""
    time_zone: str
    """Its name in the IANA database."""
    enabled: bool = True
    state: AlarmState = AlarmState.WAITING
    next_moment: float | None = None
    """When it rings next; None if it doesn't, or rings now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened to an alarm; listed until it is noted."""

    number: int
    event: AlarmEvent
    alarm_id: str
    time: time
    """What the alarm was set to."""
    moment: float


@dataclass(frozen=True, slots=True)
class AlarmList:
    """All alarms of a satellite, and what may not be known yet, oldest first."""

    alarms: tuple[Alarm, ...]
    happened: tuple[Happening, ...]


def alarms_of(event: Event) -> AlarmList:
    """Return what a satellite lists; raises `ContentError`."""
    alarms = _list_of(event, "alarms", MAX_ALARMS)
    happened = _list_of(event, "happened", _MAX_HAPPENINGS)
    return AlarmList(
        tuple(_alarm(one) for one in alarms), tuple(_happening(one) for one in happened)
    )


def alarm_set(alarm: Alarm) -> Event:
    """Return the event that sets an alarm, or replaces the one with its id."""
    days = (
        {"weekdays": sorted(alarm.weekdays)}
        if alarm.date is None
        else {"date": alarm.date.isoformat()}
    )
    return Event(
        "alarm-set",
        {
            "id": alarm.id,
            "time": alarm.time.isoformat(),
            "time_zone": alarm.time_zone,
            "enabled": alarm.enabled,
            **days,
        },
    )


def alarm_removed(alarm_id: str) -> Event:
    """Return the event that removes an alarm."""
    return Event("alarm-removed", {"id": alarm_id})


def alarm_snoozed() -> Event:
    """Return the event that lets what rings, or was stopped just now, ring again later."""
    return Event("alarm-snoozed")


def alarms_noted(number: int) -> Event:
    """Return the event that says that everything up to a number is known."""
    return Event("alarms-noted", {"number": number})


def _list_of(event: Event, key: str, longest: int) -> list[dict[str, Any]]:
    listed = event.data.get(key)
    if not isinstance(listed, list) or len(listed) > longest:
        raise ContentError(f"{key} must be a list of at most {longest}")
    if not all(isinstance(one, dict) for one in listed):
        raise ContentError(f"{key} must be a list of objects")
    return listed


def _alarm(listed: dict[str, Any]) -> Alarm:
    enabled, zone = listed.get("enabled"), listed.get("time_zone")
    if not isinstance(enabled, bool):
        raise ContentError("enabled must be true or false")
    if not isinstance(zone, str) or not 0 < len(zone) <= _MAX_ZONE:
        raise ContentError("time_zone must be a name")
    day, weekdays = _date(listed.get("date")), _weekdays(listed.get("weekdays", []))
    if (day is None) is not bool(weekdays):
        raise ContentError("an alarm has either a date or weekdays")
    try:
        state = AlarmState(str(listed.get("state")))
    except ValueError as err:
        raise ContentError("an alarm must wait, ring, be snoozed or missed") from err
    return Alarm(
        id=_id(listed),
        time=_time(listed),
        date=day,
        weekdays=weekdays,
        time_zone=zone,
        enabled=enabled,
        state=state,
        next_moment=None if listed.get("next") is None else _moment(listed["next"]),
    )


def _happening(listed: dict[str, Any]) -> Happening:
    number = listed.get("number")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _MAX_NUMBER:
        raise ContentError("number must be a whole number")
    try:
        event = AlarmEvent(str(listed.get("event")))
    except ValueError as err:
        raise ContentError("what happened to an alarm must be known") from err
    return Happening(
        number=number,
        event=event,
        alarm_id=_id(listed),
        time=_time(listed),
        moment=_moment(listed.get("at")),
    )


def _id(listed: dict[str, Any]) -> str:
    alarm_id = listed.get("id")
    if not isinstance(alarm_id, str) or not 0 < len(alarm_id) <= _MAX_ID:
        raise ContentError("an alarm must have an id")
    return alarm_id


def _time(listed: dict[str, Any]) -> time:
    try:
        value = time.fromisoformat(listed["time"])
    except (LookupError, TypeError, ValueError) as err:
        raise ContentError("an alarm's time must be like 07:00:00") from err
    if value.tzinfo is not None:
        raise ContentError("an alarm's time must have no time zone")
    return value


def _date(value: object) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]  # which is a `TypeError` then
    except (TypeError, ValueError) as err:
        raise ContentError("an alarm's date must be like 2026-12-24") from err


def _weekdays(value: object) -> frozenset[int]:
    if not isinstance(value, list) or not all(
        isinstance(day, int) and not isinstance(day, bool) and day in EVERY_DAY for day in value
    ):
        raise ContentError("weekdays must be numbers from 0, Monday, to 6")
    return frozenset(value)


def _moment(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ContentError("a moment must be a number")
    if not math.isfinite(value) or not 0 <= value <= _MAX_MOMENT:
        raise ContentError("a moment must be in seconds since 1970")
    return float(value)
