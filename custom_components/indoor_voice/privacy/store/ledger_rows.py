"""Data types of the ledger: its rows, and the signed statements about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..people import PersonId, RoomId

type Detail = Mapping[str, str | int | float | bool]
"""Numbers, codes and ids; never anything that was said."""


class RowKind(StrEnum):
    """The kind of event that a row records."""

    BEGUN = "begun"
    PAIRED = "paired"
    UNPAIRED = "unpaired"
    KEPT = "kept"
    DROPPED = "dropped"
    OPENED = "opened"
    REFUSED = "refused"
    CONSENT_GIVEN = "consent-given"
    CONSENT_REFUSED = "consent-refused"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CONSENT_EXPIRED = "consent-expired"
    CONSENT_BOUND = "consent-bound"
    """A consent from an older version, which did not record how its person saw the rooms, was
    bound to the rooms as they are.
    """

    ARRANGED = "arranged"
    """The people or the rooms of the household changed."""

    AUDIENCE_CHANGED = "audience-changed"
    """The members of a room, or the people who can listen to it, changed."""

    CEILING_CHANGED = "ceiling-changed"
    PAUSED = "paused"
    DELETED = "deleted"
    KEY_CREATED = "key-created"
    KEY_REMOVED = "key-removed"
    CAPTURED = "captured"
    """Home Assistant began to pass on the live sound of a satellite."""

    KEY_FOUND = "key-found"
    LESSON_APPROVED = "lesson-approved"
    LESSON_REBUILT = "lesson-rebuilt"
    """A lesson was worked out again without the recordings that it lost."""

    LESSON_OFF = "lesson-off"
    """A lesson lost some of its recordings, and is not used until it is worked out again."""

    LESSON_ENDED = "lesson-ended"
    AGED = "aged"
    CLOCK_JUMPED = "clock-jumped"


ABOUT_ALL: Final = frozenset({RowKind.BEGUN, RowKind.AGED, RowKind.CLOCK_JUMPED})
"""Kinds of rows that everybody may read, including people who came later."""


LISTENING: Final = frozenset({RowKind.OPENED, RowKind.REFUSED, RowKind.CAPTURED})
"""Kinds of rows that show who listened or tried to."""


class Broken(StrEnum):
    """How a ledger was tampered with."""

    EDITED = "edited"
    """A row is not as it was written."""

    MISSING = "missing"
    """A row was removed or moved."""

    FORGED = "forged"
    """A row, the anchor or a given head was not made with the household's seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event to be recorded."""

    kind: RowKind
    actor: PersonId | None = None
    """Who did it; None if nobody with an account did."""

    subjects: frozenset[PersonId] = frozenset()
    """The people whom it is about. They and the actor may read the row."""

    room: RoomId | None = None
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Entry):
    """An event that is recorded."""

    seq: int
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """The signed number and hash of the newest row, to be remembered elsewhere as evidence."""

    seq: int
    hash: bytes
    time: float
    """When the newest row was written."""

    signature: bytes
    public: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of checking that every row is as and where it was written."""

    ok: bool
    rows: int
    """How many rows are intact before the first that is not."""

    first: int | None = None
    since: float | None = None
    """The number of the oldest row, and when it was written; None without rows."""

    first_broken: int | None = None
    """The number of the first row that is not intact."""

    reason: Broken | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAnchor:
    """The signed number and hash of the last row that was removed because of its age."""

    seq: int
    hash: bytes
    time: float
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A person's signed copy of the ledger. docs/keeping.md says how anybody can check it."""

    person: PersonId
    rows: tuple[tuple[Row, str], ...]
    """The rows about the person, newest first, each with the text that was hashed."""

    chain: bytes
    """The hashes of all rows, oldest first, 32 bytes each."""

    anchor: SignedAnchor | None
    head: SignedHead
    verification: Verification
    signature: bytes
    """The signature of the person, the numbers of their rows, the chain and the verification."""
