"""Record events as rows in the ledger and as daily counts."""

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from .arrangement_changes import differences
from .consent import rules
from .consent.disguise import Disguise
from .consent.rules import DropReason
from .refusals import Refusals
from .store import records
from .store.ledger_rows import Entry, RowKind
from .store.sealing import Part
from .types import Actor, Month, OpenReason, Totals, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .consent.ceilings import CeilingEntry
    from .consent.consent import Channel, ConsentRecord
    from .people import Arrangement, PersonId, RoomId
    from .state import HouseholdState
    from .store.database import Database
    from .store.ledger import Ledger
    from .store.ledger_rows import Detail
    from .store.recordings import Recording, Recordings

REPORTED: Final = "reported"
"""The name of the count of commands that were kept because somebody said that they were wrong."""

_WRONG: Final = (Verdict.WRONG_WORDS, Verdict.WRONG_ACTION)

EXPIRED: Final = "expired"
"""The reason recorded for deleting a recording that has expired."""


class Journal:
    """Records events within the household's transactions; raises `StoreError`."""

    def __init__(self, database: Database, state: HouseholdState, ledger: Ledger) -> None:
        self._database = database
        self._state = state
        self._ledger = ledger
        self._refusals = Refusals()

    def totals(self, kept: Recordings) -> Totals:
        """Return counts without content."""
        counts = records.counts(self._database)
        last = records.get_setting(self._database, "last deletion")
        return Totals(
            recordings=kept.count(),
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

    def months(self) -> list[Month]:
        """Return how often commands were misunderstood in each month, oldest first."""
        return [
            _month(month, counts)
            for month, counts in records.monthly_counts(self._database).items()
            if counts.get("captured", 0) > 0
        ]

    def opening(
        self, now: float, recording: Recording, person: PersonId, part: Part, why: OpenReason
    ) -> None:
        """Record and count that a person opens a part of a recording, and in which form."""
        disguise = recording.disguise_for(person)
        self.count(now, "opened")
        self.record(
            now,
            RowKind.OPENED,
            Actor(person=person, how="panel"),
            subjects=recording.members,
            room=recording.room,
            detail={
                "clip": recording.id,
                "part": part.value,
                "seconds": round(recording.seconds, 1),
                "why": why.value,
                **({} if disguise is Disguise.NONE else {"disguise": disguise.value}),
            },
        )

    def reading(self, now: float, recordings: Collection[Recording], person: PersonId) -> None:
        """Record and count that a person reads the words of recordings, to teach."""
        if recordings:
            self.count(now, "opened", len(recordings))
        together = Counter((recording.room, recording.members) for recording in recordings)
        for (room, members), clips in together.items():
            self.record(
                now,
                RowKind.OPENED,
                Actor(person=person, how="panel"),
                subjects=members,
                room=room,
                detail={"clips": clips, "part": Part.WORDS.value, "why": OpenReason.TEACH.value},
            )

    def arranged(self, now: float, before: Arrangement, after: Arrangement, actor: Actor) -> None:
        """Record each difference between two setups, for the people of both."""
        everyone = before.people.keys() | after.people.keys()
        for room, detail in differences(before, after):
            self.record(
                now,
                RowKind.ARRANGED,
                actor,
                subjects=everyone,
                room=room,
                detail={**detail, "how": actor.how},
            )

    def refusal(self, now: float, recording: Recording | None, person: PersonId | None) -> None:
        """Record that a person was refused a recording, for the people who may be heard in it.

        If the recording is not known (None), the row is for everyone. None as the person stands for
        an account that belongs to nobody in the household.
        """
        about = recording.id if recording else ""
        if self._refusals.is_new(now, person, about):
            self._refused(now, recording, person, {"clip": recording.id} if recording else {})

    def refusal_by_name(self, now: float, recording: Recording, person: PersonId) -> None:
        """Record that a person tried a name that others were given for a recording.

        The ledger must not reveal to them that the name belongs to a recording. So they see the
        same row as for a name that nobody was given; a second row, which they can't see, tells the
        people who may be heard in the recording.
        """
        self.refusal(now, None, person)
        if self._refusals.is_new_to_others(now, person, recording.id):
            self._refused(
                now, recording, None, {"clip": recording.id, "by": person}, unseen_by={person}
            )

    def outdated(self, now: float, person: PersonId) -> None:
        """Record, for the person only, that they used a name of their own that is outdated."""
        if self._refusals.is_new(now, person, "outdated"):
            self.record(now, RowKind.REFUSED, Actor(person=person, how="panel"), subjects={person})

    def misuse(self, now: float, person: PersonId, action: str) -> None:
        """Record, for the person only, that an action called in their name was refused.

        For example, a script that they triggered must not consent for them.
        """
        if self._refusals.is_new(now, person, f"action {action}"):
            self.record(
                now,
                RowKind.REFUSED,
                Actor(person=None, how="action"),
                subjects={person},
                detail={"action": action, "how": "action"},
            )

    def late_refusals(self, now: float, *, all_: bool = False) -> None:
        """Record the counts of refusals that were not recorded singly, once their hour is over.

        With `all_`, record them without waiting.
        """
        for person, count in self._refusals.over(now, all_=all_):
            self._refused(now, None, person, {"count": count})

    def _refused(
        self,
        now: float,
        recording: Recording | None,
        person: PersonId | None,
        detail: Detail,
        *,
        unseen_by: Collection[PersonId] = (),
    ) -> None:
        self.record(
            now,
            RowKind.REFUSED,
            Actor(person=person, how="panel"),
            subjects=self._heard(now, recording).difference(unseen_by) if recording else None,
            room=recording.room if recording else None,
            detail=detail,
        )

    def _heard(self, now: float, recording: Recording) -> frozenset[PersonId]:
        return recording.members | rules.members(self._state.situation(now), recording.room)

    def deletion(
        self, now: float, recordings: Collection[Recording], why: str, actor: Actor
    ) -> None:
        """Record and count deleted recordings, in one row for each room."""
        if not recordings:
            return
        self.count(now, "deleted", len(recordings))
        if why == EXPIRED:
            self.count(now, "expired", len(recordings))
        records.put_setting(self._database, "last deletion", now)
        for room in sorted({recording.room for recording in recordings}):
            here = [recording for recording in recordings if recording.room == room]
            self.record(
                now,
                RowKind.DELETED,
                actor,
                subjects=frozenset().union(*(recording.members for recording in here)),
                room=room,
                detail={"clips": len(here), "why": why, "how": actor.how},
            )

    def consent(self, now: float, kind: RowKind, record: ConsentRecord, how: Channel) -> None:
        """Record an event of a consent, in one row for each room."""
        terms = record.terms
        for room in sorted(terms.rooms):
            self.record(
                now,
                kind,
                Actor(
                    person=None if kind is RowKind.CONSENT_EXPIRED else record.principal, how=how
                ),
                subjects=terms.listeners | {record.principal},
                room=room,
                detail={"purpose": terms.purpose.value, "record": record.id, "how": how},
            )

    def day(self, now: float, before: float) -> None:
        """Record the counts of a day that is over, and delete those from before a time."""
        today = _day(now)
        day = records.get_setting(self._database, "day")
        if day == today:
            return
        records.put_setting(self._database, "day", today)
        if isinstance(day, str) and (counts := records.counts(self._database, day)):
            self.record(now, RowKind.DROPPED, detail={"day": day, **counts})
        self._drop_counts(_day(max(0.0, before)))

    def _drop_counts(self, before: str) -> None:
        """Delete the counts of earlier days, except for recordings that still exist."""
        counted = records.counts(self._database)
        records.drop_counts(self._database, before)
        left = records.counts(self._database)
        still_kept = _outstanding(counted) - _outstanding(left)
        if still_kept:
            for name in ("captured", "kept"):
                records.count(self._database, before, name, still_kept)

    def record(  # noqa: PLR0913 - the fields of a row
        self,
        now: float,
        kind: RowKind,
        actor: Actor | None = None,
        *,
        subjects: Collection[PersonId] | None = None,
        room: RoomId | None = None,
        detail: Detail | None = None,
    ) -> None:
        """Append a row; without subjects it is about everyone."""
        everyone = self._state.situation(now).arrangement.people
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

    def reported(self, now: float) -> None:
        """Count a turn as kept that was counted as dropped, perhaps on the day before."""
        counted = records.counts(self._database, _day(now))
        dropped = f"dropped {DropReason.ACCIDENT}"
        if counted.get(dropped, 0) > 0:
            self.count(now, dropped, -1)
        else:
            self.count(now, "captured")
        self.count(now, "kept")
        self.count(now, REPORTED)

    def count(self, now: float, name: str, by: int = 1) -> None:
        """Add to one of today's counts."""
        records.count(self._database, _day(now), name, by)


def ceiling_detail(entry: CeilingEntry, actor: Actor) -> Detail:
    """Return the details of a ceiling for its row in the ledger."""
    return {
        "retention_seconds": entry.ceiling.retention_seconds,
        "max_bytes": entry.ceiling.max_bytes,
        "review": entry.ceiling.review,
        "ruled_out": len(entry.ceiling.ruled_out),
        "rooms_with_limit": sum(limit is not None for limit in entry.room_limits.values()),
        "how": actor.how,
    }


def _month(month: str, counts: Mapping[str, int]) -> Month:
    """Count what was both reported and judged as wrong once."""
    judged = sum(counts.get(f"verdict {verdict}", 0) for verdict in _WRONG)
    wrong = max(judged, counts.get(REPORTED, 0))
    about_keeping = counts.get(f"dropped {DropReason.ABOUT_KEEPING}", 0)
    commands = counts.get("captured", 0) - about_keeping
    misunderstood = counts.get(f"dropped {DropReason.ACCIDENT}", 0) + wrong
    return Month(month=month, commands=commands, misunderstood=min(misunderstood, commands))


def _outstanding(counts: Mapping[str, int]) -> int:
    return counts.get("kept", 0) - counts.get("deleted", 0)


def _day(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).date().isoformat()
