"""What the ledger holds and hands out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..people import PersonId, RoomId

type Detail = Mapping[str, str | int | float | bool]
"""Numbers, codes and ids; never what somebody said."""


class RowKind(StrEnum):
    """What happened."""

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
    """To the rooms as they are, since an older version did not record what its person saw."""

    ARRANGED = "arranged"
    """Who lives here, or which rooms there are, is otherwise."""

    AUDIENCE_CHANGED = "audience-changed"
    """Who is expected in a room, or who can listen to it, is otherwise."""

    CEILING_CHANGED = "ceiling-changed"
    PAUSED = "paused"
    DELETED = "deleted"
    KEY_CREATED = "key-created"
    KEY_REMOVED = "key-removed"
    CAPTURED = "captured"
    """Home Assistant began to give a satellite's sound to somebody while it is spoken."""

    KEY_FOUND = "key-found"
    AGED = "aged"
    CLOCK_JUMPED = "clock-jumped"


ABOUT_ALL: Final = frozenset({RowKind.BEGUN, RowKind.AGED, RowKind.CLOCK_JUMPED})
"""What is about everybody, whoever lived there at the time."""


LISTENING: Final = frozenset({RowKind.OPENED, RowKind.REFUSED, RowKind.CAPTURED})
"""What tells who listened, or tried to."""


class Broken(StrEnum):
    """What does not fit."""

    EDITED = "edited"
    """A row is not as it was written."""

    MISSING = "missing"
    """A row is not there, or not in its place."""

    FORGED = "forged"
    """A row, the mark of what aged, or a given head was not made with the household's seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be recorded."""

    kind: RowKind
    actor: PersonId | None = None
    """Who did it; None if nobody with an account."""

    subjects: frozenset[PersonId] = frozenset()
    """Whom it is about; they and the actor may read the row."""

    room: RoomId | None = None
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Entry):
    """What is recorded."""

    seq: int
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """The state of the ledger at its newest row, to be held elsewhere as a witness."""

    seq: int
    hash: bytes
    time: float
    """When the newest row was written."""

    signature: bytes
    public: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether every row is as and where it was written."""

    ok: bool
    rows: int
    """How many fit, before the first that does not."""

    first: int | None = None
    since: float | None = None
    """The number of the oldest row that is there, and when it was written; None without rows."""

    first_broken: int | None = None
    """The number of the first row that does not fit."""

    reason: Broken | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAnchor:
    """What the oldest row follows, where older ones were removed."""

    seq: int
    hash: bytes
    time: float
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What a person may take away; docs/keeping.md says how a stranger checks it."""

    person: PersonId
    rows: tuple[tuple[Row, str], ...]
    """The rows about the person, the newest first, each with the text that its hash is of."""

    chain: bytes
    """The hashes of all rows that there are, the oldest first, 32 bytes each."""

    anchor: SignedAnchor | None
    head: SignedHead
    verification: Verification
    signature: bytes
    """Of which rows are about the person, of the chain, and of the verification."""
