"""What hands out clips and what deletes them, within the household's transactions.

Nothing else does. It asks the rules, and the ledger has it first.
"""

from typing import TYPE_CHECKING, Final

from .consent import rules
from .errors import Refusal
from .journal import EXPIRED
from .recording_names import Names
from .store.sealing import Part
from .types import ITSELF, Actor, Opened

if TYPE_CHECKING:
    from collections.abc import Collection

    from .journal import Account
    from .people import PersonId
    from .state import Standing
    from .store.recordings import Clip, Clips
    from .store.sealing import ClipId
    from .types import Why

_AT_ONCE: Final = 200


class Door:
    """The one door to the clips; raises `StoreError`."""

    def __init__(self, clips: Clips, standing: Standing, account: Account) -> None:
        self._clips = clips
        self._standing = standing
        self._account = account
        self.names: Final = Names()
        """What clips were called on each connection, and in each sitting."""

    def openable(self, now: float, person: PersonId) -> list[Clip]:
        """Return what somebody may open, the newest first."""
        situation = self._standing.situation(now)
        return [clip for clip in self._clips.all() if self._may_open(situation, clip, person)]

    def may_open(self, now: float, clip: Clip, person: PersonId) -> bool:
        """Return whether the rules let somebody open a clip, and he has a key to it."""
        return self._may_open(self._standing.situation(now), clip, person)

    def _may_open(self, situation: rules.Situation, clip: Clip, person: PersonId) -> bool:
        return rules.may_open(situation, clip, person) and (
            self._clips.key(clip.id, person) is not None
        )

    def find(self, now: float, clip_id: ClipId, person: PersonId) -> Clip | Refusal:
        """Return a clip that somebody may open; else why not, which is recorded."""
        clip = self._clips.get(clip_id)
        if clip is not None and self.may_open(now, clip, person):
            return clip
        self._account.refusal(now, clip, person)
        return Refusal.UNKNOWN_CLIP if clip is None else Refusal.NOT_A_LISTENER

    def tried(self, now: float, name: str, person: PersonId) -> None:
        """Record that somebody tried a name that does not hold for him here.

        One that was given to others for a clip is shown to who may be heard in it, and one that
        was given to nobody to everyone; one of his own, which is outdated, only to himself.
        """
        clip_id = self.names.clip(name)
        clip = None if clip_id is None else self._clips.get(clip_id)
        if self.names.was_given(name, person) or (
            clip is not None and (person in clip.members or self.may_open(now, clip, person))
        ):
            self._account.outdated(now, person)
        elif clip is None:
            self._account.refusal(now, None, person)
        else:
            self._account.refusal_by_name(now, clip, person)

    def open(
        self, now: float, clip_id: ClipId, person: PersonId, part: Part, why: Why
    ) -> Opened | Refusal:
        """Return what somebody needs to open a clip, after that was recorded; else why not."""
        clip = self.find(now, clip_id, person)
        if isinstance(clip, Refusal):
            return clip
        self._account.opening(now, clip, person, part, why)
        key, ciphertext = self._clips.key(clip_id, person), self._clips.part(clip_id, part)
        assert key is not None, "it was found"
        assert ciphertext is not None, "it was found"
        verdicts = self._clips.verdicts(clip_id, person) if part is Part.WORDS else ()
        return Opened(clip=clip.id, key=key, ciphertext=ciphertext, verdicts=verdicts)

    def delete(self, now: float, clips: Collection[Clip], why: str, actor: Actor) -> int:
        """Delete clips; returns how many."""
        deleted = self._clips.delete([clip.id for clip in clips])
        self._account.deletion(now, clips, why, actor)
        return deleted

    def delete_expired(self, now: float) -> int:
        """Delete the clips whose time is over; returns how many."""
        expired = self._clips.delete_expired(now)
        self._account.deletion(now, expired, EXPIRED, ITSELF)
        return len(expired)

    def delete_unopenable(self, now: float, why: str, actor: Actor) -> int:
        """Delete the clips to which nobody has a key any more; returns how many."""
        return self.delete(now, self._clips.unopenable(), why, actor)

    def is_full(self) -> bool:
        """Tell whether all clips take more than the ceiling."""
        return bool(self._beyond(1))

    def make_room(self, now: float) -> int:
        """Delete the oldest clips while all take more than the ceiling; returns how many.

        A few hundred at most, so that nothing waits for long; `is_full` tells whether more follow.
        """
        return self.delete(now, self._beyond(_AT_ONCE), "size", ITSELF)

    def _beyond(self, most: int) -> list[Clip]:
        if self._standing.arrangement is None:
            return []  # the ceiling is not known yet
        return self._clips.beyond(self._standing.arrangement.ceiling.max_bytes, most)

    def take_away(self, now: float, clip: Clip, person: PersonId) -> None:
        """Take a clip from one of its listeners for good; without any other it is deleted.

        Only a deletion is recorded: who does not want to hear a clip again owes no explanation.
        """
        self._clips.drop_keys(clip.id, {person})
        self.delete_unopenable(now, "review", Actor(person=person, how="panel"))

    def settle(self, now: float) -> tuple[int, int]:
        """Let go of what the rules no longer let stay; returns how many clips, and keys."""
        if self._standing.arrangement is None:
            return 0, 0  # not known yet, which is not the same as that nobody lives here
        situation = self._standing.situation(now)
        over, keys = [], 0
        holders = self._clips.holders()
        for clip in self._clips.all():
            expires = min(clip.expires, clip.captured + rules.stays_for(situation, clip))
            held = holders.get(clip.id, frozenset())
            trusted = rules.trusted(situation, clip)
            if expires <= now or not held & trusted:
                over.append(clip)
                continue
            if expires < clip.expires:
                self._clips.shorten(clip.id, expires)
            if held - trusted:
                keys += self._clips.drop_keys(clip.id, held - trusted)
        return self.delete(now, over, "not-wanted", ITSELF), keys
