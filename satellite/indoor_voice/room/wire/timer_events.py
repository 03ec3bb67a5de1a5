"""Converts between Wyoming's timer events and a satellite's timers; see docs/wire.md."""

import math
from collections.abc import Iterable
from typing import Any, Final

from wyoming.event import Event

from indoor_voice.room.clockwork.clock import running_seconds
from indoor_voice.room.timers.counting import Counting
from indoor_voice.room.timers.timer import MAX_SECONDS, Timer

TYPES: Final = frozenset({"timer-started", "timer-updated", "timer-cancelled", "timer-finished"})
_MAX_ID: Final = 100
"""In characters."""
_STARTS: Final = ("start_hours", "start_minutes", "start_seconds")


def apply(event: Event, counting: Counting) -> None:
    """Do with the timers what an event of one of `TYPES` says.

    Raises:
        ValueError: the content is invalid for the type.
        TooManyTimersError: another timer cannot be started.
        UnknownTimerError: there is no such timer.
    """
    data = event.data
    timer_id = id_of(data)
    match event.type:
        case "timer-started":
            total = _seconds(data, "total_seconds")
            left = _seconds(data, "left_seconds") if "left_seconds" in data else total
            counting.start(
                Timer(
                    id=timer_id,
                    total_seconds=total,
                    left_seconds=left,
                    since_seconds=running_seconds(),
                    start={key: round(_seconds(data, key)) for key in _STARTS if key in data},
                )
            )
        case "timer-updated":
            running = data.get("is_active")
            if not isinstance(running, bool):
                raise ValueError("is_active must be true or false")  # noqa: TRY004 - as below
            counting.change(timer_id, _seconds(data, "total_seconds"), running=running)
        case "timer-cancelled":
            counting.cancel(timer_id)
        case "timer-finished":
            counting.finish(timer_id)


def timers(counting: Counting) -> Event:
    """Return the event that lists all timers."""
    now = running_seconds()
    waiting = counting.running_and_paused
    listed = [
        *_listed((timer for timer in waiting if timer.since_seconds is not None), "running", now),
        *_listed((timer for timer in waiting if timer.since_seconds is None), "paused", now),
        *_listed(counting.ringing, "ringing", now),
    ]
    return Event("timers", {"timers": listed})


def _listed(timers: Iterable[Timer], state: str, now_seconds: float) -> Iterable[dict[str, Any]]:
    for timer in timers:
        yield {
            "id": timer.id,
            "total_seconds": round(timer.total_seconds),
            "left_seconds": max(0.0, round(timer.left(now_seconds), 1)),
            "state": state,
            **timer.start,
        }


def id_of(data: dict[str, Any]) -> str:
    """Return the id of a timer or of an alarm; raises `ValueError`."""
    value = data.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_ID:
        raise ValueError(f"id must be a text of at most {_MAX_ID} characters")
    return value


def _seconds(data: dict[str, Any], key: str) -> float:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{key} must be a number")
    if not 0 <= value <= MAX_SECONDS:
        raise ValueError(f"{key} must be between 0 and {MAX_SECONDS}")
    return float(value)
