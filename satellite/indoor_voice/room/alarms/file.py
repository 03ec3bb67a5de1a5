"""Keeps a satellite's alarms across restarts, in its state folder."""

import math
from datetime import date, time
from pathlib import Path
from typing import Any, Final

from indoor_voice.room.clockwork import file
from indoor_voice.room.clockwork.clock import Moment

from .alarm import WEEKDAYS, Alarm
from .alarms import MAX_ALARMS, MAX_HAPPENINGS, AlarmEvent, Alarms, AlarmState, Entry, Happening

_FILE: Final = "alarms.json"
_WHAT: Final = "alarms"


def load_alarms(folder: Path, now: Moment) -> Alarms:
    """Return the saved alarms; what rang when they were saved is due again.

    A file that cannot be read is set aside, so that it is not overwritten, and logged.
    """

    def parse(content: dict[str, Any], saved: Moment) -> Alarms:
        started = now.running_seconds - now.seconds_since(saved)
        happenings = [_happening(one) for one in content["happenings"][-MAX_HAPPENINGS:]]
        entries = [_entry(one, started) for one in content["alarms"][:MAX_ALARMS]]
        return Alarms(entries, happenings, int(content["number"]))

    return file.load(folder / _FILE, _WHAT, parse) or Alarms()


def content_of(alarms: Alarms, now: Moment) -> dict[str, Any]:
    """Return what is saved of the alarms."""
    return {
        "number": alarms.number,
        "happenings": [
            {
                "number": one.number,
                "event": one.event,
                "id": one.alarm_id,
                "time": one.time.isoformat(),
                "wall_seconds": one.wall_seconds,
            }
            for one in alarms.happenings
        ],
        "alarms": [_saved(entry, now) for entry in alarms],
    }


def save_alarms(folder: Path, content: dict[str, Any], now: Moment) -> None:
    """Save the content; raises `UserError` if that fails."""
    file.save(folder / _FILE, _WHAT, content, now)


def forget_alarms(folder: Path) -> None:
    """Delete the saved alarms; raises `OSError`."""
    (folder / _FILE).unlink(missing_ok=True)


def _saved(entry: Entry, now: Moment) -> dict[str, Any]:
    again = entry.again_running_seconds
    return {
        "id": entry.alarm.id,
        "time": entry.alarm.time.isoformat(),
        "date": entry.alarm.date and entry.alarm.date.isoformat(),
        "weekdays": sorted(entry.alarm.weekdays),
        "zone": entry.alarm.zone,
        "enabled": entry.alarm.enabled,
        "handled": entry.handled_wall_seconds,
        "again_in": None if again is None else again - now.running_seconds,
        "missed": entry.state is AlarmState.MISSED,
    }


def _entry(saved: Any, started_running_seconds: float) -> Entry:  # noqa: ANN401 - JSON
    alarm = Alarm(
        id=str(saved["id"]),
        time=time.fromisoformat(saved["time"]),
        date=date.fromisoformat(saved["date"]) if saved["date"] else None,
        weekdays=frozenset(int(day) for day in saved["weekdays"]),
        zone=str(saved["zone"]),
        enabled=saved["enabled"] is True,
    )
    if not alarm.weekdays <= frozenset(WEEKDAYS) or bool(alarm.weekdays) is bool(alarm.date):
        raise ValueError("no day")
    again_in, handled = saved["again_in"], float(saved["handled"])
    again = None if again_in is None else started_running_seconds + float(again_in)
    if not math.isfinite(handled) or not (again is None or math.isfinite(again)):
        raise ValueError("no time")
    state = AlarmState.WAITING if again is None else AlarmState.SNOOZED
    return Entry(
        alarm=alarm,
        handled_wall_seconds=handled,
        again_running_seconds=again,
        state=AlarmState.MISSED if saved["missed"] is True else state,
    )


def _happening(saved: Any) -> Happening:  # noqa: ANN401 - JSON
    return Happening(
        number=int(saved["number"]),
        event=AlarmEvent(saved["event"]),
        alarm_id=str(saved["id"]),
        time=time.fromisoformat(saved["time"]),
        wall_seconds=float(saved["wall_seconds"]),
    )
