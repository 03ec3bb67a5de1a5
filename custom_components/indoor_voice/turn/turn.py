"""The state of one turn."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wyoming.event import Event, Eventable

from ..assistant.assistants import FIRST
from .microphone import MicrophoneStream

if TYPE_CHECKING:
    from homeassistant.components.assist_pipeline import PipelineEvent

    from ..devices.coordinator import Outcome
    from .capture import TurnCapture


@dataclass(slots=True, kw_only=True, eq=False)
class Turn:
    """A turn, from its start on the satellite to the end of the answer."""

    number: int | None
    """The satellite's count of its turns; None for satellites of other vendors."""

    wake_word_phrase: str | None
    assistant: int = FIRST
    """One of `assistant/assistants.py`."""

    microphone: MicrophoneStream = field(default_factory=MicrophoneStream)
    task: asyncio.Task[None] | None = None
    """Runs the pipeline."""

    answer: asyncio.Task[None] | None = None
    """Sends the answer and waits until it has been heard."""

    tts_token: str | None = None
    """Identifies the answer's audio stream; known before the answer is."""

    error_code: str | None = None
    busy: bool = False
    """Whether it failed because the speech server was busy."""

    understood: bool = True
    """Whether the conversation agent understood the text; true until it reports otherwise."""

    outcome: Outcome | None = None
    """Set once the turn has ended, unless a newer turn replaced it."""

    ended: bool = False
    """Whether the pipeline has reported the end of its run."""

    asks_back: bool = False
    """Whether its answer is a question."""

    open_conversation: str | None = None
    """The conversation in which the agent asked back; only that agent hears the turn."""

    capture: TurnCapture | None = None
    """Set while the turn runs, in a room whose turns are kept."""

    about_keeping: bool = False
    """Whether it is a command about keeping; such a turn is never kept itself."""

    def tagged(self, message: Event | Eventable) -> Event:
        """Return a message as an event that names this turn."""
        event = message if isinstance(message, Event) else message.event()
        if self.number is not None:
            event.data["turn"] = self.number
        return event

    def hear(self, audio: bytes) -> None:
        """Pass sound (16 kHz, 16 bit, mono) to the pipeline, and a copy to the capture."""
        self.microphone.feed(audio)
        if self.capture is not None:
            self.capture.hear(audio)

    def note(self, event: PipelineEvent) -> None:
        """Pass a pipeline event to the capture."""
        if self.capture is not None:
            self.capture.note(event)

    def note_busy(self) -> None:
        """Record that the speech server was busy."""
        self.busy = True

    def note_about_keeping(self) -> None:
        """Record that it is a command about keeping."""
        self.about_keeping = True

    async def stop(self) -> None:
        """Cancel the turn's tasks and wait until they have ended."""
        self.microphone.end()
        tasks = [task for task in (self.task, self.answer) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
