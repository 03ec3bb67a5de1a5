"""The history of what the administrator allowed, so that raising a ceiling widens no consent."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..people import Ceiling
from ..strict_json import members_of, number_of, text_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..people import Arrangement, PersonId, RoomId


class Allowed(NamedTuple):
    """What the administrator allows in a room."""

    retention_seconds: float
    review: bool
    ruled_out: frozenset[PersonId]


NOTHING = Allowed(0.0, review=False, ruled_out=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingEntry:
    """What the administrator allowed from one time until the next entry."""

    since: float
    """Seconds since 1970."""

    ceiling: Ceiling
    room_limits: Mapping[RoomId, float | None]
    """Each room's own limit; None if only the household's applied."""

    @classmethod
    def of(cls, arrangement: Arrangement, since: float) -> CeilingEntry:
        """Create the entry for what an arrangement allows."""
        return cls(
            since=since,
            ceiling=arrangement.ceiling,
            room_limits={id_: room.limit_seconds for id_, room in arrangement.rooms.items()},
        )

    def allows(self, room: RoomId) -> Allowed:
        """Return what the entry allows in a room."""
        own = self.room_limits.get(room)
        household = self.ceiling.retention_seconds
        return Allowed(
            household if own is None else min(own, household),
            self.ceiling.review,
            self.ceiling.ruled_out,
        )

    def to_json(self) -> dict[str, object]:
        """Return the entry as JSON types, for `from_json`."""
        return {
            "since": self.since,
            "retention_seconds": self.ceiling.retention_seconds,
            "max_bytes": self.ceiling.max_bytes,
            "review": self.ceiling.review,
            "ruled_out": sorted(self.ceiling.ruled_out),
            "room_limits": dict(self.room_limits),
        }

    @classmethod
    def from_json(cls, data: object) -> CeilingEntry:
        """Read an entry.

        Raises:
            ValueError: `to_json` can't have written this.
        """
        entry = members_of(
            data,
            {"since", "retention_seconds", "max_bytes", "review", "ruled_out", "room_limits"},
        )
        review, max_bytes, limits = entry["review"], entry["max_bytes"], entry["room_limits"]
        if (
            not isinstance(review, bool)
            or isinstance(max_bytes, bool)
            or not isinstance(max_bytes, int)
            or not isinstance(limits, dict)
        ):
            raise ValueError("Expected a ceiling entry")  # noqa: TRY004 - one documented error
        return cls(
            since=number_of(entry["since"]),
            ceiling=Ceiling(
                retention_seconds=number_of(entry["retention_seconds"]),
                max_bytes=max_bytes,
                review=review,
                ruled_out=texts_of(entry["ruled_out"]),
            ),
            room_limits={
                text_of(room): None if limit is None else number_of(limit)
                for room, limit in limits.items()
            },
        )


def tightest(history: Sequence[CeilingEntry], since: float, room: RoomId) -> Allowed:
    """Return the least that was allowed in a room at any time from `since` until now.

    The history is oldest first, and its last entry applies now. What was allowed before the first
    entry is unknown, which counts as nothing.
    """
    if not history or since < history[0].since:
        return NOTHING
    replaced_since = [entry for entry, following in pairwise(history) if since <= following.since]
    return narrowest(entry.allows(room) for entry in (*replaced_since, history[-1]))


def narrowest(several: Iterable[Allowed]) -> Allowed:
    """Return only what all of several allow, or nothing if there are none."""
    everything = tuple(several)
    if not everything:
        return NOTHING
    return Allowed(
        min(allowed.retention_seconds for allowed in everything),
        all(allowed.review for allowed in everything),
        frozenset().union(*(allowed.ruled_out for allowed in everything)),
    )
