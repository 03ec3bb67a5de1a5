"""What is written down of what happens: rows in the ledger, and counts by the day."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from . import records
from .dealings import Actor, Totals, Verdict
from .ledger import Entry, Kind
from .rules import DropReason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .ceilings import CeilingEntry
    from .clips import Clip, Clips
    from .consent import ConsentRecord, How
    from .database import Database
    from .dealings import Why
    from .ledger import Detail, Ledger
    from .people import PersonId, RoomId
    from .sealing import ClipId, Part
    from .standing import Standing

EXPIRED: Final = "expired"
"""Why a clip is deleted whose time is over."""

_REFUSALS_SECONDS: Final = 60.0
"""The same refusal is recorded once in so long: who insists does not fill the disk."""


class Account:
    """Writes within the household's transactions; raises `StoreError`."""

    def __init__(self, database: Database, standing: Standing, ledger: Ledger) -> None:
        self._database = database
        self._standing = standing
        self._ledger = ledger
        self._refusals: dict[tuple[PersonId | None, ClipId], float] = {}

    def totals(self, kept: Clips) -> Totals:
        """Return counts without content."""
        clips = kept.all()
        counts = records.counts(self._database)
        last = records.get_setting(self._database, "last deletion")
        return Totals(
            clips=len(clips),
            size_bytes=kept.total_bytes(),
            next_expiry=min((clip.expires for clip in clips), default=None),
            last_deletion=float(last) if isinstance(last, int | float) else None,
            captured=counts.get("captured", 0),
            kept=counts.get("kept", 0),
            opened=counts.get("opened", 0),
            deleted=counts.get("deleted", 0),
            expired=counts.get("expired", 0),
            dropped={reason: counts.get(f"dropped {reason}", 0) for reason in DropReason},
            verdicts={verdict: counts.get(f"verdict {verdict}", 0) for verdict in Verdict},
        )

    def opening(self, now: float, clip: Clip, person: PersonId, part: Part, why: Why) -> None:
        """Record that somebody opens a part of a clip, and count it."""
        self.count(now, "opened")
        self.record(
            now,
            Kind.OPENED,
            Actor(person=person, how="panel"),
            subjects=clip.members,
            room=clip.room,
            detail={
                "clip": clip.id,
                "part": part.value,
                "seconds": round(clip.seconds, 1),
                "why": why.value,
            },
        )

    def refusal(self, now: float, clip: Clip | None, person: PersonId | None) -> None:
        """Record that somebody may not open a clip; None for who is none of the people."""
        about = (person, clip.id if clip else "")
        everyone_or_himself = None if person is None else frozenset({person})
        if now < self._refusals.get(about, 0.0):
            return
        self._refusals = {key: until for key, until in self._refusals.items() if now < until}
        self._refusals[about] = now + _REFUSALS_SECONDS
        self.record(
            now,
            Kind.REFUSED,
            Actor(person=person, how="panel"),
            subjects=clip.members if clip else everyone_or_himself,
            room=clip.room if clip else None,
            detail={"clip": clip.id} if clip else {},
        )

    def deletion(self, now: float, clips: Collection[Clip], why: str, actor: Actor) -> None:
        """Record what was deleted, a row for each room."""
        if not clips:
            return
        self.count(now, "deleted", len(clips))
        if why == EXPIRED:
            self.count(now, "expired", len(clips))
        records.put_setting(self._database, "last deletion", now)
        for room in sorted({clip.room for clip in clips}):
            here = [clip for clip in clips if clip.room == room]
            self.record(
                now,
                Kind.DELETED,
                actor,
                subjects=frozenset().union(*(clip.members for clip in here)),
                room=room,
                detail={"clips": len(here), "why": why, "how": actor.how},
            )

    def consent(self, now: float, kind: Kind, record: ConsentRecord, how: How) -> None:
        """Record what somebody was asked and answered, a row for each room."""
        terms = record.terms
        for room in sorted(terms.rooms):
            self.record(
                now,
                kind,
                Actor(person=None if kind is Kind.CONSENT_EXPIRED else record.principal, how=how),
                subjects=terms.listeners | {record.principal},
                room=room,
                detail={"purpose": terms.purpose.value, "record": record.id, "how": how},
            )

    def day(self, now: float, before: float) -> None:
        """Record the counts of the day that is over, and forget those from before a time."""
        today = _day(now)
        day = records.get_setting(self._database, "day")
        if day == today:
            return
        records.put_setting(self._database, "day", today)
        if isinstance(day, str) and (counts := records.counts(self._database, day)):
            self.record(now, Kind.DROPPED, detail={"day": day, **counts})
        self._drop_counts(_day(max(0.0, before)))

    def _drop_counts(self, before: str) -> None:
        """Forget the counts of the days before a day, but for the clips that are still there."""
        counted = records.counts(self._database)
        records.drop_counts(self._database, before)
        left = records.counts(self._database)
        still_there = _outstanding(counted) - _outstanding(left)
        if still_there:
            for name in ("captured", "kept"):
                records.count(self._database, before, name, still_there)

    def record(  # noqa: PLR0913 - what a row consists of
        self,
        now: float,
        kind: Kind,
        actor: Actor | None = None,
        *,
        subjects: Collection[PersonId] | None = None,
        room: RoomId | None = None,
        detail: Detail | None = None,
    ) -> None:
        """Append a row; without subjects it is about everyone."""
        everyone = self._standing.situation(now).arrangement.people
        self._ledger.append(
            now,
            Entry(
                kind=kind,
                actor=actor.person if actor else None,
                subjects=frozenset(everyone if subjects is None else subjects),
                room=room,
                detail=detail or {},
            ),
        )

    def count(self, now: float, name: str, by: int = 1) -> None:
        """Count something."""
        records.count(self._database, _day(now), name, by)


def ceiling_detail(entry: CeilingEntry, actor: Actor) -> Detail:
    """Return what of a ceiling is recorded."""
    return {
        "retention_seconds": entry.ceiling.retention_seconds,
        "max_bytes": entry.ceiling.max_bytes,
        "review": entry.ceiling.review,
        "ruled_out": len(entry.ceiling.ruled_out),
        "rooms_with_limit": sum(limit is not None for limit in entry.room_limits.values()),
        "how": actor.how,
    }


def _outstanding(counts: Mapping[str, int]) -> int:
    return counts.get("kept", 0) - counts.get("deleted", 0)


def _day(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).date().isoformat()
