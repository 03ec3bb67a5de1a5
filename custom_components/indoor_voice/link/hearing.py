"""How well a satellite says that it has heard a wake word."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeGuard

from .text import MAX_NAME, clean
from .timers import ContentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wyoming.event import Event

COURSE_FRAME_SECONDS: Final = 0.04
_QUALITY_DB: Final = (-100.0, 100.0)
"""The worst and the best quality that is believed."""
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
    """The level of each `COURSE_FRAME_SECONDS` up to now, oldest first, in dB above some soft
    level."""


def hearing_of(event: Event) -> Hearing:
    """Return what an `ask-for-turn` event says; raises `ContentError`."""
    turn, name = event.data.get("turn"), event.data.get("name")
    quality, course = event.data.get("quality"), event.data.get("course")
    if not _is_whole(turn, _MAX_TURN):
        raise ContentError("turn must be a whole number")
    if not isinstance(name, str) or not (wake_word := clean(name, MAX_NAME)):
        raise ContentError("name must be a wake word")
    if not isinstance(quality, int | float) or isinstance(quality, bool):
        raise ContentError("quality must be a number")
    if isinstance(quality, float) and not math.isfinite(quality):  # an int may be too large for it
        raise ContentError("quality must be finite")
    if (
        not isinstance(course, list)
        or len(course) > _MAX_COURSE
        or not all(_is_whole(level, _MAX_LEVEL_DB) for level in course)
    ):
        raise ContentError("course must be a list of levels")
    worst, best = _QUALITY_DB
    return Hearing(
        turn=turn, wake_word=wake_word, quality_db=min(max(quality, worst), best), course=course
    )


def _is_whole(value: object, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
