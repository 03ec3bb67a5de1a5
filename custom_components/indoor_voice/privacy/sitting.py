"""One person's reviewing, from its beginning to its end: what was shown, heard and done. No I/O."""

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
"""The pause that is suggested."""

UNDO_SECONDS: Final = 10.0

_NAME_BYTES: Final = 16

type Name = str
"""What a recording is called while it is shown, and never again."""


class Stop(StrEnum):
    """Why no recording is shown now."""

    BATCH = "batch"
    """So many are done; a good place to end."""

    REST = "rest"
    """It has gone on for so long that a pause is suggested."""

    ENOUGH = "enough"
    """So many were opened in a day that there are no more."""

    NOTHING = "nothing"


MAY_GO_ON: Final = frozenset({Stop.BATCH, Stop.REST})
"""What is only suggested: after the other stops there is no next recording."""


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
    """What is not shown again in this sitting."""

    opened: set[RecordingId] = field(default_factory=set)
    judged: Judged | None = None
    """The last verdict, as long as nothing else was done."""

    _heard: set[RecordingId] = field(default_factory=set)
    _shown: tuple[Name, RecordingId] | None = None
    _recordings: int = 0
    """How many were shown since it began, or since the last rest."""

    _since: float = -math.inf
    _active: float = -math.inf
    """When it began or was last rested from, and when something was last shown."""

    def stop(self, now: float, *, go_on: bool) -> Stop | None:
        """Return why to stop before the next recording; who wants to go on is not stopped."""
        due = self._recordings >= RECORDINGS_BEFORE_REST or now >= self._since + SECONDS_BEFORE_REST
        if now >= self._active + REST_SECONDS or (due and go_on):
            self._since, self._recordings = now, 0
            return None
        if go_on:
            return None
        if due:
            return Stop.REST
        return Stop.BATCH if self._recordings and self._recordings % BATCH_RECORDINGS == 0 else None

    def show(self, recording: RecordingId, now: float) -> Name:
        """Show a recording, in place of what was shown before."""
        self._recordings += 1
        self._active = now
        return self._named(recording)

    def recording(self, name: Name) -> RecordingId | None:
        """Return the recording that is shown by a name."""
        return self._shown[1] if self._shown and self._shown[0] == name else None

    def open(self, recording: RecordingId, part: Part) -> None:
        """Take note that a part of it was handed out."""
        self.opened.add(recording)
        if part is Part.SOUND:
            self._heard.add(recording)

    def was_heard(self, recording: RecordingId) -> bool:
        """Tell whether its sound was handed out in this sitting."""
        return recording in self._heard

    def finish(self, recording: RecordingId, judged: Judged | None = None) -> None:
        """Be done with a recording, by a verdict or without one."""
        self.done.add(recording)
        self.judged = judged
        self._shown = None

    def undo(self, recording: RecordingId) -> Name:
        """Show a recording again whose verdict was taken back."""
        self.done.discard(recording)
        self.judged = None
        return self._named(recording)

    def _named(self, recording: RecordingId) -> Name:
        name = secrets.token_hex(_NAME_BYTES)
        self._shown = name, recording
        return name
