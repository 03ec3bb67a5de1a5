"""The one door to what a household keeps: every change is a transaction, and the rules decide it.

One thread uses it; the keeper sees to that. Every method raises `StoreError`.
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
from .review import Review
from .state import HouseholdState
from .store import records
from .store.clock import Mark
from .store.database import Database, StoreError
from .store.ledger import MAX_SEQ, Ledger
from .store.ledger_rows import RowKind
from .store.recordings import Recordings
from .store.store_seal import StoreSeal
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
    from .types import EndedTurn, KeepResult, News, Opened, OpenReason, Totals

type DatabaseOpener = Callable[[Path, Callable[[Database], None]], Database]
"""Opens the database at a path; the function inspects it before anything is changed."""


class Household:
    """The people's consents, the sealed recordings and the ledger of one household."""

    def __init__(self, database: Database, clock: Clock, ledger: Ledger) -> None:
        """Take over an open store; `open` makes one."""
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
        """What those may do who judge recordings."""

    @classmethod
    def open(
        cls,
        path: Path,
        clock: Clock,
        signing_seed: bytes,
        open_database: DatabaseOpener = Database.open,
    ) -> Self:
        """Open the store at `path`, or begin one; the ledger's seed has 32 bytes.

        The clock goes on from where it was, and nothing is allowed before `arrange`.
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
        """Close the store, with the time that it is; nothing may be called afterwards."""
        with suppress(StoreError), self._transactions.begin() as now:
            self._journal.late_refusals(now, all_=True)
        self._database.close()

    def abandon(self) -> None:
        """Close a store that failed, without touching it; nothing may be called afterwards."""
        self._database.abandon()

    def _resume(self) -> None:
        mark = records.get_setting(self._database, "clock")
        if mark is not None:
            self._clock.resume(Mark.from_json(mark))
        with self._transactions.begin() as now:
            records.drop_setting(self._database, "seal")  # of a store before version 3
            if self._ledger.head().seq == 0:
                self._journal.record(now, RowKind.BEGUN)

    # What holds

    def arrange(self, arrangement: Arrangement, actor: Actor) -> None:
        """Take over how the household is set up; what it no longer covers goes at once."""
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
            self._keyring.remove_of_the_gone(now, self.arrangement, actor)
            self._settle(now, actor)
        self._make_room()

    def _settle(self, now: float, actor: Actor) -> tuple[int, int]:
        """Let go of what may not stay, and record who is heard and can listen from now on."""
        self._audience.note(now, actor)
        return self._door.settle(now)

    def _make_room(self) -> int:
        """Keep to the size that the administrator allows; returns how many recordings went."""
        gone = 0
        while self._door.is_full():
            with self._transactions.begin() as now:
                gone += self._door.make_room(now)
        return gone

    @property
    def arrangement(self) -> Arrangement:
        """How the household is set up; without people and rooms before it is known."""
        return self._state.arrangement or Arrangement()

    @property
    def pauses(self) -> Pauses:
        """What is switched off for now; the end of guest mode is by the wall clock."""
        return self._pauses.by_wall_clock

    def pause(
        self,
        *,
        actor: Actor,
        household: bool | None = None,
        room: tuple[RoomId, bool] | None = None,
        guests_until: float | None = None,
    ) -> None:
        """Pause the household or a room or end that; set the end of guest mode (0 ends it).

        `guests_until` is by the wall clock. Raises `NotAllowedError` for an unknown room.
        """
        with self._transactions.begin() as now:
            self._pauses.set(now, actor, household=household, room=room, guests_until=guests_until)

    def status(self, room: RoomId) -> RoomStatus:
        """Return what holds in a room."""
        decision = rules.decide(self._state.situation(self._clock.now()), room)
        return RoomStatus(
            room=room,
            keeps_for_seconds=decision.keeps_for_seconds,
            allowed_seconds=decision.allowed_seconds,
            members=decision.members,
            listeners=decision.listeners,
            missing=decision.missing,
            paused=decision.paused,
            recordings=self._recordings.count(room),
        )

    def untold(self, statuses: Iterable[RoomStatus]) -> dict[RoomId, News]:
        """Return what the rooms were not told yet: that keeping began or ended, or who listens."""
        return self._audience.untold(statuses)

    def told(self, room: RoomId, news: News | None = None) -> None:
        """Take note of what a room was told, without news that keeping ended."""
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
        """Record a permission that a person gives for themselves; raises `NotAllowedError`."""
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
        """Record a refusal, which ends an earlier permission; raises `NotAllowedError`."""
        with self._transactions.begin() as now:
            record = self._consents.refuse(now, person, purpose, rooms, notice_sha256, how)
            self._settle(now, Actor(person=person, how=how))
        return record

    def withdraw(
        self, person: PersonId, purpose: Purpose, rooms: frozenset[RoomId] | None, how: Channel
    ) -> Withdrawal:
        """End a person's permissions, in some rooms or in all, and delete what rested on them."""
        actor = Actor(person=person, how=how)
        with self._transactions.begin() as now:
            ended = self._consents.withdraw(now, actor, purpose, rooms)
            recordings, keys = self._settle(now, actor)
        return Withdrawal(records=ended, recordings_deleted=recordings, keys_dropped=keys)

    def consents(self, person: PersonId) -> list[ConsentRecord]:
        """Return all consents that a person was asked for, the newest last."""
        return self._consents.of(person)

    def own_consents(self, person: PersonId) -> list[OwnConsent]:
        """Return the same, each with the rooms in which the answer holds now."""
        return self._consents.own(self._clock.now(), person)

    # Listening keys

    def add_key(self, person: PersonId, public: bytes) -> None:
        """Take in the public half of a listening key; raises `NotAllowedError`."""
        with self._transactions.begin() as now:
            self._keyring.add(now, self.arrangement, person, public)

    def key(self, person: PersonId) -> bytes | None:
        """Return the public half of somebody's listening key."""
        return self._keyring.get(person)

    def remove_key(self, person: PersonId, actor: Actor) -> int:
        """Forget a listening key; returns how many recordings nobody can open now and are gone."""
        with self._transactions.begin() as now:
            return self._keyring.remove(now, person, actor)

    def find_keys(self, locked: Mapping[PersonId, bytes]) -> dict[PersonId, KeyChange]:
        """Compare the locked keys that are there, by their public halves, with the owners' own.

        Returns where they differ, once that was recorded; nothing is sealed to a key for it.
        """
        changes = self._keyring.compare(self.arrangement, locked)
        if not self._keyring.are_recorded(changes, locked):
            with self._transactions.begin() as now:
                self._keyring.record_changes(now, changes, locked)
        return changes

    # Turns

    def turn_ended(self, turn: EndedTurn) -> KeepResult:
        """Keep a turn, or drop it."""
        self._database.require_reserve()
        with self._transactions.begin() as now:
            return self._keeping.end(now, turn)

    # Recordings

    def require_known(self, person: PersonId | None) -> PersonId:
        """Return the person; None is refused with `NotAllowedError`, which is recorded."""
        return self._door.require_known(person)

    def recordings(self, person: PersonId | None) -> list[Recording]:
        """Return what somebody may open now, the newest first; raises `NotAllowedError`."""
        person = self._door.require_known(person)
        return self._door.openable(self._clock.now(), person)

    def called(self, person: PersonId, names: Mapping[str, RecordingId]) -> None:
        """Take note of the names by which recordings are shown to somebody."""
        self._door.names.remember(person, names)

    def refuse_names(self, person: PersonId | None, names: Iterable[str]) -> None:
        """Record that somebody tried names that are not valid for them."""
        person = self._door.require_known(person)
        with self._transactions.begin() as now:
            for name in names:
                self._door.tried(now, name, person)

    def open_recording(
        self, recording_id: RecordingId, person: PersonId | None, part: Part, why: OpenReason
    ) -> Opened:
        """Return what somebody needs to open a recording, after that was recorded.

        Raises `NotAllowedError`, which is recorded too.
        """
        person = self._door.require_known(person)
        with self._transactions.begin() as now:
            opened = self._door.open(now, recording_id, person, part, why)
        if isinstance(opened, Refusal):
            raise NotAllowedError(opened)
        return opened

    def delete(self, recordings: Collection[RecordingId], person: PersonId | None) -> int:
        """Delete recordings that somebody may be heard in or may open; returns how many.

        Raises `NotAllowedError` for any other, which is recorded, and then deletes none.
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
        """Delete the newest recording of a room or of all, unless it is older; returns how many."""
        with self._transactions.begin() as now:
            found = [
                recording
                for recording in self._recordings.all(room)[:1]
                if recording.captured >= now - within_seconds
            ]
            return self._door.delete(now, found, "asked", actor)

    def delete_since(self, room: RoomId | None, since: float, actor: Actor) -> int:
        """Delete what a room, or the whole household, has kept since a time; returns how many."""
        with self._transactions.begin() as now:
            found = [
                recording for recording in self._recordings.all(room) if recording.captured >= since
            ]
            return self._door.delete(now, found, "asked", actor)

    def expire(self) -> int:
        """Do what time brings: at the start and every minute; returns how many recordings went."""
        self._database.require_in_place()
        with self._transactions.begin() as now:
            self._pauses.expire(now)
            self._consents.expire(now)
            gone = self._door.delete_expired(now) + self._settle(now, ITSELF)[0]
            self._journal.late_refusals(now)
            before = self._ageing.before(now)
            self._journal.day(now, before)
            self._ledger.age(now, before)
        gone += self._make_room()
        self._database.keep_reserve()
        return gone

    def give_up_reserve(self) -> bool:
        """Give back the room that is held for deletions; returns whether there was any."""
        return self._database.give_up_reserve()

    # The ledger

    def note(
        self, kind: RowKind, actor: Actor, room: RoomId | None, detail: Detail | None = None
    ) -> None:
        """Record what happened elsewhere, such as a pairing, for everyone to see."""
        with self._transactions.begin() as now:
            self._journal.record(now, kind, actor, room=room, detail=detail or {})

    def note_misuse(self, person: PersonId, action: str) -> None:
        """Record that something asked in somebody's name for what only he may, for him to see."""
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
        """Return what is recorded about somebody, the newest first.

        Only rows before the number `before` and of some kinds, at most `limit` of them.
        """
        return self._ledger.rows_about(person, before=before, limit=limit, kinds=kinds)

    def newest_row(self) -> int:
        """Return the number of the newest row; 0 without any."""
        return self._ledger.newest_row()

    def verify(self, heads: Iterable[SignedHead] = ()) -> Verification:
        """Check the ledger, also against earlier heads of it."""
        return self._ledger.verify(heads)

    def copy(self, person: PersonId) -> Copy:
        """Return what is recorded about somebody, with what shows that nobody has changed it."""
        return self._ledger.copy(person)

    def head(self) -> SignedHead:
        """Return the state of the ledger, signed."""
        return self._ledger.head()

    def totals(self) -> Totals:
        """Return counts without content."""
        return self._journal.totals(self._recordings)
