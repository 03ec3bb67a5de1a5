"""Tells whether two satellites heard one person or two, by the course of the level.

Two people may say the same words at the same moment, but not in the same rhythm. The numbers were
measured in simulated rooms: see docs/decisions/best-hearing.md.
"""

import math
from statistics import StatisticsError, correlation
from typing import TYPE_CHECKING, Final

from ..link.hearing import COURSE_FRAME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..link.hearing import Hearing

MAX_SKEW_SECONDS: Final = 0.16
"""How much sooner or later the same sound may seem to be heard in another room: networks and
microphones delay it differently, and sound travels 3 m in 10 ms."""
MIN_OVERLAP_SECONDS: Final = 0.8
"""About a wake word."""
LOUD_DB: Final = 12
"""What is this much softer than the loudest part does not count: it may be an echo, noise, or
somebody in the next room."""
LEAST_CORRELATION: Final = 0.8


def is_same_sound(one: Hearing, other: Hearing, later_seconds: float) -> bool:
    """Return whether two satellites heard the same; `other` ends `later_seconds` later."""
    depth = min(LOUD_DB, max(one.course, default=0), max(other.course, default=0))
    first, second = _loud(one.course, depth), _loud(other.course, depth)
    frames, skew = later_seconds / COURSE_FRAME_SECONDS, MAX_SKEW_SECONDS / COURSE_FRAME_SECONDS
    shifts = range(math.ceil(frames - skew), math.floor(frames + skew) + 1)
    return any(_correlation(first, second, shift) >= LEAST_CORRELATION for shift in shifts)


def _loud(course: Sequence[int], depth: int) -> list[float]:
    """Return how far each level is above `depth` below the highest one."""
    floor = max(course, default=0) - depth
    return [float(max(0, level - floor)) for level in course]


def _correlation(one: Sequence[float], other: Sequence[float], shift: int) -> float:
    """Return how alike two courses are, -1 to 1; the second ends `shift` frames after the first."""
    end_of_one, end_of_other = len(one) + min(0, shift), len(other) - max(0, shift)
    length = min(end_of_one, end_of_other)
    if length * COURSE_FRAME_SECONDS < MIN_OVERLAP_SECONDS:
        return -1.0
    try:
        return correlation(
            one[end_of_one - length : end_of_one], other[end_of_other - length : end_of_other]
        )
    except StatisticsError:  # one of them has no course at all
        return -1.0
