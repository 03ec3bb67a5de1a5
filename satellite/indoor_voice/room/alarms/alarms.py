"""All alarms of a satellite, and what has happened to them, without a clock and without I/O.

Moments come from both clocks of a machine: the one on the wall says when an alarm is due, and may
be set at any time; a snooze is counted on the one that never jumps. An alarm that rings once is
gone when somebody has stopped it. One that was missed stays: if it was the clock that was wrong,
the alarm waits again as soon as the clock is set right.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum
from typing import Final

from indoor_voice.room.clockwork.clock import Moment

from .alarm import Alarm, UnknownZoneError

MAX_ALARMS: Final = 200
MAX_HAPPENINGS: Final = 50
"""The latest that are kept for Home Assistant while it is away."""
LATE_SECONDS: Final = 15 * 60.0
"""An alarm that is late by less still rings."""
SNOOZE_SECONDS: Final = 9 * 60.0
STOPPED_SECONDS: Final = 2 * 60.0
"""How long a stopped alarm can be snoozed: the wake word before "snooze" has stopped it."""


class UnknownAlarmError(Exception):
    """There is no such alarm, or none that can be snoozed."""


class TooManyAlarmsError(Exception):
    """There are `MAX_ALARMS` already."""


class PassedError(Exception):
    """The only moment at which the alarm would ring has passed."""


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
class Happening:
    """Something that happened to an alarm; kept until Home Assistant knows."""

    number: int
    event: AlarmEvent
    alarm_id: str
    time: time
    """What the alarm was set to."""
    wall_seconds: float
    """When it happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An alarm and what it does."""

    alarm: Alarm
    handled_wall_seconds: float
    """It rings for moments after this one."""
    again_running_seconds: float | None = None
    """When a snooze ends, or since when it has been ringing."""
    state: AlarmState = AlarmState.WAITING

    def next_wall_seconds(self, now: Moment) -> float | None:
        """Return when it rings next; None if it does not, or rings now."""
        if self.state is AlarmState.SNOOZED and self.again_running_seconds is not None:
            return now.wall_seconds + self.again_running_seconds - now.running_seconds
        if self.state is not AlarmState.WAITING or not self.alarm.enabled:
            return None
        return _next(self.alarm, self.handled_wall_seconds)


class Alarms:
    """The alarms of a satellite."""

    def __init__(
        self, entries: Iterable[Entry] = (), happenings: Iterable[Happening] = (), number: int = 0
    ) -> None:
        """Begin with these; `number` is that of the last thing that happened."""
        self._entries = {entry.alarm.id: entry for entry in entries}
        self._happenings = list(happenings)
        self._number = number
        self._stopped: list[tuple[Entry, float]] = []
        """What was stopped lately, and when, in running seconds."""

    def __iter__(self) -> Iterator[Entry]:
        """Yield the alarms, oldest first."""
        return iter(self._entries.values())

    @property
    def happenings(self) -> list[Happening]:
        """What Home Assistant may not know yet, oldest first."""
        return list(self._happenings)

    @property
    def number(self) -> int:
        """The number of the last thing that happened."""
        return self._number

    @property
    def ringing(self) -> list[Entry]:
        """The alarms that ring."""
        return [entry for entry in self if entry.state is AlarmState.RINGING]

    def forget_happenings(self, number: int) -> None:
        """Forget what happened up to a number."""
        self._happenings = [one for one in self._happenings if one.number > number]

    def set(self, alarm: Alarm, now: Moment) -> None:
        """Set an alarm, or replace the one with its id.

        What rings or is snoozed stays so if only the zone is another.

        Raises:
            TooManyAlarmsError: another alarm cannot be set.
            PassedError: it could never ring.
            UnknownZoneError: this machine does not know the time zone.
        """
        old = self._entries.get(alarm.id)
        if old is None and len(self._entries) >= MAX_ALARMS:
            raise TooManyAlarmsError
        if old is not None and replace(old.alarm, zone=alarm.zone) == alarm:
            entry = replace(old, alarm=alarm)
        else:
            entry = Entry(alarm=alarm, handled_wall_seconds=now.wall_seconds)
        if alarm.next_after(now.wall_seconds) is None and (
            alarm.enabled and entry.state is AlarmState.WAITING
        ):
            raise PassedError
        if old is not None and old.state is AlarmState.RINGING and entry.state is not old.state:
            self._note(AlarmEvent.STOPPED, old, now)
        self._entries[alarm.id] = entry

    def remove(self, alarm_id: str, now: Moment) -> bool:
        """Remove an alarm, and return whether it was there."""
        self._stopped = [one for one in self._stopped if one[0].alarm.id != alarm_id]
        entry = self._entries.pop(alarm_id, None)
        if entry is not None and entry.state is AlarmState.RINGING:
            self._note(AlarmEvent.STOPPED, entry, now)
        return entry is not None

    def snooze(self, now: Moment) -> None:
        """Let what rings, or was stopped lately, ring again in `SNOOZE_SECONDS`.

        Raises `UnknownAlarmError` if there is nothing to snooze.
        """
        stopped = [
            entry for entry, since in self._stopped if now.running_seconds - since < STOPPED_SECONDS
        ]
        snoozed = {entry.alarm.id: entry for entry in (*stopped, *self.ringing)}
        if not snoozed:
            raise UnknownAlarmError
        self._stopped.clear()
        for entry in snoozed.values():
            self._entries[entry.alarm.id] = replace(
                entry,
                state=AlarmState.SNOOZED,
                again_running_seconds=now.running_seconds + SNOOZE_SECONDS,
            )
            self._note(AlarmEvent.SNOOZED, entry, now)

    def silence(self, now: Moment, *, nobody_there: bool) -> bool:
        """Stop what rings, and return whether anything rang.

        `nobody_there` if it has rung for so long that nobody can be there.
        """
        ringing = self.ringing
        if ringing:
            self._stopped = [(entry, now.running_seconds) for entry in ringing if not nobody_there]
        for entry in ringing:
            self._note(AlarmEvent.ENDED if nobody_there else AlarmEvent.STOPPED, entry, now)
            if entry.alarm.date is not None:
                del self._entries[entry.alarm.id]
            else:
                self._entries[entry.alarm.id] = replace(
                    entry, state=AlarmState.WAITING, again_running_seconds=None
                )
        return bool(ringing)

    def look(self, now: Moment) -> bool:
        """Do what the clocks say, and return whether an alarm has begun to ring."""
        looked = [(entry, self._looked_at(entry, now)) for entry in self]
        for before, after in looked:
            self._entries[after.alarm.id] = after
            if after.state is not before.state and after.state is AlarmState.RINGING:
                self._note(AlarmEvent.RANG, after, now)
        return any(
            before.state is not after.state and after.state is AlarmState.RINGING
            for before, after in looked
        )

    def seconds_to_next(self, now: Moment) -> float | None:
        """Return in how many seconds the next alarm rings; None if none will."""
        moments = (entry.next_wall_seconds(now) for entry in self)
        nexts = (moment - now.wall_seconds for moment in moments if moment is not None)
        return min(nexts, default=None)

    def _looked_at(self, entry: Entry, now: Moment) -> Entry:
        match entry.state:
            case AlarmState.WAITING if entry.alarm.enabled:
                return self._waited(entry, now)
            case AlarmState.SNOOZED:
                return self._snoozed(entry, now)
            case AlarmState.MISSED if _next(entry.alarm, now.wall_seconds) is not None:
                return replace(
                    entry, state=AlarmState.WAITING, handled_wall_seconds=now.wall_seconds
                )
            case _:
                return entry

    def _waited(self, entry: Entry, now: Moment) -> Entry:
        wall = now.wall_seconds
        if wall < entry.handled_wall_seconds - LATE_SECONDS:
            # The clock was set back: what it has shown before is not the past.
            entry = replace(entry, handled_wall_seconds=wall)
        due = _next(entry.alarm, entry.handled_wall_seconds)
        if due is None or due > wall:
            return entry
        latest = _next(entry.alarm, max(entry.handled_wall_seconds, wall - LATE_SECONDS))
        entry = replace(entry, handled_wall_seconds=wall)
        if latest is not None and latest <= wall:
            return replace(
                entry, state=AlarmState.RINGING, again_running_seconds=now.running_seconds
            )
        return self._missed(entry, now)

    def _snoozed(self, entry: Entry, now: Moment) -> Entry:
        assert entry.again_running_seconds is not None
        late = now.running_seconds - entry.again_running_seconds
        if late < 0:
            return entry
        if late < LATE_SECONDS:
            return replace(entry, state=AlarmState.RINGING)
        return self._missed(replace(entry, again_running_seconds=None), now)

    def _missed(self, entry: Entry, now: Moment) -> Entry:
        self._note(AlarmEvent.MISSED, entry, now)
        once = entry.alarm.date is not None
        return replace(entry, state=AlarmState.MISSED if once else AlarmState.WAITING)

    def _note(self, event: AlarmEvent, entry: Entry, now: Moment) -> None:
        self._number += 1
        happening = Happening(
            number=self._number,
            event=event,
            alarm_id=entry.alarm.id,
            time=entry.alarm.time,
            wall_seconds=now.wall_seconds,
        )
        self._happenings = [*self._happenings, happening][-MAX_HAPPENINGS:]


def _next(alarm: Alarm, wall_seconds: float) -> float | None:
    try:
        return alarm.next_after(wall_seconds)
    except UnknownZoneError:
        return None  # the machine has lost its time zones since the alarm was set
