"""How well a satellite says that it has heard a wake word."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeGuard

from .text import MAX_NAME, clean
from .timers import ContentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wyoming.event import Event

ASK_FOR_TURN: Final = "ask-for-turn"
"""The type of the event in which a satellite says it."""
COURSE_FRAME_SECONDS: Final = 0.04
_QUALITY_DB: Final = (-100.0, 100.0)
"""The worst and the best quality that is believed."""
_AGE_SECONDS: Final = (0.0, 3.0)
"""The youngest and the oldest course that is believed."""
_MAX_COURSE: Final = 75
"""In frames: 3 s."""
_MAX_LEVEL_DB: Final = 60
_MAX_TURN: Final = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How a satellite heard a wake word, in numbers that hold nothing of what was said."""

    turn: int
    """The number of the turn for which it asks."""
    wake_word: str
    quality_db: float
    """The higher, the better it hears the speaker."""
    course: Sequence[int]
    """The level of each `COURSE_FRAME_SECONDS`, oldest first, in dB above some soft level."""
    age_seconds: float
    """How long before it was sent the course ended."""


def hearing_of(event: Event) -> Hearing:
    """Return what an event of type `ASK_FOR_TURN` says; raises `ContentError`."""
    turn, name, course = (event.data.get(key) for key in ("turn", "name", "course"))
    if not _is_whole(turn, _MAX_TURN):
        raise ContentError("turn must be a whole number")
    if not isinstance(name, str) or not (wake_word := clean(name, MAX_NAME)):
        raise ContentError("name must be a wake word")
    if (
        not isinstance(course, list)
        or len(course) > _MAX_COURSE
        or not all(_is_whole(level, _MAX_LEVEL_DB) for level in course)
    ):
        raise ContentError("course must be a list of levels")
    return Hearing(
        turn=turn,
        wake_word=wake_word,
        quality_db=_number(event, "quality", _QUALITY_DB),
        course=course,
        age_seconds=_number(event, "age", _AGE_SECONDS),
    )


def _number(event: Event, key: str, bounds: tuple[float, float]) -> float:
    """Return a number, or the nearest one within bounds."""
    value = event.data.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ContentError(f"{key} must be a number")
    if isinstance(value, float) and not math.isfinite(value):  # an int may be too large for this
        raise ContentError(f"{key} must be finite")
    lowest, highest = bounds
    return min(max(value, lowest), highest)


def _is_whole(value: object, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
