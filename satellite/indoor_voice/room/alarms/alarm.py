"""One alarm, and when it rings next, without a clock and without I/O.

Moments on the wall are seconds since 1970. An alarm's zone says what a clock shows there. A clock
that is put forward skips some times of day: an alarm for one of them rings at the first moment
after the gap. A clock that is put back shows some times twice: an alarm rings the first time only.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKDAYS: Final = range(7)
"""Monday is 0."""
LAST_YEAR: Final = 2200
"""Of an alarm's date, and of the clock: after it nothing rings."""
_DAY: Final = dt.timedelta(days=1)


class UnknownZoneError(Exception):
    """This machine does not know the time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm at a time of day: on one date, or every week on some days."""

    id: str
    time: dt.time
    """What the clock shows when it rings, without a zone."""
    date: dt.date | None = None
    """The day of an alarm that rings once."""
    weekdays: frozenset[int] = frozenset()
    """The days of one that rings again, of `WEEKDAYS`; empty if there is a date."""
    zone: str
    """The time zone's name in the IANA database."""
    enabled: bool = True

    def next_after(self, wall_seconds: float) -> float | None:
        """Return the first moment after the given one at which it rings; None if there is none.

        Whether the alarm is enabled does not matter. Raises `UnknownZoneError`.
        """
        zone = zone_named(self.zone)
        try:
            moments = (first_moment(day, self.time, zone) for day in self._days(wall_seconds, zone))
            return next((moment for moment in moments if moment > wall_seconds), None)
        except (OverflowError, ValueError, OSError):
            return None  # the clock shows a year that no calendar knows

    def _days(self, wall_seconds: float, zone: ZoneInfo) -> Iterator[dt.date]:
        if self.date is not None:
            yield self.date
            return
        today = dt.datetime.fromtimestamp(wall_seconds, zone).date()
        # From yesterday, as some zones have skipped a day; to a week after the next.
        for days in range(-1, 15):
            day = today + days * _DAY
            if day.weekday() in self.weekdays:
                yield day


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone; raises `UnknownZoneError`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        raise UnknownZoneError(name) from err


def first_moment(day: dt.date, at: dt.time, zone: ZoneInfo) -> float:
    """Return when clocks in a zone first show a time on a day, or have passed it.

    Raises `OverflowError` or `ValueError` if the day is at the edge of the calendar.
    """
    local = dt.datetime.combine(day, at.replace(fold=0))
    moment = local.replace(tzinfo=zone)
    early = local.replace(tzinfo=zone, fold=1)
    if _offset(moment.timestamp(), zone) == moment.utcoffset():
        return moment.timestamp()
    # In a gap: `fold` of 0 counts from the old time, so is late; `fold` of 1 is early.
    return _change(early.timestamp(), moment.timestamp(), zone)


def _change(before: float, after: float, zone: ZoneInfo) -> float:
    """Return the first whole second of `after`'s offset, between two moments."""
    new = _offset(after, zone)
    low, high = int(before), int(after)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, zone) == new:
            high = middle
        else:
            low = middle
    return float(high)


def _offset(wall_seconds: float, zone: ZoneInfo) -> dt.timedelta | None:
    return dt.datetime.fromtimestamp(wall_seconds, dt.UTC).astimezone(zone).utcoffset()
