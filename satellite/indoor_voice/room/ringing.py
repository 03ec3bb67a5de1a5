"""Rings until somebody stops it, or nobody has for a long time."""

import asyncio
from collections.abc import Callable
from typing import Final

from .sound.cues import Cue
from .sound.loudspeaker import Loudspeaker

RING_SECONDS: Final = 15 * 60.0
"""After this time nobody is there."""
_VOLUME: Final = 0.5
"""Peak, where 1.0 is full scale: louder than the cues, which may be switched off."""
PULSE_SECONDS: Final = 2.0
"""Between two beginnings of the sound, which leaves a pause to hear a wake word in."""


class Ringing:
    """Repeats a sound on the loudspeaker while something rings."""

    def __init__(
        self,
        loudspeaker: Loudspeaker,
        may_sound: Callable[[], bool],
        on_stopped: Callable[[], None],
    ) -> None:
        """Prepare to ring whenever `may_sound` allows it, and to call `on_stopped` afterwards."""
        self._loudspeaker = loudspeaker
        self._may_sound = may_sound
        self._on_stopped = on_stopped
        self._task: asyncio.Task[None] | None = None

    @property
    def rings(self) -> bool:
        """Whether it rings."""
        return self._task is not None

    def start(self) -> None:
        """Start to ring; what rings already, rings on for as long as if it had just begun."""
        self._cancel()
        self._task = asyncio.create_task(self._ring())

    def stop(self) -> bool:
        """Stop, and return whether anything rang."""
        rang = self.rings
        self._cancel()
        if rang:
            self._on_stopped()
        return rang

    def close(self) -> None:
        """Fall silent without telling anybody."""
        self._cancel()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _ring(self) -> None:
        for _ in range(round(RING_SECONDS / PULSE_SECONDS)):
            if self._may_sound():
                self._loudspeaker.cue(Cue.RINGING, _VOLUME)
            await asyncio.sleep(PULSE_SECONDS)
        self._task = None
        self._on_stopped()
