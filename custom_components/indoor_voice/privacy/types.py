"""Data types that a household accepts and returns."""

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from .consent.disguise import Disguise
from .consent.rules import Decision, DropReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .consent.consent import Channel, ConsentRecord
    from .people import PersonId, RoomId
    from .store.records import Json
    from .store.sealing import RecordingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person who does something, and the channel they use."""

    person: PersonId | None
    """None if the person is not known, and for automatic events."""

    how: Channel


ITSELF: Final = Actor(person=None, how="system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disguised:
    """The sound of a turn as listeners from outside the room may get it, in memory only."""

    disguise: Disguise
    sound: bytes = field(repr=False)
    """16 bit, mono."""

    rate: int = 16_000
    """Samples per second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedTurn:
    """A turn that is over, in memory only."""

    room: RoomId
    understood: bool
    """Whether the turn led to something."""

    about_keeping: bool
    """Whether the turn was itself a command about recordings."""

    sound: bytes = field(repr=False)
    """The sound from the microphone: 16 kHz, 16 bit, mono."""

    words: Mapping[str, Json] = field(repr=False)
    """The transcript, what was done, and the answer."""

    features: bytes = field(default=b"", repr=False)
    """What the wake word sounded like: docs/sealing.md; empty if that is not known."""

    disguised: Disguised | None = None
    """What was made for listeners from outside, if it was needed and could be made."""

    def without_content(self) -> EndedTurn:
        """Return that there was a turn, without anything that was said in it."""
        return replace(self, sound=b"", words={}, features=b"", disguised=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepResult:
    """Whether an ended turn was kept: exactly one of the two is set."""

    recording: RecordingId | None = None
    dropped: DropReason | None = None


class OpenReason(StrEnum):
    """The purpose for which a recording is opened."""

    OWN = "own"
    """A listener wants to hear it."""

    REVIEW = "review"
    """A reviewer judges what the assistant understood and did."""

    TEACH = "teach"
    """Somebody works out what can be learned from reviewed recordings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What one listener needs to open one part of a recording; useless to anybody else."""

    recording: RecordingId
    key: bytes
    ciphertext: bytes
    disguise: Disguise = Disguise.NONE
    """The form in which this listener gets it."""

    features: bytes | None = None
    """To teach: what the wake word sounded like, sealed as another part of the recording."""

    verdicts: tuple[bytes, ...] = ()
    """For the words: the reviewers' verdicts on them, sealed to this listener."""

    readers: tuple[bytes, ...] = ()
    """In a review: the public keys to which the verdict must be sealed."""


class KeyChange(StrEnum):
    """How a locked listening key differs from the one that its owner added."""

    ADDED = "added"
    """There is a locked key, but its owner added none; also after restoring a backup."""

    CHANGED = "changed"
    """The locked key belongs to another public key than the owner's."""

    MISSING = "missing"
    """The locked key is gone or can't be read."""


class Verdict(StrEnum):
    """A reviewer's verdict on a recording."""

    RIGHT = "right"
    WRONG_WORDS = "wrong-words"
    WRONG_ACTION = "wrong-action"
    NOT_FOR_IT = "not-for-it"
    """Somebody spoke, but not to the assistant."""

    NOT_SPEECH = "not-speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The effects of a withdrawal."""

    records: int
    recordings_deleted: int
    keys_dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnConsent:
    """A person's own consent record, and where it holds now."""

    record: ConsentRecord
    live_rooms: frozenset[RoomId]
    """The rooms in which the consent holds."""

    refused_rooms: frozenset[RoomId]
    """The rooms for which it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomStatus(Decision):
    """What the rules say about a room now, and how many recordings it has."""

    room: RoomId
    recordings: int

    @classmethod
    def of(cls, decision: Decision, room: RoomId, recordings: int) -> Self:
        """Return the status of the room that was decided on."""
        decided = {field.name: getattr(decision, field.name) for field in fields(decision)}
        return cls(room=room, recordings=recordings, **decided)

    def failing(self) -> RoomStatus:
        """Return the status while nothing can be stored."""
        return replace(self, keeps_for_seconds=0.0, why_not=(DropReason.FAILED, *self.why_not))


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a satellite should announce in its room."""

    keeps_for_seconds: float
    members: frozenset[PersonId]
    listeners: frozenset[PersonId]
    """The people who may listen and have a listening key."""

    began_or_ended: bool
    """Whether keeping began or ended; otherwise the members or the listeners changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """How often commands were misunderstood in a month."""

    month: str
    """Such as 2026-11."""

    commands: int
    misunderstood: int
    """Those that led to nothing, and those that were judged or reported as wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts without content, for as long as the ledger reaches back."""

    recordings: int
    size_bytes: int
    next_expiry: float | None
    last_deletion: float | None
    captured: int
    kept: int
    opened: int
    deleted: int
    expired: int
    """How many of the deleted recordings had expired."""

    dropped: Mapping[DropReason, int]
    verdicts: Mapping[Verdict, int]

    @property
    def commands_add_up(self) -> bool:
        """Whether each counted command was kept or dropped."""
        return self.captured == self.kept + sum(self.dropped.values())

    @property
    def recordings_add_up(self) -> bool:
        """Whether each recording that was kept is still there or was deleted."""
        return self.kept == self.recordings + self.deleted
