"""Review: somebody who was named hears a clip, and says what the assistant made of it.

All of it goes through the door, and for each clip the rules are asked again. Limits protect who
reviews: each sitting suggests pauses, and a day has an end that no other browser moves.
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
from .types import Actor, Opened, Verdict, Why

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from random import Random

    from .door import Door
    from .journal import Account
    from .people import PersonId, RoomId
    from .sitting import Name, Sitting
    from .state import Standing
    from .store.database import Database
    from .store.recordings import Clip, Clips
    from .store.sealing import ClipId, Part
    from .transactions import Changes

CLIPS_A_DAY: Final = 100
"""How many clips somebody may open for review in any 24 hours."""

_SAID_AGAIN_SECONDS: Final = 30.0
"""Who says something again so soon was probably misunderstood."""

_PROBABLE: Final = 0.5
"""How often a clip is shown that was probably misunderstood, where there is one."""

_OPENINGS: Final = "review openings"
_CHANCE: Final = SystemRandom()


class Review:
    """What a person may do in a sitting; each method raises `NotAllowedError` and `StoreError`."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the household that it uses
        self,
        database: Database,
        changes: Changes,
        clips: Clips,
        standing: Standing,
        account: Account,
        door: Door,
    ) -> None:
        self._database = database
        self._changes = changes
        self._clips = clips
        self._standing = standing
        self._account = account
        self._door = door

    def next(self, sitting: Sitting, person: PersonId, *, go_on: bool = False) -> Name | Stop:
        """Show a clip, by a new name; else say why to stop, over which `go_on` goes if it can.

        Who may listen nowhere is refused, which is recorded.
        """
        with self._changes.begin() as now:
            openable = self._door.openable(now, person)
            may = bool(openable) or rules.may_review(self._standing.situation(now), person)
            if not may:
                self._account.refusal(now, None, person)
            opened = self._openings(now).get(person, [])
        if not may:
            raise NotAllowedError(Refusal.NOT_A_LISTENER)
        seen = sitting.done | self._clips.reviewed(person)
        clip = choose(openable, seen, _CHANCE)
        if clip is None:
            return Stop.NOTHING
        if len(opened) >= CLIPS_A_DAY:
            return Stop.ENOUGH
        return sitting.stop(now, go_on=go_on) or self._called(
            person, clip.id, sitting.show(clip.id, now)
        )

    def open(self, sitting: Sitting, person: PersonId, name: Name, part: Part) -> Opened:
        """Return what opens the clip that is shown by a name, after that was recorded."""
        clip = self._shown(sitting, person, name)
        again = clip in sitting.opened
        with self._changes.begin() as now:
            openings = self._openings(now)
            mine = openings.setdefault(person, [])
            if not again and len(mine) >= CLIPS_A_DAY:
                raise NotAllowedError(Refusal.ENOUGH_TODAY)
            opened = self._door.open(now, clip, person, part, Why.REVIEW)
            if isinstance(opened, Opened):
                opened = replace(opened, verdicts=(), readers=self._readers(now, opened.clip))
                if not again:
                    mine.append(now)
                    records.put_setting(self._database, _OPENINGS, openings)
        if isinstance(opened, Refusal):
            raise NotAllowedError(opened)
        sitting.open(clip, part)
        return opened

    def judge(
        self,
        sitting: Sitting,
        person: PersonId,
        name: Name,
        verdict: Verdict,
        sealed: Mapping[bytes, bytes],
    ) -> None:
        """Take a verdict on a clip that was heard in this sitting.

        `sealed` has it, and corrected words, by the public keys of its readers: what of a clip
        they may know, Home Assistant may not. It stays as long as they have a key to the clip.
        """
        if not all(map(is_verdict, sealed.values())):
            raise NotAllowedError(Refusal.BAD_TERMS)

        def judge(now: float, clip: Clip) -> None:
            if not sitting.was_heard(clip.id):
                raise NotAllowedError(Refusal.NOT_HEARD)
            if clip.id in self._clips.reviewed(person):
                raise NotAllowedError(Refusal.ALREADY_REVIEWED)  # in another sitting meanwhile
            readers = self._keys_of_readers(now, clip)
            known = {reader: sealed[key] for reader, key in readers.items() if key in sealed}
            self._clips.put_verdict(clip.id, person, known)
            self._account.count(now, f"verdict {verdict}")

        now, clip = self._do(self._shown(sitting, person, name), person, judge)
        sitting.finish(clip, Judged(clip=clip, verdict=verdict, at=now))

    def undo(self, sitting: Sitting, person: PersonId) -> Name:
        """Take the last verdict back, and show its clip again by a new name."""
        last = sitting.judged
        if last is None:
            raise NotAllowedError(Refusal.NOTHING_TO_UNDO)

        def undo(now: float, clip: Clip) -> None:
            if now > last.at + UNDO_SECONDS:
                raise NotAllowedError(Refusal.NOTHING_TO_UNDO)
            self._clips.drop_verdict(clip.id, person)
            self._account.count(now, f"verdict {last.verdict}", -1)

        clip = self._do(last.clip, person, undo)[1]
        return self._called(person, clip, sitting.undo(clip))

    def skip(self, sitting: Sitting, person: PersonId, name: Name) -> None:
        """Leave a clip out of this sitting."""
        self._finish(sitting, person, name, lambda _now, _clip: None)

    def destroy(self, sitting: Sitting, person: PersonId, name: Name) -> None:
        """Delete a clip for everybody, which cannot be undone."""
        actor = Actor(person=person, how="panel")

        def destroy(now: float, clip: Clip) -> None:
            self._door.delete(now, [clip], "review", actor)

        self._finish(sitting, person, name, destroy)

    def give_up(self, sitting: Sitting, person: PersonId, name: Name) -> None:
        """Take a clip from who does not want to hear it again, for good."""

        def give_up(now: float, clip: Clip) -> None:
            self._door.take_away(now, clip, person)

        self._finish(sitting, person, name, give_up)

    def _finish(
        self,
        sitting: Sitting,
        person: PersonId,
        name: Name,
        work: Callable[[float, Clip], None],
    ) -> None:
        sitting.finish(self._do(self._shown(sitting, person, name), person, work)[1])

    def _called(self, person: PersonId, clip: ClipId, name: Name) -> Name:
        self._door.names.remember(person, {name: clip})
        return name

    def _shown(self, sitting: Sitting, person: PersonId, name: Name) -> ClipId:
        """Return what is shown by a name; refuse any other, which is recorded."""
        if (clip := sitting.clip(name)) is not None:
            return clip
        with self._changes.begin() as now:
            self._door.tried(now, name, person)
        raise NotAllowedError(Refusal.UNKNOWN_CLIP)

    def _do(
        self, clip_id: ClipId, person: PersonId, work: Callable[[float, Clip], None]
    ) -> tuple[float, ClipId]:
        """Do something with a clip that somebody may open; returns when, and which it was."""
        with self._changes.begin() as now:
            found = self._door.find(now, clip_id, person)
            if not isinstance(found, Refusal):
                work(now, found)
        if isinstance(found, Refusal):
            raise NotAllowedError(found)
        return now, found.id

    def _readers(self, now: float, clip_id: ClipId) -> tuple[bytes, ...]:
        """Return to which public keys a verdict is to be sealed; their order tells nothing."""
        clip = self._clips.get(clip_id)
        return tuple(sorted(self._keys_of_readers(now, clip).values())) if clip else ()

    def _keys_of_readers(self, now: float, clip: Clip) -> dict[PersonId, bytes]:
        """Return those of a clip's members who may open it, with their public keys."""
        keys = records.keys(self._database)
        return {
            person: keys[person]
            for person in clip.members & keys.keys()
            if self._door.may_open(now, clip, person)
        }

    def _openings(self, now: float) -> dict[PersonId, list[float]]:
        """Return when each person opened clips for review in the last 24 hours."""
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


def choose(openable: Sequence[Clip], seen: Collection[ClipId], chance: Random) -> Clip | None:
    """Return which clip to ask about, of those that somebody may open, the newest first.

    By turns one at random, so that what went well is heard too, and one that was probably
    misunderstood; never in the order of time, so that none tells about the next.
    """
    left = [clip for clip in openable if clip.id not in seen]
    likely = _said_again(openable)
    probable = [clip for clip in left if clip.id in likely]
    if probable and chance.random() < _PROBABLE:
        return chance.choice(probable)
    return chance.choice(left) if left else None


def _said_again(clips: Iterable[Clip]) -> set[ClipId]:
    """Return the clips after which something was said in the same room very soon."""
    following: dict[RoomId, float] = {}
    found = set()
    for clip in clips:
        if following.get(clip.room, math.inf) <= clip.captured + _SAID_AGAIN_SECONDS:
            found.add(clip.id)
        following[clip.room] = clip.captured
    return found
