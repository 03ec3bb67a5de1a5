"""Keeps a satellite's timers across restarts, in its state folder."""

import json
import logging
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from indoor_voice.errors import UserError
from indoor_voice.state_folder import write

from .clock import Moment
from .timer import MAX_SECONDS, MAX_TIMERS, Timer

_LOGGER = logging.getLogger(__name__)

_FILE: Final = "timers.json"


def load_timers(folder: Path, now: Moment) -> list[Timer]:
    """Return the saved timers; what is left of them is counted up to `now`.

    A file that cannot be read is set aside, so that it is not overwritten, and logged.
    """
    path = folder / _FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        saved = Moment(
            boot=str(content["boot"]),
            running_seconds=float(content["running_seconds"]),
            wall_seconds=float(content["wall_seconds"]),
        )
        passed = now.seconds_since(saved)
        return [_timer(saved_timer, passed, now) for saved_timer in content["timers"][:MAX_TIMERS]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as err:
        aside = path.with_suffix(".unreadable")
        _LOGGER.error(  # noqa: TRY400 - the message is for users
            "The timers cannot be read (%s), and will not ring. Set them again; the file is now %s",
            type(err).__name__,
            aside,
        )
        _set_aside(path, aside)
        return []


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
    content = {
        "boot": now.boot,
        "running_seconds": now.running_seconds,
        "wall_seconds": now.wall_seconds,
        "timers": saved,
    }
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(folder / _FILE, json.dumps(content).encode("utf-8"))
    except OSError as err:
        raise UserError(f"Cannot save the timers in {folder}: {err}") from err


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


def _set_aside(path: Path, aside: Path) -> None:
    try:
        path.replace(aside)
    except OSError as err:
        _LOGGER.error("%s cannot be renamed: %s", path, err)  # noqa: TRY400 - see above
