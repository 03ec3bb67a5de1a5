"""One turn, from its beginning on the satellite to the end of its answer."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .microphone import MicrophoneStream

if TYPE_CHECKING:
    from homeassistant.components.assist_pipeline import PipelineEvent

    from ..devices.satellite_coordinator import Outcome
    from .capture import TurnCapture


@dataclass(slots=True, kw_only=True, eq=False)
class Turn:
    """A turn from its beginning on the satellite to the end of its answer."""

    number: int | None
    """The satellite's count of its turns; others' satellites do not count."""

    wake_word_phrase: str | None
    microphone: MicrophoneStream = field(default_factory=MicrophoneStream)
    task: asyncio.Task[None] | None = None
    """Runs the pipeline."""

    answer: asyncio.Task[None] | None = None
    """Sends the answer and waits until it was heard."""

    tts_token: str | None = None
    """Names the stream of the answer's sound, known before the answer is."""

    error_code: str | None = None
    busy: bool = False
    """Whether it failed because the speech server had too much to do."""

    understood: bool = True
    """Whether the conversation agent could make something of the text; true until it could not."""

    outcome: Outcome | None = None
    """Set once the turn came to an end by itself, not by something newer."""

    ended: bool = False
    """Whether the pipeline has said that its run is over."""

    open_conversation: str | None = None
    """The conversation in which the agent asked back: a turn in it goes to that agent alone."""

    capture: TurnCapture | None = None
    """Set while the turn goes on in a room that wants its turns kept."""

    about_keeping: bool = False
    """Whether it was a command about keeping, which is never kept itself."""

    def hear(self, audio: bytes) -> None:
        """Let the pipeline have sound (16 kHz, 16 bit, mono), and the recording a copy."""
        self.microphone.feed(audio)
        if self.capture is not None:
            self.capture.hear(audio)

    def note(self, event: PipelineEvent) -> None:
        """Let the recording know what the pipeline reports."""
        if self.capture is not None:
            self.capture.note(event)

    def note_busy(self) -> None:
        """Take note that the speech server had too much to do."""
        self.busy = True

    def note_about_keeping(self) -> None:
        """Take note that it is a command about keeping."""
        self.about_keeping = True

    async def stop(self) -> None:
        """Cancel what still goes on; returns when nothing does."""
        self.microphone.end()
        tasks = [task for task in (self.task, self.answer) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
