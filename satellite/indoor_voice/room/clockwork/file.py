"""Keeps timers or alarms across restarts, with the moment at which they were saved."""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from indoor_voice.errors import UserError
from indoor_voice.state_folder import write

from .clock import Moment

_LOGGER = logging.getLogger(__name__)

_FAULTS: Final = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    OverflowError,
)
T = TypeVar("T")


def load(path: Path, what: str, parse: Callable[[dict[str, Any], Moment], T]) -> T | None:
    """Return what `parse` makes of a file's content and of the moment it was saved at.

    Returns None if there is no file. One that cannot be read is set aside, so that it is not
    overwritten, and logged with `what` it holds.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        saved = Moment(
            boot=str(content["boot"]),
            running_seconds=float(content["running_seconds"]),
            wall_seconds=float(content["wall_seconds"]),
        )
        return parse(content, saved)
    except FileNotFoundError:
        return None
    except _FAULTS as err:
        aside = path.with_suffix(".unreadable")
        _LOGGER.error(  # noqa: TRY400 - the message is for users
            "The %s cannot be read (%s), and will not ring. Set them again; the file is now %s",
            what,
            type(err).__name__,
            aside,
        )
        _set_aside(path, aside)
        return None


def save(path: Path, what: str, content: Mapping[str, Any], now: Moment) -> None:
    """Save `content` with the moment; raises `UserError` that says `what` cannot be saved."""
    moment = {
        "boot": now.boot,
        "running_seconds": now.running_seconds,
        "wall_seconds": now.wall_seconds,
    }
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(path, json.dumps({**moment, **content}).encode("utf-8"))
    except OSError as err:
        raise UserError(f"Cannot save the {what} in {path.parent}: {err}") from err


def _set_aside(path: Path, aside: Path) -> None:
    try:
        path.replace(aside)
    except OSError as err:
        _LOGGER.error("%s cannot be renamed: %s", path, err)  # noqa: TRY400 - see above
