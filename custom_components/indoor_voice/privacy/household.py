"""The only interface to what a household keeps: each change is one transaction.

A `Household` must be used by one thread only. Every method raises `StoreError`.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from .ageing import Ageing
from .audience import Audience
from .consent import rules
from .consent.rules import DropReason
from .consents import Consents
from .door import Door
from .errors import NotAllowedError, Refusal
from .journal import Journal, ceiling_detail
from .keeping import Keeping
from .keyring import Keyring
from .pauses import PauseSwitches
from .people import Arrangement
from .questions import Questions
from .review import Review
from .state import HouseholdState
from .store import records
from .store.clock import Mark
from .store.database import Database, StoreError
from .store.ledger import MAX_SEQ, Ledger
from .store.ledger_rows import RowKind
from .store.lessons import LessonBook
from .store.recordings import Recordings
from .store.store_seal import StoreSeal
from .teaching import Teaching
from .transactions import Transactions
from .types import ITSELF, Actor, KeyChange, OwnConsent, RoomStatus, Withdrawal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from .consent.consent import Channel, ConsentRecord, Purpose, Terms
    from .people import Pauses, PersonId, RoomId
    from .store.clock import Clock
    from .store.ledger_rows import Copy, Detail, Row, SignedHead, Verification
    from .store.recordings import Recording
    from .store.sealing import Part, RecordingId
    from .types import EndedTurn, KeepResult, Month, News, Opened, OpenReason, Totals

type DatabaseOpener = Callable[[Path, Callable[[Database], None]], Database]
"""Opens the database at a path; the function inspects it before anything is changed."""


class Household:
    """The consents, sealed recordings and ledger of one household."""

    def __init__(self, database: Database, clock: Clock, ledger: Ledger) -> None:
        """Use an open store. Call `open` instead, which also checks it and resumes the clock."""
        self._database = database
        self._clock = clock
        self._ledger = ledger
        self._recordings = Recordings(database)
        self._state = HouseholdState(database, clock)
        self._journal = Journal(database, self._state, ledger)
        self._audience = Audience(database, self._state, self._journal)
        self._consents = Consents(self._state, self._journal)
        self._pauses = PauseSwitches(self._state, self._journal, clock)
        seal = StoreSeal(database, ledger.code)
        seal.watch()
        self._transactions = Transactions(database, clock, self._state, seal)
        self._ageing = Ageing(database, clock, self._journal)
        self._door = Door(self._transactions, self._recordings, self._state, self._journal)
        self._keyring = Keyring(
            database, self._recordings, self._journal, self._audience, self._door
        )
        self._keeping = Keeping(database, self._recordings, self._state, self._journal, self._door)
        self.review: Final = Review(
            database, self._transactions, self._recordings, self._state, self._journal, self._door
        )
        """Everything that reviewers can do."""

        self.teaching: Final = Teaching(
            self._transactions,
            LessonBook(database),
            self._recordings,
            self._state,
            self._journal,
            self._door,
        )
        """What was learned from recordings."""

        self.questions: Final = Questions(database, self._transactions, self._state, clock)
        """Who is told that a question waits for them."""

    @classmethod
    def open(
        cls,
        path: Path,
        clock: Clock,
        signing_seed: bytes,
        open_database: DatabaseOpener = Database.open,
    ) -> Self:
        """Open the store at `path`, or create it. `signing_seed`, the ledger's seed, has 32 bytes.

        The clock continues from where it was. Nothing is allowed before `arrange` is called.
        """

        def inspect(database: Database) -> None:
            StoreSeal(database, Ledger(database, signing_seed).code).check()

        database = open_database(path, inspect)
        try:
            household = cls(database, clock, Ledger(database, signing_seed))
            household._resume()
        except BaseException:
            database.close()
            raise
        return household

    def close(self) -> None:
        """Store the current time and close the store; nothing may be called afterwards."""
        with suppress(StoreError), self._transactions.begin() as now:
            self._journal.late_refusals(now, all_=True)
        self._database.close()

    def abandon(self) -> None:
        """Close a failed store without writing to it; nothing may be called afterwards."""
        self._database.abandon()

    def _resume(self) -> None:
        mark = records.get_setting(self._database, "clock")
        if mark is not None:
            self._clock.resume(Mark.from_json(mark))
        with self._transactions.begin() as now:
            records.drop_setting(self._database, "seal")  # left by stores before version 3
            if self._ledger.head().seq == 0:
                self._journal.record(now, RowKind.BEGUN)

    # The setup, and what it results in

    def arrange(self, arrangement: Arrangement, actor: Actor) -> None:
        """Apply how the household is set up, and delete what that no longer covers."""
        with self._transactions.begin() as now:
            before = self._state.earlier()
            ceiling = self._state.arrange(arrangement, now)
            if ceiling is not None:
                self._journal.record(
                    now, RowKind.CEILING_CHANGED, actor, detail=ceiling_detail(ceiling, actor)
                )
            if before is not None:
                self._journal.arranged(now, before, self.arrangement, actor)
            self._consents.bind(now)
            self._audience.convert(now)
            self._keyring.remove_deleted_accounts(now, self.arrangement, actor)
            self._settle(now, actor)
        self._make_room()

    def _settle(self, now: float, actor: Actor) -> tuple[int, int]:
        """Record changes of members and listeners, and delete what may no longer stay."""
        self._audience.note(now, actor)
        settled = self._door.settle(now)
        self.teaching.settle(now, actor)
        return settled

    def _make_room(self) -> int:
        """Delete the oldest recordings beyond the size that is allowed; returns how many."""
        deleted = 0
        while self._door.is_full():
            with self._transactions.begin() as now:
                deleted += self._door.make_room(now)
        return deleted

    @property
    def arrangement(self) -> Arrangement:
        """How the household is set up; empty until that is known."""
        return self._state.arrangement or Arrangement()

    @property
    def pauses(self) -> Pauses:
        """What is switched off now. The end of guest mode is given by the wall clock."""
        return self._pauses.by_wall_clock

    def pause(
        self,
        *,
        actor: Actor,
        household: bool | None = None,
        room: tuple[RoomId, bool] | None = None,
        guests_until: float | None = None,
    ) -> None:
        """Pause or resume the household or a room, or set the end of guest mode (0 ends it now).

        `guests_until` is a time of the wall clock. Raises `NotAllowedError` for an unknown room.
        """
        with self._transactions.begin() as now:
            self._pauses.set(now, actor, household=household, room=room, guests_until=guests_until)

    def status(self, room: RoomId) -> RoomStatus:
        """Return what a room keeps now by the rules, and who decides that."""
        decision = rules.decide(
            self._state.situation(self._clock.now()), room, records.keys(self._database)
        )
        return RoomStatus.of(decision, room, self._recordings.count(room))

    @property
    def is_short_of_space(self) -> bool:
        """Whether turns can't be kept because the disk is full, as far as is known."""
        return self._database.is_short_of_space

    def untold(self, statuses: Iterable[RoomStatus]) -> dict[RoomId, News]:
        """Return the news that the satellites have not announced yet, by room."""
        return self._audience.untold(statuses)

    def told(self, room: RoomId, news: News | None = None) -> None:
        """Record that a satellite announced the news; None stands for the end of keeping."""
        with self._transactions.begin() as now:
            if news is None:
                self._audience.told_that_keeping_ended(now, room)
            else:
                self._audience.told(room, news)

    # Consent

    def give(
        self,
        person: PersonId,
        terms: Terms,
        notice_sha256: str,
        valid_seconds: float,
        how: Channel,
    ) -> ConsentRecord:
        """Record a consent that a person gives for themselves; raises `NotAllowedError`."""
        with self._transactions.begin() as now:
            record = self._consents.give(now, person, terms, notice_sha256, valid_seconds, how)
            self._settle(now, Actor(person=person, how=how))
        return record

    def refuse(
        self,
        person: PersonId,
        purpose: Purpose,
        rooms: frozenset[RoomId],
        notice_sha256: str,
        how: Channel,
    ) -> ConsentRecord:
        """Record a refusal, which ends earlier consents; raises `NotAllowedError`."""
        with self._transactions.begin() as now:
            record = self._consents.refuse(now, person, purpose, rooms, notice_sha256, how)
            self._settle(now, Actor(person=person, how=how))
        return record

    def withdraw(
        self, person: PersonId, purpose: Purpose, rooms: frozenset[RoomId] | None, how: Channel
    ) -> Withdrawal:
        """End a person's consents in `rooms` (None: everywhere) and delete what rested on them."""
        actor = Actor(person=person, how=how)
        with self._transactions.begin() as now:
            ended = self._consents.withdraw(now, actor, purpose, rooms)
            recordings, keys = self._settle(now, actor)
        return Withdrawal(records=ended, recordings_deleted=recordings, keys_dropped=keys)

    def consents(self, person: PersonId) -> list[ConsentRecord]:
        """Return all consent records of a person, newest last."""
        return self._consents.of(person)

    def own_consents(self, person: PersonId) -> list[OwnConsent]:
        """Return all consent records of a person with the rooms where they hold, newest last."""
        return self._consents.own(self._clock.now(), person)

    # Listening keys

    def add_key(self, person: PersonId, public: bytes) -> None:
        """Add the public half of a person's listening key; raises `NotAllowedError`."""
        with self._transactions.begin() as now:
            self._keyring.add(now, self.arrangement, person, public)

    def key(self, person: PersonId) -> bytes | None:
        """Return the public half of a person's listening key."""
        return self._keyring.get(person)

    def remove_key(self, person: PersonId, actor: Actor) -> int:
        """Remove a listening key and what only it could open; returns how many recordings."""
        with self._transactions.begin() as now:
            return self._keyring.remove(now, person, actor)

    def find_keys(self, locked: Mapping[PersonId, bytes]) -> dict[PersonId, KeyChange]:
        """Compare the public halves of the locked keys with the keys that their owners added.

        Records and returns the differences. Nothing is sealed to a key because it was found.
        """
        changes = self._keyring.compare(self.arrangement, locked)
        if not self._keyring.are_recorded(changes, locked):
            with self._transactions.begin() as now:
                self._keyring.record_changes(now, changes, locked)
        return changes

    # Turns

    def turn_ended(self, turn: EndedTurn) -> KeepResult:
        """Keep or drop an ended turn."""
        self._database.require_reserve()
        with self._transactions.begin() as now:
            return self._keeping.end(now, turn)

    def turn_reported(self, turn: EndedTurn) -> KeepResult:
        """Keep a turn that led to nothing a moment ago, because somebody says that it was wrong."""
        self._database.require_reserve()
        with self._transactions.begin() as now:
            return self._keeping.report(now, turn)

    # Recordings

    def require_known(self, person: PersonId | None) -> PersonId:
        """Return the person; for None, record the attempt and raise `NotAllowedError`."""
        return self._door.require_known(person)

    def recordings(self, person: PersonId | None) -> list[Recording]:
        """Return what a person may open now, newest first; raises `NotAllowedError`."""
        person = self._door.require_known(person)
        return self._door.openable(self._clock.now(), person)

    def called(self, person: PersonId, names: Mapping[str, RecordingId]) -> None:
        """Remember the names under which recordings are shown to a person."""
        self._door.names.remember(person, names)

    def refuse_names(self, person: PersonId | None, names: Iterable[str]) -> None:
        """Record that a person tried names that are not valid for them."""
        person = self._door.require_known(person)
        with self._transactions.begin() as now:
            for name in names:
                self._door.tried(now, name, person)

    def open_recording(
        self, recording_id: RecordingId, person: PersonId | None, part: Part, why: OpenReason
    ) -> Opened:
        """Record the opening of a recording, and return what the person needs for it.

        Raises `NotAllowedError`, which is recorded too.
        """
        person = self._door.require_known(person)
        with self._transactions.begin() as now:
            opened = self._door.open(now, recording_id, person, part, why)
        if isinstance(opened, Refusal):
            raise NotAllowedError(opened)
        return opened

    def delete(self, recordings: Collection[RecordingId], person: PersonId | None) -> int:
        """Delete recordings in which a person may be heard or which they may open.

        Returns how many were deleted. If any recording is neither, the attempt is recorded, none is
        deleted, and `NotAllowedError` is raised.
        """
        person = self._door.require_known(person)
        with self._transactions.begin() as now:
            found = [
                recording
                for id_ in dict.fromkeys(recordings)
                if (recording := self._recordings.get(id_))
            ]
            others = [
                recording
                for recording in found
                if person not in recording.members
                and not self._door.may_open(now, recording, person)
            ]
            for recording in others:
                self._journal.refusal(now, recording, person)
            if not others:
                return self._door.delete(now, found, "asked", Actor(person=person, how="panel"))
        raise NotAllowedError(Refusal.NOT_YOURS)

    def delete_last(self, room: RoomId | None, actor: Actor, within_seconds: float) -> int:
        """Delete the newest recording of a room or the household; returns how many (0 or 1).

        A recording that was captured more than `within_seconds` ago is not deleted.
        """
        with self._transactions.begin() as now:
            found = [
                recording
                for recording in self._recordings.all(room)[:1]
                if recording.captured >= now - within_seconds
            ]
            return self._door.delete(now, found, "asked", actor)

    def delete_since(self, room: RoomId | None, since: float, actor: Actor) -> int:
        """Delete what a room or the household has captured since a time; returns how many."""
        with self._transactions.begin() as now:
            found = [
                recording for recording in self._recordings.all(room) if recording.captured >= since
            ]
            return self._door.delete(now, found, "asked", actor)

    def expire(self) -> int:
        """End and delete what has expired; returns how many recordings were deleted.

        To be called at the start and every minute.
        """
        self._database.require_in_place()
        with self._transactions.begin() as now:
            self._pauses.expire(now)
            self._consents.expire(now)
            deleted = self._door.delete_expired(now) + self._settle(now, ITSELF)[0]
            self._journal.late_refusals(now)
            before = self._ageing.before(now)
            self._journal.day(now, before)
            self._ledger.age(now, before)
        deleted += self._make_room()
        self._database.keep_reserve()
        return deleted

    def give_up_reserve(self) -> bool:
        """Free the disk space reserved for deletions; returns whether there was any."""
        return self._database.give_up_reserve()

    # The ledger

    def note(
        self, kind: RowKind, actor: Actor, room: RoomId | None, detail: Detail | None = None
    ) -> None:
        """Record an event from outside the store, such as a pairing, for everyone to see."""
        with self._transactions.begin() as now:
            self._journal.record(now, kind, actor, room=room, detail=detail or {})

    def note_misuse(self, person: PersonId, action: str) -> None:
        """Record, for the person, that something else tried to act in their name."""
        with self._transactions.begin() as now:
            self._journal.misuse(now, person, action)

    def note_failure(self) -> None:
        """Count a turn that could not be kept."""
        with self._transactions.begin() as now:
            self._journal.count(now, "captured")
            self._journal.count(now, f"dropped {DropReason.FAILED}")

    def rows(
        self,
        person: PersonId,
        *,
        before: int = MAX_SEQ + 1,
        limit: int | None = None,
        kinds: Collection[RowKind] = frozenset(RowKind),
    ) -> list[Row]:
        """Return at most `limit` rows by or about a person, newest first.

        Only rows of the given kinds whose number is below `before` are returned.
        """
        return self._ledger.rows_about(person, before=before, limit=limit, kinds=kinds)

    def newest_row(self) -> int:
        """Return the number of the ledger's newest row, or 0 without rows."""
        return self._ledger.newest_row()

    def verify(self, heads: Iterable[SignedHead] = ()) -> Verification:
        """Check the ledger, also against earlier signed heads."""
        return self._ledger.verify(heads)

    def copy(self, person: PersonId) -> Copy:
        """Return a person's signed copy of the ledger."""
        return self._ledger.copy(person)

    def head(self) -> SignedHead:
        """Return the signed head of the ledger."""
        return self._ledger.head()

    def months(self) -> list[Month]:
        """Return how often commands were misunderstood in each month, oldest first."""
        return self._journal.months()

    def totals(self) -> Totals:
        """Return counts without content."""
        return self._journal.totals(self._recordings)
