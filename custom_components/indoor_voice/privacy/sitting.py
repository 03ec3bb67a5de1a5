"""The state of one review sitting: which recordings were shown, heard and judged. No I/O."""

import math
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from .store.sealing import Part

if TYPE_CHECKING:
    from .store.sealing import RecordingId
    from .types import Verdict

BATCH_RECORDINGS: Final = 10
RECORDINGS_BEFORE_REST: Final = 50
SECONDS_BEFORE_REST: Final = 15 * 60.0
REST_SECONDS: Final = 5 * 60.0
"""The length of the suggested pause."""

UNDO_SECONDS: Final = 10.0

_NAME_BYTES: Final = 16

type Name = str
"""The random name of a recording while it is shown; never used again."""


class Stop(StrEnum):
    """Why no recording is shown now."""

    BATCH = "batch"
    """A batch is done, which is a good place to end."""

    REST = "rest"
    """The sitting has lasted so long that a pause is suggested."""

    ENOUGH = "enough"
    """The daily limit is reached."""

    NOTHING = "nothing"
    """No recordings are left."""


MAY_GO_ON: Final = frozenset({Stop.BATCH, Stop.REST})
"""The stops that are only suggested; after the others there is no next recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict that was given."""

    recording: RecordingId
    verdict: Verdict
    at: float


@dataclass(slots=True)
class Sitting:
    """Shows one recording at a time, under a name that is random and used once."""

    done: set[RecordingId] = field(default_factory=set)
    """The recordings that are not shown again in this sitting."""

    opened: set[RecordingId] = field(default_factory=set)
    judged: Judged | None = None
    """The last verdict, until something else is done."""

    _heard: set[RecordingId] = field(default_factory=set)
    _shown: tuple[Name, RecordingId] | None = None
    _shown_count: int = 0
    """How many recordings were shown since the sitting began or the last rest."""

    _since: float = -math.inf
    """When the sitting began or the last rest ended."""

    _active: float = -math.inf
    """When a recording was last shown."""

    def stop(self, now: float, *, go_on: bool) -> Stop | None:
        """Return the stop to suggest before the next recording; `go_on` skips it."""
        due = (
            self._shown_count >= RECORDINGS_BEFORE_REST or now >= self._since + SECONDS_BEFORE_REST
        )
        if now >= self._active + REST_SECONDS or (due and go_on):
            self._since, self._shown_count = now, 0
            return None
        if go_on:
            return None
        if due:
            return Stop.REST
        is_batch = self._shown_count and self._shown_count % BATCH_RECORDINGS == 0
        return Stop.BATCH if is_batch else None

    def show(self, recording: RecordingId, now: float) -> Name:
        """Show a recording instead of the previous one; returns its name."""
        self._shown_count += 1
        self._active = now
        return self._named(recording)

    def recording(self, name: Name) -> RecordingId | None:
        """Return the recording that is shown under a name."""
        return self._shown[1] if self._shown and self._shown[0] == name else None

    def open(self, recording: RecordingId, part: Part, *, is_all: bool = False) -> None:
        """Note that a part of a recording was handed out; there may be no other (`is_all`)."""
        self.opened.add(recording)
        if part is Part.SOUND or is_all:
            self._heard.add(recording)

    def was_heard(self, recording: RecordingId) -> bool:
        """Return whether the sound of a recording, if any, was handed out in this sitting."""
        return recording in self._heard

    def finish(self, recording: RecordingId, judged: Judged | None = None) -> None:
        """Stop showing a recording, with or without a verdict."""
        self.done.add(recording)
        self.judged = judged
        self._shown = None

    def undo(self, recording: RecordingId) -> Name:
        """Show a recording again after its verdict was taken back; returns its new name."""
        self.done.discard(recording)
        self.judged = None
        return self._named(recording)

    def _named(self, recording: RecordingId) -> Name:
        name = secrets.token_hex(_NAME_BYTES)
        self._shown = name, recording
        return name
