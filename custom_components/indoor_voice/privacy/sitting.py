"""One person's reviewing, from its beginning to its end: what was shown, heard and done. No I/O."""

import math
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from .store.sealing import Part

if TYPE_CHECKING:
    from .store.sealing import ClipId
    from .types import Verdict

BATCH_CLIPS: Final = 10
CLIPS_BEFORE_REST: Final = 50
SECONDS_BEFORE_REST: Final = 15 * 60.0
REST_SECONDS: Final = 5 * 60.0
"""The pause that is suggested."""

UNDO_SECONDS: Final = 10.0

_NAME_BYTES: Final = 16

type Name = str
"""What a clip is called while it is shown, and never again."""


class Stop(StrEnum):
    """Why no clip is shown now."""

    BATCH = "batch"
    """So many are done; a good place to end."""

    REST = "rest"
    """It has gone on for so long that a pause is suggested."""

    ENOUGH = "enough"
    """So many were opened in a day that there are no more."""

    NOTHING = "nothing"


MAY_GO_ON: Final = frozenset({Stop.BATCH, Stop.REST})
"""What is only suggested: after the other stops there is no next clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict that was given."""

    clip: ClipId
    verdict: Verdict
    at: float


@dataclass(slots=True)
class Sitting:
    """Shows one clip at a time, under a name that is random and used once."""

    done: set[ClipId] = field(default_factory=set)
    """What is not shown again in this sitting."""

    opened: set[ClipId] = field(default_factory=set)
    judged: Judged | None = None
    """The last verdict, as long as nothing else was done."""

    _heard: set[ClipId] = field(default_factory=set)
    _shown: tuple[Name, ClipId] | None = None
    _clips: int = 0
    """How many were shown since it began, or since the last rest."""

    _since: float = -math.inf
    _active: float = -math.inf
    """When it began or was last rested from, and when something was last shown."""

    def stop(self, now: float, *, go_on: bool) -> Stop | None:
        """Return why to stop before the next clip; who wants to go on is not stopped."""
        due = self._clips >= CLIPS_BEFORE_REST or now >= self._since + SECONDS_BEFORE_REST
        if now >= self._active + REST_SECONDS or (due and go_on):
            self._since, self._clips = now, 0
            return None
        if go_on:
            return None
        if due:
            return Stop.REST
        return Stop.BATCH if self._clips and self._clips % BATCH_CLIPS == 0 else None

    def show(self, clip: ClipId, now: float) -> Name:
        """Show a clip, in place of what was shown before."""
        self._clips += 1
        self._active = now
        return self._named(clip)

    def clip(self, name: Name) -> ClipId | None:
        """Return the clip that is shown by a name."""
        return self._shown[1] if self._shown and self._shown[0] == name else None

    def open(self, clip: ClipId, part: Part) -> None:
        """Take note that a part of it was handed out."""
        self.opened.add(clip)
        if part is Part.SOUND:
            self._heard.add(clip)

    def was_heard(self, clip: ClipId) -> bool:
        """Tell whether its sound was handed out in this sitting."""
        return clip in self._heard

    def finish(self, clip: ClipId, judged: Judged | None = None) -> None:
        """Be done with a clip, by a verdict or without one."""
        self.done.add(clip)
        self.judged = judged
        self._shown = None

    def undo(self, clip: ClipId) -> Name:
        """Show a clip again whose verdict was taken back."""
        self.done.discard(clip)
        self.judged = None
        return self._named(clip)

    def _named(self, clip: ClipId) -> Name:
        name = secrets.token_hex(_NAME_BYTES)
        self._shown = name, clip
        return name
