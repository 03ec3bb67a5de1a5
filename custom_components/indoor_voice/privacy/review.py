"""Review: a person who was named hears a recording and judges what the assistant understood.

Every recording goes through the door, which asks the rules each time. Limits protect reviewers:
each sitting suggests pauses, and the daily limit counts across all browsers.
"""

import math
from dataclasses import replace
from random import SystemRandom
from typing import TYPE_CHECKING, Final

from .consent import rules
from .consent.disguise import Disguise
from .errors import NotAllowedError, Refusal
from .people import DAY_SECONDS
from .sitting import UNDO_SECONDS, Judged, Stop
from .store import records
from .store.sealing import is_verdict
from .types import Actor, Opened, OpenReason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from random import Random

    from .door import Door
    from .journal import Journal
    from .people import PersonId, RoomId
    from .sitting import Name, Sitting
    from .state import HouseholdState
    from .store.database import Database
    from .store.recordings import Recording, Recordings
    from .store.sealing import Part, RecordingId
    from .transactions import Transactions

RECORDINGS_A_DAY: Final = 100
"""How many recordings one person may open for review in any 24 hours."""

_REPEAT_SECONDS: Final = 30.0
"""A repeat this soon suggests that the first attempt was misunderstood."""

_AGAIN_SECONDS: Final = 60.0
"""What follows a reported recording this soon may say the same in other words."""

_MISUNDERSTOOD_SHARE: Final = 0.5
"""How often to show a recording that was probably misunderstood, if there is one."""

_OPENINGS: Final = "review openings"
_RANDOM: Final = SystemRandom()


class Review:
    """The actions in a sitting; each method raises `NotAllowedError` and `StoreError`."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the household that it uses
        self,
        database: Database,
        transactions: Transactions,
        recordings: Recordings,
        state: HouseholdState,
        journal: Journal,
        door: Door,
    ) -> None:
        self._database = database
        self._transactions = transactions
        self._recordings = recordings
        self._state = state
        self._journal = journal
        self._door = door

    def next(
        self, sitting: Sitting, person: PersonId | None, *, go_on: bool = False
    ) -> Name | Stop:
        """Show a recording under a new name, or return why to stop.

        `go_on` skips a stop that is only suggested. A person who may listen nowhere is refused,
        which is recorded.
        """
        person = self._door.require_known(person)
        with self._transactions.begin() as now:
            openable = self._door.openable(now, person)
            may_review = bool(openable) or rules.may_review(self._state.situation(now), person)
            if not may_review:
                self._journal.refusal(now, None, person)
            opened = self._openings(now).get(person, [])
        if not may_review:
            raise NotAllowedError(Refusal.NOT_A_LISTENER)
        seen = sitting.done | self._recordings.reviewed(person)
        recording = choose(openable, seen, self._recordings.reported(), _RANDOM)
        if recording is None:
            return Stop.NOTHING
        if len(opened) >= RECORDINGS_A_DAY:
            return Stop.ENOUGH
        return sitting.stop(now, go_on=go_on) or self._remember(
            person, recording.id, sitting.show(recording.id, now)
        )

    def open(self, sitting: Sitting, person: PersonId | None, name: Name, part: Part) -> Opened:
        """Record the opening of the recording shown under a name, and return what opens it."""
        person = self._door.require_known(person)
        recording = self._shown(sitting, person, name)
        again = recording in sitting.opened
        with self._transactions.begin() as now:
            openings = self._openings(now)
            mine = openings.setdefault(person, [])
            if not again and len(mine) >= RECORDINGS_A_DAY:
                raise NotAllowedError(Refusal.ENOUGH_TODAY)
            opened = self._door.open(now, recording, person, part, OpenReason.REVIEW)
            if isinstance(opened, Opened):
                opened = replace(opened, verdicts=(), readers=self._readers(now, opened.recording))
                if not again:
                    mine.append(now)
                    records.put_setting(self._database, _OPENINGS, openings)
        if isinstance(opened, Refusal):
            raise NotAllowedError(opened)
        sitting.open(recording, part, is_all=opened.disguise is Disguise.WORDS)
        return opened

    def judge(
        self,
        sitting: Sitting,
        person: PersonId | None,
        name: Name,
        verdict: Verdict,
        sealed: Mapping[bytes, bytes],
    ) -> None:
        """Store a verdict on a recording that was heard in this sitting.

        `sealed` maps the public key of each reader to the verdict and corrected words, sealed to
        it, because Home Assistant must not learn the words. A sealed verdict is stored as long as
        its reader has a key to the recording.
        """
        person = self._door.require_known(person)
        if not all(map(is_verdict, sealed.values())):
            raise NotAllowedError(Refusal.BAD_TERMS)

        def judge(now: float, recording: Recording) -> None:
            if not sitting.was_heard(recording.id):
                raise NotAllowedError(Refusal.NOT_HEARD)
            if recording.id in self._recordings.reviewed(person):
                raise NotAllowedError(Refusal.ALREADY_REVIEWED)  # in another sitting
            readers = self._keys_of_readers(now, recording)
            known = {reader: sealed[key] for reader, key in readers.items() if key in sealed}
            self._recordings.put_verdict(recording.id, person, known)
            self._journal.count(now, f"verdict {verdict}")

        now, recording = self._do(self._shown(sitting, person, name), person, judge)
        sitting.finish(recording, Judged(recording=recording, verdict=verdict, at=now))

    def undo(self, sitting: Sitting, person: PersonId | None) -> Name:
        """Take back the last verdict, and show its recording again under a new name."""
        person = self._door.require_known(person)
        last = sitting.judged
        if last is None:
            raise NotAllowedError(Refusal.NOTHING_TO_UNDO)

        def undo(now: float, recording: Recording) -> None:
            if now > last.at + UNDO_SECONDS:
                raise NotAllowedError(Refusal.NOTHING_TO_UNDO)
            self._recordings.drop_verdict(recording.id, person)
            self._journal.count(now, f"verdict {last.verdict}", -1)

        recording = self._do(last.recording, person, undo)[1]
        return self._remember(person, recording, sitting.undo(recording))

    def skip(self, sitting: Sitting, person: PersonId | None, name: Name) -> None:
        """Don't show a recording again in this sitting."""
        person = self._door.require_known(person)
        self._finish(sitting, person, name, lambda _now, _recording: None)

    def destroy(self, sitting: Sitting, person: PersonId | None, name: Name) -> None:
        """Delete a recording for everybody, which can't be undone."""
        person = self._door.require_known(person)
        actor = Actor(person=person, how="panel")

        def destroy(now: float, recording: Recording) -> None:
            self._door.delete(now, [recording], "review", actor)

        self._finish(sitting, person, name, destroy)

    def give_up(self, sitting: Sitting, person: PersonId | None, name: Name) -> None:
        """Permanently delete the person's own key to a recording."""
        person = self._door.require_known(person)

        def give_up(now: float, recording: Recording) -> None:
            self._door.take_away(now, recording, person)

        self._finish(sitting, person, name, give_up)

    def _finish(
        self,
        sitting: Sitting,
        person: PersonId,
        name: Name,
        action: Callable[[float, Recording], None],
    ) -> None:
        sitting.finish(self._do(self._shown(sitting, person, name), person, action)[1])

    def _remember(self, person: PersonId, recording: RecordingId, name: Name) -> Name:
        self._door.names.remember(person, {name: recording})
        return name

    def _shown(self, sitting: Sitting, person: PersonId, name: Name) -> RecordingId:
        """Return the recording that is shown under a name; record and refuse any other name."""
        if (recording := sitting.recording(name)) is not None:
            return recording
        with self._transactions.begin() as now:
            self._door.tried(now, name, person)
        raise NotAllowedError(Refusal.UNKNOWN_RECORDING)

    def _do(
        self,
        recording_id: RecordingId,
        person: PersonId,
        action: Callable[[float, Recording], None],
    ) -> tuple[float, RecordingId]:
        """Act on a recording that a person may open; returns the time and the recording's id."""
        with self._transactions.begin() as now:
            found = self._door.find(now, recording_id, person)
            if not isinstance(found, Refusal):
                action(now, found)
        if isinstance(found, Refusal):
            raise NotAllowedError(found)
        return now, found.id

    def _readers(self, now: float, recording_id: RecordingId) -> tuple[bytes, ...]:
        """Return the public keys to seal a verdict to, sorted so that their order tells nothing."""
        recording = self._recordings.get(recording_id)
        return tuple(sorted(self._keys_of_readers(now, recording).values())) if recording else ()

    def _keys_of_readers(self, now: float, recording: Recording) -> dict[PersonId, bytes]:
        """Return the public keys of the members of a recording who may open it."""
        keys = records.keys(self._database)
        return {
            person: keys[person]
            for person in recording.members & keys.keys()
            if self._door.may_open(now, recording, person)
        }

    def _openings(self, now: float) -> dict[PersonId, list[float]]:
        """Return when each person opened recordings for review in the last 24 hours."""
        stored = records.get_setting(self._database, _OPENINGS)
        openings: dict[PersonId, list[float]] = {}
        for person, times in stored.items() if isinstance(stored, dict) else ():
            recent = [
                float(time)
                for time in (times if isinstance(times, list) else ())
                if isinstance(time, int | float) and time > now - DAY_SECONDS
            ]
            if recent:
                openings[person] = recent
        return openings


def choose(
    openable: Sequence[Recording],
    seen: Collection[RecordingId],
    reported: Collection[RecordingId],
    chance: Random,
) -> Recording | None:
    """Return which of the openable recordings (newest first) to review next.

    Those that somebody reported as wrong come first, with what was said right after them, because
    most can be learned from these. Of the others, half of the time it is one that was probably
    misunderstood, otherwise any, so that successful turns are reviewed too. The choice is random,
    so that no recording tells about the next one.
    """
    left = [recording for recording in openable if recording.id not in seen]
    instructive = _reported_or_after(openable, reported)
    if first := [recording for recording in left if recording.id in instructive]:
        return chance.choice(first)
    repeated = _repeated(openable)
    misunderstood = [recording for recording in left if recording.id in repeated]
    if misunderstood and chance.random() < _MISUNDERSTOOD_SHARE:
        return chance.choice(misunderstood)
    return chance.choice(left) if left else None


def _repeated(recordings: Iterable[Recording]) -> set[RecordingId]:
    """Return the recordings that were soon followed by another one in the same room."""
    following: dict[RoomId, float] = {}
    found = set()
    for recording in recordings:
        if following.get(recording.room, math.inf) <= recording.captured + _REPEAT_SECONDS:
            found.add(recording.id)
        following[recording.room] = recording.captured
    return found


def _reported_or_after(
    recordings: Sequence[Recording], reported: Collection[RecordingId]
) -> set[RecordingId]:
    """Return the reported recordings, and those that soon followed one in the same room."""
    last: dict[RoomId, float] = {}
    found = set()
    for recording in reversed(recordings):
        if recording.id in reported:
            last[recording.room] = recording.captured
        if recording.captured <= last.get(recording.room, -math.inf) + _AGAIN_SECONDS:
            found.add(recording.id)
    return found
