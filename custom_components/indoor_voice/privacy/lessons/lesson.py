"""One lesson and the recordings that it rests on. The rules for both are in `teaching.py`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..people import PersonId, RoomId
    from .content import Content

type LessonId = str
"""A random text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A recording that a lesson rests on, as it was when the lesson was approved."""

    recording: str
    """Its id."""
    room: RoomId
    members: frozenset[PersonId]
    """The people who may be heard in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was approved to be learned."""

    id: LessonId
    content: Content
    by: PersonId
    """Who approved it."""
    approved: float
    """Seconds since 1970."""
    is_on: bool
    """Whether it is used; off while it must be worked out again, because a source is gone."""
    sources: tuple[Source, ...]
    """The recordings that are left."""

    @property
    def heard(self) -> frozenset[PersonId]:
        """The people who may be heard in its sources."""
        return frozenset().union(*(source.members for source in self.sources))
