"""What goes into a household and comes out of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from .consent.consent import Channel, ConsentRecord
    from .consent.rules import DropReason
    from .people import PersonId, RoomId
    from .store.records import Json
    from .store.sealing import RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something, and by which way."""

    person: PersonId | None
    """None for who has not said who they are, and for what happens by itself."""

    how: Channel


ITSELF: Final = Actor(person=None, how="system")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedTurn:
    """A turn that is over, in memory only."""

    room: RoomId
    understood: bool
    """Whether it led to something."""

    about_keeping: bool
    """Whether it was itself a command about what is kept."""

    sound: bytes = field(repr=False)
    """What the microphone heard: 16 kHz, 16 bit, mono."""

    words: Mapping[str, Json] = field(repr=False)
    """What was said, done and answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepResult:
    """What became of a turn: one of the two is set."""

    recording: RecordingId | None = None
    dropped: DropReason | None = None


class OpenReason(StrEnum):
    """What a recording is opened for."""

    OWN = "own"
    """To hear what one has said, or may hear."""

    REVIEW = "review"
    """To judge what the assistant made of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a listener needs to open one part of a recording, and nobody else can use."""

    recording: RecordingId
    key: bytes
    ciphertext: bytes
    verdicts: tuple[bytes, ...] = ()
    """With the words: what was said about them in a review, sealed to this listener."""

    readers: tuple[bytes, ...] = ()
    """In a review: the public keys to which a verdict is to be sealed."""


class KeyChange(StrEnum):
    """What became of the locked half of a listening key without its owner."""

    ADDED = "added"
    """There is one, and its owner has none here; also after a backup was restored."""

    CHANGED = "changed"
    """It is of another key than its owner's."""

    MISSING = "missing"
    """It is gone, or cannot be read."""


class Verdict(StrEnum):
    """What a reviewer says of a recording."""

    RIGHT = "right"
    WRONG_WORDS = "wrong-words"
    WRONG_ACTION = "wrong-action"
    NOT_FOR_IT = "not-for-it"
    """Somebody spoke, but not to the assistant."""

    NOT_SPEECH = "not-speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What a withdrawal has ended."""

    records: int
    recordings_deleted: int
    keys_dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnConsent:
    """What somebody was asked and answered, and where that holds now."""

    record: ConsentRecord
    live_rooms: frozenset[RoomId]
    """The rooms in which it gives something."""

    refused_rooms: frozenset[RoomId]
    """The rooms for which it says no."""


class WhyNot(StrEnum):
    """Why a room keeps nothing now."""

    CEILING = "ceiling"
    """The administrator allows nothing to be kept there."""

    HOUSEHOLD = "household"
    ROOM = "room"
    GUESTS = "guests"
    """What is switched off for now: everything, the room, or while there are guests."""

    ME = "me"
    """Whoever asks has not consented."""

    NOBODY = "nobody"
    """Nobody may listen there."""

    OTHERS = "others"
    """Somebody else has not consented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomStatus:
    """What holds in a room now."""

    room: RoomId
    keeps_for_seconds: float
    """0 where nothing is kept, also where nobody may listen."""

    allowed_seconds: float
    """The longest that the administrator allows there."""

    members: frozenset[PersonId]
    listeners: frozenset[PersonId]
    missing: frozenset[PersonId]
    """The members who have not consented to keeping."""

    paused: Literal["household", "room", "guests"] | None
    recordings: int

    def why_not(self, person: PersonId | None) -> list[WhyNot]:
        """Return what keeps the room from keeping, as `person` may know it; empty if it keeps.

        Whether others have consented is told only where nothing else is the reason: to refuse must
        cost nothing.
        """
        if self.keeps_for_seconds:
            return []
        reasons = [
            WhyNot.CEILING if not self.allowed_seconds else None,
            WhyNot(self.paused) if self.paused else None,
            WhyNot.ME if person in self.missing else None,
            WhyNot.NOBODY if not self.listeners else None,
        ]
        return [reason for reason in reasons if reason] or [WhyNot.OTHERS]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What those in a room are to be told."""

    keeps_for_seconds: float
    members: frozenset[PersonId]
    listeners: frozenset[PersonId]
    """Who can listen: who may, and have a listening key."""

    began_or_ended: bool
    """Whether keeping did; otherwise it is the members, or who can listen, that changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts without content, of as long as the ledger reaches back."""

    recordings: int
    size_bytes: int
    next_expiry: float | None
    last_deletion: float | None
    captured: int
    kept: int
    opened: int
    deleted: int
    expired: int
    """How many of those were deleted because their time was over."""

    dropped: Mapping[DropReason, int]
    verdicts: Mapping[Verdict, int]

    @property
    def commands_add_up(self) -> bool:
        """Whether each command that was counted was kept or dropped."""
        return self.captured == self.kept + sum(self.dropped.values())

    @property
    def recordings_add_up(self) -> bool:
        """Whether each recording that was kept is there or was deleted."""
        return self.kept == self.recordings + self.deleted
