"""Keeps a satellite's timers across restarts, in its state folder."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from indoor_voice.room.clockwork import file
from indoor_voice.room.clockwork.clock import Moment

from .timer import MAX_SECONDS, MAX_TIMERS, Timer

_FILE: Final = "timers.json"
_WHAT: Final = "timers"


def load_timers(folder: Path, now: Moment) -> list[Timer]:
    """Return the saved timers; what is left of them is counted up to `now`.

    A file that cannot be read is set aside, so that it is not overwritten, and logged.
    """

    def parse(content: dict[str, Any], saved: Moment) -> list[Timer]:
        passed = now.seconds_since(saved)
        return [_timer(timer, passed, now) for timer in content["timers"][:MAX_TIMERS]]

    return file.load(folder / _FILE, _WHAT, parse) or []


def save_timers(folder: Path, timers: Iterable[Timer], now: Moment) -> None:
    """Save the timers; raises `UserError` if that fails."""
    saved = [
        {
            "id": timer.id,
            "total_seconds": timer.total_seconds,
            "left_seconds": timer.left(now.running_seconds),
            "running": timer.since_seconds is not None,
            "start": dict(timer.start),
        }
        for timer in timers
    ]
    file.save(folder / _FILE, _WHAT, {"timers": saved}, now)


def forget_timers(folder: Path) -> None:
    """Delete the saved timers; raises `OSError`."""
    (folder / _FILE).unlink(missing_ok=True)


def _timer(saved: Any, passed_seconds: float, now: Moment) -> Timer:  # noqa: ANN401 - JSON
    running = saved["running"] is True
    left = float(saved["left_seconds"]) - (passed_seconds if running else 0)
    if not math.isfinite(left):
        raise ValueError("no time")
    return Timer(
        id=str(saved["id"]),
        total_seconds=min(float(saved["total_seconds"]), MAX_SECONDS),
        left_seconds=min(left, MAX_SECONDS),
        since_seconds=now.running_seconds if running else None,
        start={str(unit): int(number) for unit, number in saved["start"].items()},
    )
