"""What hands out recordings and what deletes them, within the household's transactions.

Nothing else does. It asks the rules, and the ledger has it first.
"""

from typing import TYPE_CHECKING, Final

from .consent import rules
from .errors import NotAllowedError, Refusal
from .journal import EXPIRED
from .recording_names import RecordingNames
from .store.sealing import Part
from .types import ITSELF, Actor, Opened

if TYPE_CHECKING:
    from collections.abc import Collection

    from .journal import Journal
    from .people import PersonId
    from .state import HouseholdState
    from .store.recordings import Recording, Recordings
    from .store.sealing import RecordingId
    from .transactions import Transactions
    from .types import OpenReason

DELETED_AT_ONCE: Final = 200
"""The most recordings that `make_room` deletes in one transaction."""


class Door:
    """The one door to the recordings; raises `StoreError`."""

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
        self.names: Final = RecordingNames()
        """What recordings were called on each connection, and in each sitting."""

    def require_known(self, person: PersonId | None) -> PersonId:
        """Return `person`, the owner of the account that asks for recordings.

        Raises `NotAllowedError` for None, an account that belongs to no person; the attempt is
        recorded first, outside any transaction of the caller's.
        """
        if person is None:
            with self._transactions.begin() as now:
                self._journal.refusal(now, None, None)
            raise NotAllowedError(Refusal.UNKNOWN_PERSON)
        return person

    def openable(self, now: float, person: PersonId) -> list[Recording]:
        """Return what somebody may open, the newest first."""
        situation = self._state.situation(now)
        return [
            recording
            for recording in self._recordings.all()
            if self._may_open(situation, recording, person)
        ]

    def may_open(self, now: float, recording: Recording, person: PersonId) -> bool:
        """Return whether the rules let somebody open a recording, and he has a key to it."""
        return self._may_open(self._state.situation(now), recording, person)

    def _may_open(self, situation: rules.Situation, recording: Recording, person: PersonId) -> bool:
        return rules.may_open(situation, recording, person) and (
            self._recordings.key(recording.id, person) is not None
        )

    def find(self, now: float, recording_id: RecordingId, person: PersonId) -> Recording | Refusal:
        """Return a recording that somebody may open; else why not, which is recorded."""
        recording = self._recordings.get(recording_id)
        if recording is not None and self.may_open(now, recording, person):
            return recording
        self._journal.refusal(now, recording, person)
        return Refusal.UNKNOWN_RECORDING if recording is None else Refusal.NOT_A_LISTENER

    def tried(self, now: float, name: str, person: PersonId) -> None:
        """Record that somebody tried a name that does not hold for them here.

        A name that others were given for a recording is shown to whoever may be heard in it, a name
        that nobody was given to everyone; an outdated name of one's own only to oneself.
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
        """Return what somebody needs to open a recording, after that was recorded; else why not."""
        recording = self.find(now, recording_id, person)
        if isinstance(recording, Refusal):
            return recording
        self._journal.opening(now, recording, person, part, why)
        key, ciphertext = (
            self._recordings.key(recording_id, person),
            self._recordings.part(recording_id, part),
        )
        assert key is not None, "it was found"
        assert ciphertext is not None, "it was found"
        verdicts = self._recordings.verdicts(recording_id, person) if part is Part.WORDS else ()
        return Opened(recording=recording.id, key=key, ciphertext=ciphertext, verdicts=verdicts)

    def delete(self, now: float, recordings: Collection[Recording], why: str, actor: Actor) -> int:
        """Delete recordings; returns how many."""
        deleted = self._recordings.delete([recording.id for recording in recordings])
        self._journal.deletion(now, recordings, why, actor)
        return deleted

    def delete_expired(self, now: float) -> int:
        """Delete the recordings whose time is over; returns how many."""
        expired = self._recordings.delete_expired(now)
        self._journal.deletion(now, expired, EXPIRED, ITSELF)
        return len(expired)

    def delete_unopenable(self, now: float, why: str, actor: Actor) -> int:
        """Delete the recordings to which nobody has a key any more; returns how many."""
        return self.delete(now, self._recordings.unopenable(), why, actor)

    def is_full(self) -> bool:
        """Tell whether all recordings take more than the ceiling."""
        return bool(self._beyond(1))

    def make_room(self, now: float) -> int:
        """Delete the oldest recordings while all take more than the ceiling; returns how many.

        A few hundred at most, so that nothing waits for long; `is_full` tells whether more follow.
        """
        return self.delete(now, self._beyond(DELETED_AT_ONCE), "size", ITSELF)

    def _beyond(self, most: int) -> list[Recording]:
        if self._state.arrangement is None:
            return []  # the ceiling is not known yet
        return self._recordings.beyond(self._state.arrangement.ceiling.max_bytes, most)

    def take_away(self, now: float, recording: Recording, person: PersonId) -> None:
        """Take a recording from one of its listeners for good; without any other it is deleted.

        Only a deletion is recorded: nobody owes an explanation for not wanting to hear a recording
        again.
        """
        self._recordings.drop_keys(recording.id, {person})
        self.delete_unopenable(now, "review", Actor(person=person, how="panel"))

    def settle(self, now: float) -> tuple[int, int]:
        """Let go of what the rules no longer let stay; returns how many recordings, and keys."""
        if self._state.arrangement is None:
            return 0, 0  # not known yet, which is not the same as that nobody lives here
        situation = self._state.situation(now)
        over, keys = [], 0
        holders = self._recordings.holders()
        for recording in self._recordings.all():
            expires = min(
                recording.expires, recording.captured + rules.stays_for(situation, recording)
            )
            held = holders.get(recording.id, frozenset())
            trusted = rules.trusted(situation, recording)
            if expires <= now or not held & trusted:
                over.append(recording)
                continue
            if expires < recording.expires:
                self._recordings.shorten(recording.id, expires)
            if held - trusted:
                keys += self._recordings.drop_keys(recording.id, held - trusted)
        return self.delete(now, over, "not-wanted", ITSELF), keys
