"""What is written down of what happens: rows in the ledger, and counts by the day."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from .arrangement_changes import differences
from .consent import rules
from .consent.rules import DropReason
from .refusals import Refusals
from .store import records
from .store.ledger import Entry, Kind
from .types import Actor, Totals, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .consent.ceilings import CeilingEntry
    from .consent.consent import ConsentRecord, How
    from .people import Arrangement, PersonId, RoomId
    from .state import Standing
    from .store.database import Database
    from .store.ledger import Detail, Ledger
    from .store.recordings import Clip, Clips
    from .store.sealing import Part
    from .types import Why

EXPIRED: Final = "expired"
"""Why a clip is deleted whose time is over."""


class Account:
    """Writes within the household's transactions; raises `StoreError`."""

    def __init__(self, database: Database, standing: Standing, ledger: Ledger) -> None:
        self._database = database
        self._standing = standing
        self._ledger = ledger
        self._refusals = Refusals()

    def totals(self, kept: Clips) -> Totals:
        """Return counts without content."""
        counts = records.counts(self._database)
        last = records.get_setting(self._database, "last deletion")
        return Totals(
            clips=kept.count(),
            size_bytes=kept.total_bytes(),
            next_expiry=kept.next_expiry(),
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

    def arranged(self, now: float, before: Arrangement, after: Arrangement, actor: Actor) -> None:
        """Record each difference between two set-ups, also for who is in the earlier one only."""
        everyone = before.people.keys() | after.people.keys()
        for room, detail in differences(before, after):
            self.record(
                now,
                Kind.ARRANGED,
                actor,
                subjects=everyone,
                room=room,
                detail={**detail, "how": actor.how},
            )

    def refusal(self, now: float, clip: Clip | None, person: PersonId | None) -> None:
        """Record that somebody may not open a clip, for who may be heard in it.

        Where the clip cannot be told, that is everyone. None is who is none of the people.
        """
        about = clip.id if clip else ""
        if self._refusals.is_new(now, person, about):
            self._refused(now, clip, person, {"clip": clip.id} if clip else {})

    def refusal_by_name(self, now: float, clip: Clip, person: PersonId) -> None:
        """Record that somebody tried a clip by a name that others were given for it.

        He must not learn by the ledger which it is: he reads what he would of a name that nobody
        was given, and those who may be heard in it read more.
        """
        self.refusal(now, None, person)
        if self._refusals.is_new_to_others(now, person, clip.id):
            self._refused(now, clip, None, {"clip": clip.id, "by": person}, unseen_by={person})

    def outdated(self, now: float, person: PersonId) -> None:
        """Record, for himself, that somebody used a name of his own that holds no more."""
        if self._refusals.is_new(now, person, "outdated"):
            self.record(now, Kind.REFUSED, Actor(person=person, how="panel"), subjects={person})

    def misuse(self, now: float, person: PersonId, action: str) -> None:
        """Record that an action was refused which somebody's account was used for, not by him."""
        if self._refusals.is_new(now, person, f"action {action}"):
            self.record(
                now,
                Kind.REFUSED,
                Actor(person=None, how="action"),
                subjects={person},
                detail={"action": action, "how": "action"},
            )

    def late_refusals(self, now: float, *, all_: bool = False) -> None:
        """Record how often somebody insisted since the first refusal, once that is over."""
        for person, count in self._refusals.over(now, all_=all_):
            self._refused(now, None, person, {"count": count})

    def _refused(
        self,
        now: float,
        clip: Clip | None,
        person: PersonId | None,
        detail: Detail,
        *,
        unseen_by: Collection[PersonId] = (),
    ) -> None:
        self.record(
            now,
            Kind.REFUSED,
            Actor(person=person, how="panel"),
            subjects=self._heard(now, clip).difference(unseen_by) if clip else None,
            room=clip.room if clip else None,
            detail=detail,
        )

    def _heard(self, now: float, clip: Clip) -> frozenset[PersonId]:
        return clip.members | rules.members(self._standing.situation(now), clip.room)

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
