"""Repeats a soft sound while an answer takes its time, for people who wish for one."""

import asyncio
from typing import Final

from .adjustments import Adjustments
from .sound.cues import Cue
from .sound.loudspeaker import Loudspeaker

_SOFT: Final = 0.4
"""Its part of the volume of the other cues."""
PATIENCE_SECONDS: Final = 1.5
"""How long an answer may take without the sound."""
PULSE_SECONDS: Final = 1.5
"""Between two beginnings of the sound."""


class Thinking:
    """Sounds while the satellite waits, if the settings say so."""

    def __init__(self, loudspeaker: Loudspeaker) -> None:
        """Prepare to sound on this loudspeaker."""
        self._loudspeaker = loudspeaker
        self._wanted = False
        self._volume = 0.0
        self._task: asyncio.Task[None] | None = None

    def adjust(self, adjustments: Adjustments) -> None:
        """Use these settings from now on."""
        self._wanted = adjustments.thinking_sound
        self._volume = adjustments.cue_volume * _SOFT
        if not self._wanted:
            self.show(waits=False)

    def show(self, *, waits: bool) -> None:
        """Note whether the satellite waits for an answer."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if waits and self._wanted:
            self._task = asyncio.create_task(self._sound())

    async def _sound(self) -> None:
        await asyncio.sleep(PATIENCE_SECONDS)
        while True:
            self._loudspeaker.cue(Cue.THINKING, self._volume)
            await asyncio.sleep(PULSE_SECONDS)
