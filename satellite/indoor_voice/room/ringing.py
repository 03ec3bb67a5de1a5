"""Rings until somebody stops it, or nobody has for a long time."""

import asyncio
import math
from collections.abc import Callable
from typing import Final

from .sound.cues import Cue
from .sound.loudspeaker import Loudspeaker

RING_SECONDS: Final = 15 * 60.0
"""After this time nobody is there."""
_VOLUME: Final = 0.5
"""Peak, where 1.0 is full scale: louder than the cues, which may be switched off."""
_QUIETEST, _LOUDEST = 0.05, 0.9
"""Of what rises: at first it wakes only who sleeps lightly."""
_RISE_SECONDS: Final = 60.0
PULSE_SECONDS: Final = 2.0
"""Between two beginnings of the sound, which leaves a pause to hear a wake word in."""


class Ringing:
    """Repeats a sound on the loudspeaker while something rings."""

    def __init__(
        self,
        loudspeaker: Loudspeaker,
        may_sound: Callable[[], bool],
        on_stopped: Callable[[bool], None],
    ) -> None:
        """Prepare to ring whenever `may_sound` allows it.

        Afterwards `on_stopped` is called with whether nobody is there: it has ended by itself.
        """
        self._loudspeaker = loudspeaker
        self._may_sound = may_sound
        self._on_stopped = on_stopped
        self._task: asyncio.Task[None] | None = None
        self._seconds = 0.0
        """How long it has been ringing; all that rings now counts."""
        self._rises = False

    @property
    def rings(self) -> bool:
        """Whether it rings."""
        return self._task is not None

    def start(self) -> None:
        """Start to ring; what rings already, rings on for as long as if it had just begun."""
        self._start(rises=False)

    def start_rising(self) -> None:
        """Start to ring quietly, and louder with each pulse, unless something is loud already."""
        self._start(rises=self._rises or not self.rings)

    def stop(self) -> bool:
        """Stop, and return whether anything rang."""
        rang = self.rings
        self._cancel()
        if rang:
            self._on_stopped(False)
        return rang

    def close(self) -> None:
        """Fall silent without telling anybody."""
        self._cancel()

    def _start(self, *, rises: bool) -> None:
        if not self.rings:
            self._seconds = 0.0
        self._cancel()
        self._rises = rises
        self._task = asyncio.create_task(self._ring())

    def _volume(self) -> float:
        if not self._rises:
            return _VOLUME
        risen = min(1.0, self._seconds / _RISE_SECONDS)
        # By equal steps of loudness, as it is heard.
        return _QUIETEST * math.pow(_LOUDEST / _QUIETEST, risen)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _ring(self) -> None:
        for _ in range(round(RING_SECONDS / PULSE_SECONDS)):
            if self._may_sound():
                self._loudspeaker.cue(Cue.RINGING, self._volume())
            await asyncio.sleep(PULSE_SECONDS)
            self._seconds += PULSE_SECONDS
        self._task = None
        self._on_stopped(True)
