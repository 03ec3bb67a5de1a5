"""The timers that a satellite counts, as it lists them in a `timers` event.

What a timer is called is not sent: those are words that somebody said.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from wyoming.event import Event

MAX_TIMERS: Final = 200
"""As many as a satellite of ours counts."""
_MAX_ID: Final = 100
MAX_SECONDS: Final = 366 * 24 * 3600
STARTS: Final = ("start_hours", "start_minutes", "start_seconds")


class TimerState(StrEnum):
    """What a timer does."""

    RUNNING = "running"
    PAUSED = "paused"
    RINGING = "ringing"
    """It has ended, and nobody has stopped it."""


class ContentError(Exception):
    """A known event has invalid content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteTimer:
    """A timer as its satellite counts it."""

    id: str
    total_seconds: float
    left_seconds: float
    state: TimerState
    start: dict[str, int]
    """Hours, minutes and seconds that the user asked for, by which they may speak of it."""


def timers_of(event: Event) -> list[SatelliteTimer]:
    """Return the timers that a satellite lists; raises `ContentError`."""
    listed = event.data.get("timers")
    if not isinstance(listed, list) or len(listed) > MAX_TIMERS:
        raise ContentError("timers must be a list of at most 200")
    return [_timer(one) for one in listed]


def timer_started(timer: SatelliteTimer) -> Event:
    """Return the event that starts a timer on a satellite."""
    return Event(
        "timer-started",
        {
            "id": timer.id,
            "total_seconds": timer.total_seconds,
            "left_seconds": timer.left_seconds,
            **timer.start,
        },
    )


def timer_updated(timer: SatelliteTimer) -> Event:
    """Return the event that changes a timer on a satellite."""
    is_active = timer.state is TimerState.RUNNING
    return Event(
        "timer-updated",
        {"id": timer.id, "is_active": is_active, "total_seconds": timer.left_seconds},
    )


def timer_cancelled(timer_id: str) -> Event:
    """Return the event that cancels a timer on a satellite."""
    return Event("timer-cancelled", {"id": timer_id})


def timer_finished(timer_id: str) -> Event:
    """Return the event that makes a satellite ring for a timer, unless it has rung already."""
    return Event("timer-finished", {"id": timer_id})


def _timer(listed: Any) -> SatelliteTimer:  # noqa: ANN401 - JSON
    if not isinstance(listed, dict):
        raise ContentError("a timer must have an id")
    timer_id = listed.get("id")
    if not isinstance(timer_id, str) or not 0 < len(timer_id) <= _MAX_ID:
        raise ContentError("a timer must have an id")
    try:
        state = TimerState(str(listed.get("state")))
    except ValueError as err:
        raise ContentError("a timer must run, be paused or ring") from err
    start = {key: listed[key] for key in STARTS if listed.get(key) is not None}
    return SatelliteTimer(
        id=timer_id,
        total_seconds=_seconds(listed.get("total_seconds")),
        left_seconds=_seconds(listed.get("left_seconds")),
        state=state,
        start={key: round(_seconds(value)) for key, value in start.items()},
    )


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ContentError("a timer's times must be numbers")
    if not math.isfinite(value) or not 0 <= value <= MAX_SECONDS:
        raise ContentError("a timer must take a year at most")
    return float(value)
