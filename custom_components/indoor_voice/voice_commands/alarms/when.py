"""Works out when an alarm is to ring from what somebody said.

A time like "seven" can be in the morning or in the evening. Once, it is whichever comes next, as
people say it before a nap, too; with another day, or every week, it is what a 24-hour clock shows.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from ...devices.alarms import next_day
from ...link.alarms import EVERY_DAY
from .sentences import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOUR: Final = 60
_HALF_DAY: Final = 12 * _HOUR
_DAY: Final = 24 * _HOUR
_EARLY: Final = 5
"""Before this hour, a night is that of the day before."""


class PassedTodayError(Exception):
    """There is no such time today any more."""


@dataclass(frozen=True, slots=True)
class When:
    """When an alarm rings: on one date, or every week on some days."""

    time: time
    date: date | None = None
    weekdays: frozenset[int] = frozenset()


def when(slots: Mapping[str, str | int], now: datetime) -> When:
    """Return when an alarm with these slots rings; `now` is local, with its time zone.

    Raises `PassedTodayError`.
    """
    span = _span(slots)
    if span is not None:
        # In UTC, because an hour at night may have the clock put forward or back within it.
        moment = datetime.fromtimestamp(now.timestamp() + span * 60, now.tzinfo)
        return When(moment.time().replace(microsecond=0), moment.date())
    weekdays = _weekdays(slots)
    minutes = times_of_day(slots)
    if weekdays:
        return When(_time(minutes[0]), weekdays=weekdays)
    if "weekday" in slots:
        at = _time(minutes[0])
        days = (int(slots["weekday"]) - now.weekday()) % 7
        if days == 0 and at <= now.time():
            days = 7
        return When(at, now.date() + timedelta(days=days))
    days = int(slots.get("days", 0))
    if days:
        return When(_time(minutes[0]), now.date() + timedelta(days=days + _late(slots, minutes[0])))
    if slots.get("part") == Part.NIGHT and _late(slots, minutes[0]):
        at = _time(minutes[0])
        return When(at, next_day(at, now))
    return _next(minutes, now, only_today="days" in slots)


def times_of_day(slots: Mapping[str, str | int]) -> list[int]:
    """Return the times that may be meant, in minutes after midnight, the more literal one first."""
    if "fixed" in slots:
        return [int(slots["fixed"])]
    said = int(slots["hour"]) * _HOUR + int(slots.get("minute", 0))
    literal = (said - int(slots.get("before", 0)) + int(slots.get("quarter", 0))) % _DAY
    if int(slots["hour"]) > _HALF_DAY // _HOUR or slots["hour"] == 0:
        return [literal]
    early = literal % _HALF_DAY
    late = early + _HALF_DAY
    match slots.get("part") or slots.get("daily_part"):
        case Part.MORNING:
            return [early]
        case Part.EVENING:
            return [late]
        case Part.NIGHT:
            return [early if early < _EARLY * _HOUR else late]
    return [literal, (literal + _HALF_DAY) % _DAY]


def _span(slots: Mapping[str, str | int]) -> int | None:
    """Return a span from now, in minutes."""
    if "hours" in slots or "minutes" in slots:
        return int(slots.get("hours", 0)) * _HOUR + int(slots.get("minutes", 0))
    return int(slots["span"]) if "span" in slots else None


def _weekdays(slots: Mapping[str, str | int]) -> frozenset[int]:
    if "daily_part" in slots:
        return EVERY_DAY
    if "weekdays" in slots:
        return frozenset(int(day) for day in str(slots["weekdays"]))
    return frozenset(int(slots[name]) for name in ("every", "every_too") if name in slots)


def _late(slots: Mapping[str, str | int], minutes: int) -> int:
    """Return 1 if a time of a night belongs to the next date, else 0."""
    return int(slots.get("part") == Part.NIGHT and minutes < _EARLY * _HOUR)


def _next(minutes: list[int], now: datetime, *, only_today: bool) -> When:
    """Return the first of some times of day to come."""
    times = sorted(_time(one) for one in minutes)
    first = min(times, key=lambda at: (next_day(at, now), at))
    day = next_day(first, now)
    if only_today and day != now.date():
        raise PassedTodayError
    return When(first, day)


def _time(minutes: int) -> time:
    return time(*divmod(minutes, _HOUR))
