"""Opens a satellite's microphone after an answer that is a question, without a wake word."""

import asyncio
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from wyoming.pipeline import PipelineStage, RunPipeline

from ..link.wire import LinkError

if TYPE_CHECKING:
    from ..devices.satellite import SatelliteData
    from .turn import Turn

SILENCE_SECONDS: Final = 5.0
"""How long the microphone stays open if nobody speaks."""
OPEN_MICROPHONE_SECONDS: Final = 5.0
"""How long the satellite has to open it."""


class FollowUps:
    """Asks one satellite for the turn in which its user replies to a question."""

    def __init__(self, data: SatelliteData) -> None:
        """Initialize without a question."""
        self._data = data
        self._loop = asyncio.get_running_loop()
        self._asked_until = -math.inf
        """Until when the satellite may open its microphone because of a question, in loop time."""

    @property
    def _wanted(self) -> bool:
        health = self._data.health.data
        muted = health.status is None or health.status.muted
        return (
            not muted
            and health.settings is not None
            and bool(health.settings.continued_conversation)
        )

    async def open_microphone(self) -> None:
        """Open the microphone, unless that is switched off or the satellite is muted or gone."""
        if not self._wanted:
            return
        self._asked_until = self._loop.time() + OPEN_MICROPHONE_SECONDS
        with suppress(LinkError):
            await self._data.send(RunPipeline(PipelineStage.ASR, PipelineStage.TTS))

    def begin(self, turn: Turn, wake_word: str | None, previous: Turn | None) -> None:
        """Note that a turn begins.

        If it is a reply, it is for the assistant that asked, and its microphone is closed if the
        reply doesn't come.
        """
        asked_until, self._asked_until = self._asked_until, -math.inf
        if wake_word is None and self._loop.time() < asked_until:
            turn.microphone.end_after(SILENCE_SECONDS)
            if previous is not None:
                turn.assistant = previous.assistant
