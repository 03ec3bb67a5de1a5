"""The one door to the recordings: only this module hands them out or deletes them.

So there is one place to check that the rules were asked and that the ledger knows. To open a
recording means to ask the rules as they stand now, then to write the row, then to return sealed
key and ciphertext, all in one transaction. If the row can't be written, for example because the
disk is full, nothing is handed out.

Somebody who may not listen might try:

- *ids or names at random*: each attempt is refused and recorded.
- *the name of a recording that somebody else was shown*: names hold for one person on one
  connection. The attempt is recorded for the people who may be heard in the recording. In their
  own ledger the person sees the same row as for a name that nobody was given, so they can't find
  out which names belong to recordings.
- *a key from before a withdrawal*: `settle` applies the rules to all recordings whenever a consent
  or the setup changes, in the same transaction. When the withdrawal returns, the sealed keys are
  gone.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .consent import rules
from .consent.disguise import Disguise
from .errors import NotAllowedError, Refusal
from .journal import EXPIRED
from .recording_names import RecordingNames
from .store.sealing import Part
from .types import ITSELF, Actor, Opened

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from .journal import Journal
    from .people import PersonId
    from .state import HouseholdState
    from .store.recordings import Recording, Recordings
    from .store.sealing import RecordingId
    from .transactions import Transactions
    from .types import OpenReason

MADE_ROOM: Final = "size"
"""The reason recorded for deleting the oldest recordings, to make room for others."""

DELETED_AT_ONCE: Final = 200
"""The most recordings that `make_room` deletes in one transaction."""


class Door:
    """Opens and deletes recordings within the household's transactions; raises `StoreError`."""

    def __init__(
        self,
        transactions: Transactions,
        recordings: Recordings,
        state: HouseholdState,
        journal: Journal,
    ) -> None:
        self._transactions = transactions
        self._recordings = recordings
        self._state = state
        self._journal = journal
        self.on_deleted: Callable[[float, Collection[RecordingId], Actor], None] = _do_nothing
        """Called with the recordings that people's wishes ended; not when they expired."""

        self.names: Final = RecordingNames()
        """The names that were given to recordings, on all connections and in all sittings."""

    def require_known(self, person: PersonId | None) -> PersonId:
        """Return the person whose account asks for recordings.

        Raises `NotAllowedError` for None, which stands for an account that belongs to no person.
        The attempt is recorded first, in a transaction of its own.
        """
        if person is None:
            with self._transactions.begin() as now:
                self._journal.refusal(now, None, None)
            raise NotAllowedError(Refusal.UNKNOWN_PERSON)
        return person

    def openable(self, now: float, person: PersonId) -> list[Recording]:
        """Return the recordings that a person may open, newest first."""
        situation = self._state.situation(now)
        return [
            recording
            for recording in self._recordings.all()
            if self._may_open(situation, recording, person)
        ]

    def may_open(self, now: float, recording: Recording, person: PersonId) -> bool:
        """Return whether the rules let a person open a recording, and it is sealed to their key."""
        return self._may_open(self._state.situation(now), recording, person)

    def _may_open(self, situation: rules.Situation, recording: Recording, person: PersonId) -> bool:
        return rules.may_open(situation, recording, person) and (
            self._recordings.key(recording.id, person) is not None
        )

    def find(self, now: float, recording_id: RecordingId, person: PersonId) -> Recording | Refusal:
        """Return a recording that a person may open; otherwise record and return the refusal."""
        recording = self._recordings.get(recording_id)
        if recording is not None and self.may_open(now, recording, person):
            return recording
        self._journal.refusal(now, recording, person)
        return Refusal.UNKNOWN_RECORDING if recording is None else Refusal.NOT_A_LISTENER

    def tried(self, now: float, name: str, person: PersonId) -> None:
        """Record that a person tried a name that is not valid for them here.

        If others were given the name, the people who may be heard in the recording see it. If
        nobody was, everyone does. An outdated name of their own is shown only to the person.
        """
        recording_id = self.names.recording(name)
        recording = None if recording_id is None else self._recordings.get(recording_id)
        if self.names.was_given(name, person) or (
            recording is not None
            and (person in recording.members or self.may_open(now, recording, person))
        ):
            self._journal.outdated(now, person)
        elif recording is None:
            self._journal.refusal(now, None, person)
        else:
            self._journal.refusal_by_name(now, recording, person)

    def open(
        self, now: float, recording_id: RecordingId, person: PersonId, part: Part, why: OpenReason
    ) -> Opened | Refusal:
        """Record the opening and return what the person needs for it, or record a refusal."""
        recording = self.find(now, recording_id, person)
        if isinstance(recording, Refusal):
            return recording
        if recording.disguise_for(person) is Disguise.WORDS and part is Part.SOUND:
            self._journal.refusal(now, recording, person)
            return Refusal.NOT_A_LISTENER
        self._journal.opening(now, recording, person, part, why)
        opened = self._hand_out(recording, person, part)
        verdicts = self._recordings.verdicts(recording_id, person) if part is Part.WORDS else ()
        return replace(opened, verdicts=verdicts)

    def _hand_out(self, recording: Recording, person: PersonId, part: Part) -> Opened:
        """Return what a person needs to open a part, once the rules and the ledger allow it."""
        disguise = recording.disguise_for(person)
        key, ciphertext = (
            self._recordings.key(recording.id, person),
            self._recordings.part(recording.id, part, disguise),
        )
        assert key is not None, "the rules ask for it"
        assert ciphertext is not None, "the recording exists"
        return Opened(recording=recording.id, key=key, ciphertext=ciphertext, disguise=disguise)

    def read_all(
        self, now: float, person: PersonId, recordings: Collection[Recording]
    ) -> list[Opened]:
        """Record that a person reads the words of recordings to teach, and return them.

        What they may not open, or get in disguise only, is left out. There is one row for the
        recordings of the same people in a room, because there may be thousands.
        """
        situation = self._state.situation(now)
        readable = [
            one
            for one in recordings
            if self._may_open(situation, one, person) and one.disguise_for(person) is Disguise.NONE
        ]
        self._journal.reading(now, readable, person)
        return [
            replace(
                self._hand_out(recording, person, Part.WORDS),
                features=self._recordings.features(recording.id),
                verdicts=self._recordings.verdicts(recording.id, person),
            )
            for recording in readable
        ]

    def delete(self, now: float, recordings: Collection[Recording], why: str, actor: Actor) -> int:
        """Delete recordings and record that; returns how many."""
        ids = [recording.id for recording in recordings]
        deleted = self._recordings.delete(ids)
        self._journal.deletion(now, recordings, why, actor)
        if why not in {EXPIRED, MADE_ROOM}:
            self.on_deleted(now, ids, actor)
        return deleted

    def delete_expired(self, now: float) -> int:
        """Delete the recordings that have expired; returns how many."""
        expired = self._recordings.delete_expired(now)
        self._journal.deletion(now, expired, EXPIRED, ITSELF)
        return len(expired)

    def delete_unopenable(self, now: float, why: str, actor: Actor) -> int:
        """Delete the recordings to which nobody has a sealed key any more; returns how many."""
        return self.delete(now, self._recordings.unopenable(), why, actor)

    def is_full(self) -> bool:
        """Return whether the recordings together exceed the ceiling's size."""
        return bool(self._beyond(1))

    def make_room(self, now: float) -> int:
        """Delete the oldest recordings until the rest fits the ceiling's size; returns how many.

        At most `DELETED_AT_ONCE`, so that nothing else waits for long. `is_full` says whether to
        call it again.
        """
        return self.delete(now, self._beyond(DELETED_AT_ONCE), MADE_ROOM, ITSELF)

    def _beyond(self, most: int) -> list[Recording]:
        if self._state.arrangement is None:
            return []  # the ceiling is not known yet
        return self._recordings.beyond(self._state.arrangement.ceiling.max_bytes, most)

    def take_away(self, now: float, recording: Recording, person: PersonId) -> None:
        """Delete one listener's sealed key, and the recording if no other listener has one.

        Only a deletion of the recording goes into the ledger: nobody needs to explain why they
        don't want to hear a recording again.
        """
        self._recordings.drop_keys(recording.id, {person})
        self.delete_unopenable(now, "review", Actor(person=person, how="panel"))

    def settle(self, now: float) -> tuple[int, int]:
        """Delete what the rules no longer allow to stay.

        Returns the number of recordings, and of sealed keys to other recordings.
        """
        if self._state.arrangement is None:
            return 0, 0  # not known yet; to delete now would treat it as an empty household
        situation = self._state.situation(now)
        expired, unwanted, keys = [], [], 0
        holders = self._recordings.holders()
        for recording in self._recordings.all():
            if recording.expires <= now:
                expired.append(recording)
                continue
            expires = min(
                recording.expires, recording.captured + rules.stays_for(situation, recording)
            )
            held = holders.get(recording.id, frozenset())
            trusted = rules.trusted(situation, recording)
            if expires <= now or not held & trusted:
                unwanted.append(recording)
                continue
            if expires < recording.expires:
                self._recordings.shorten(recording.id, expires)
            if held - trusted:
                keys += self._recordings.drop_keys(recording.id, held - trusted)
        deleted = self.delete(now, expired, EXPIRED, ITSELF)
        return deleted + self.delete(now, unwanted, "not-wanted", ITSELF), keys


def _do_nothing(_now: float, _recordings: Collection[RecordingId], _actor: Actor) -> None:
    """Stand for whoever wants to know of deletions, before there is one."""
