"""Review: somebody who was named hears a recording, and says what the assistant made of it.

All of it goes through the door, and for each recording the rules are asked again. Limits protect
reviewers: each sitting suggests pauses, and the day's limit can't be moved by using another
browser.
"""

import math
from dataclasses import replace
from random import SystemRandom
from typing import TYPE_CHECKING, Final

from .consent import rules
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
"""How many recordings somebody may open for review in any 24 hours."""

_SAID_AGAIN_SECONDS: Final = 30.0
"""Who says something again so soon was probably misunderstood."""

_PROBABLE: Final = 0.5
"""How often a recording is shown that was probably misunderstood, where there is one."""

_OPENINGS: Final = "review openings"
_CHANCE: Final = SystemRandom()


class Review:
    """What a person may do in a sitting; each method raises `NotAllowedError` and `StoreError`."""

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
        """Show a recording, by a new name; else say why to stop, over which `go_on` goes if it can.

        Who may listen nowhere is refused, which is recorded.
        """
        person = self._door.require_known(person)
        with self._transactions.begin() as now:
            openable = self._door.openable(now, person)
            may = bool(openable) or rules.may_review(self._state.situation(now), person)
            if not may:
                self._journal.refusal(now, None, person)
            opened = self._openings(now).get(person, [])
        if not may:
            raise NotAllowedError(Refusal.NOT_A_LISTENER)
        seen = sitting.done | self._recordings.reviewed(person)
        recording = choose(openable, seen, _CHANCE)
        if recording is None:
            return Stop.NOTHING
        if len(opened) >= RECORDINGS_A_DAY:
            return Stop.ENOUGH
        return sitting.stop(now, go_on=go_on) or self._called(
            person, recording.id, sitting.show(recording.id, now)
        )

    def open(self, sitting: Sitting, person: PersonId | None, name: Name, part: Part) -> Opened:
        """Return what opens the recording that is shown by a name, after that was recorded."""
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
        sitting.open(recording, part)
        return opened

    def judge(
        self,
        sitting: Sitting,
        person: PersonId | None,
        name: Name,
        verdict: Verdict,
        sealed: Mapping[bytes, bytes],
    ) -> None:
        """Take a verdict on a recording that was heard in this sitting.

        `sealed` has it, and corrected words, by the public keys of its readers: what of a recording
        they may know, Home Assistant may not. It stays as long as they have a key to the recording.
        """
        person = self._door.require_known(person)
        if not all(map(is_verdict, sealed.values())):
            raise NotAllowedError(Refusal.BAD_TERMS)

        def judge(now: float, recording: Recording) -> None:
            if not sitting.was_heard(recording.id):
                raise NotAllowedError(Refusal.NOT_HEARD)
            if recording.id in self._recordings.reviewed(person):
                raise NotAllowedError(Refusal.ALREADY_REVIEWED)  # in another sitting meanwhile
            readers = self._keys_of_readers(now, recording)
            known = {reader: sealed[key] for reader, key in readers.items() if key in sealed}
            self._recordings.put_verdict(recording.id, person, known)
            self._journal.count(now, f"verdict {verdict}")

        now, recording = self._do(self._shown(sitting, person, name), person, judge)
        sitting.finish(recording, Judged(recording=recording, verdict=verdict, at=now))

    def undo(self, sitting: Sitting, person: PersonId | None) -> Name:
        """Take the last verdict back, and show its recording again by a new name."""
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
        return self._called(person, recording, sitting.undo(recording))

    def skip(self, sitting: Sitting, person: PersonId | None, name: Name) -> None:
        """Leave a recording out of this sitting."""
        person = self._door.require_known(person)
        self._finish(sitting, person, name, lambda _now, _recording: None)

    def destroy(self, sitting: Sitting, person: PersonId | None, name: Name) -> None:
        """Delete a recording for everybody, which cannot be undone."""
        person = self._door.require_known(person)
        actor = Actor(person=person, how="panel")

        def destroy(now: float, recording: Recording) -> None:
            self._door.delete(now, [recording], "review", actor)

        self._finish(sitting, person, name, destroy)

    def give_up(self, sitting: Sitting, person: PersonId | None, name: Name) -> None:
        """Take a recording from who does not want to hear it again, for good."""
        person = self._door.require_known(person)

        def give_up(now: float, recording: Recording) -> None:
            self._door.take_away(now, recording, person)

        self._finish(sitting, person, name, give_up)

    def _finish(
        self,
        sitting: Sitting,
        person: PersonId,
        name: Name,
        work: Callable[[float, Recording], None],
    ) -> None:
        sitting.finish(self._do(self._shown(sitting, person, name), person, work)[1])

    def _called(self, person: PersonId, recording: RecordingId, name: Name) -> Name:
        self._door.names.remember(person, {name: recording})
        return name

    def _shown(self, sitting: Sitting, person: PersonId, name: Name) -> RecordingId:
        """Return what is shown by a name; refuse any other, which is recorded."""
        if (recording := sitting.recording(name)) is not None:
            return recording
        with self._transactions.begin() as now:
            self._door.tried(now, name, person)
        raise NotAllowedError(Refusal.UNKNOWN_RECORDING)

    def _do(
        self, recording_id: RecordingId, person: PersonId, work: Callable[[float, Recording], None]
    ) -> tuple[float, RecordingId]:
        """Do something with a recording that somebody may open; returns when, and which it was."""
        with self._transactions.begin() as now:
            found = self._door.find(now, recording_id, person)
            if not isinstance(found, Refusal):
                work(now, found)
        if isinstance(found, Refusal):
            raise NotAllowedError(found)
        return now, found.id

    def _readers(self, now: float, recording_id: RecordingId) -> tuple[bytes, ...]:
        """Return to which public keys a verdict is to be sealed; their order tells nothing."""
        recording = self._recordings.get(recording_id)
        return tuple(sorted(self._keys_of_readers(now, recording).values())) if recording else ()

    def _keys_of_readers(self, now: float, recording: Recording) -> dict[PersonId, bytes]:
        """Return those of a recording's members who may open it, with their public keys."""
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
    openable: Sequence[Recording], seen: Collection[RecordingId], chance: Random
) -> Recording | None:
    """Return which recording to ask about, of those that somebody may open, the newest first.

    By turns one at random, so that what went well is heard too, and one that was probably
    misunderstood; never in the order of time, so that none tells about the next.
    """
    left = [recording for recording in openable if recording.id not in seen]
    likely = _said_again(openable)
    probable = [recording for recording in left if recording.id in likely]
    if probable and chance.random() < _PROBABLE:
        return chance.choice(probable)
    return chance.choice(left) if left else None


def _said_again(recordings: Iterable[Recording]) -> set[RecordingId]:
    """Return the recordings after which something was said in the same room very soon."""
    following: dict[RoomId, float] = {}
    found = set()
    for recording in recordings:
        if following.get(recording.room, math.inf) <= recording.captured + _SAID_AGAIN_SECONDS:
            found.add(recording.id)
        following[recording.room] = recording.captured
    return found
