"""One turn as Home Assistant sees it: the microphone's stream, and who else may know of it."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from homeassistant.components.assist_pipeline import PipelineEvent

    from .health import Outcome
    from .recording import Recording

MAX_STREAM_SECONDS: Final = 15.0
"""The longest sound that is taken; a satellite closes its microphone by then."""
STREAM_DEADLINE_SECONDS: Final = 20.0
"""The longest time to wait for that sound, so that no pipeline waits for ever."""
_BYTES_PER_SECOND: Final = 32_000


class MicrophoneStream:
    """Carries a satellite's sound (16 kHz, 16 bit, mono) to the pipeline, bounded."""

    def __init__(self) -> None:
        """Begin with an empty, open stream."""
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._room_bytes = int(MAX_STREAM_SECONDS * _BYTES_PER_SECOND)

    def feed(self, audio: bytes) -> None:
        """Add sound; what exceeds the bound ends the stream."""
        if self._room_bytes <= 0:
            return
        self._queue.put_nowait(audio[: self._room_bytes])
        self._room_bytes -= len(audio)
        if self._room_bytes <= 0:
            self.end()

    def end(self) -> None:
        """End the stream; safe to call again."""
        self._room_bytes = 0
        self._queue.put_nowait(None)

    def close(self) -> None:
        """End the stream and forget what nobody has read of it; the turn may be remembered long."""
        self.end()
        self._queue = asyncio.Queue()

    async def read(self) -> AsyncGenerator[bytes]:
        """Yield the sound until the stream ends or its deadline passes."""
        deadline = asyncio.get_running_loop().time() + STREAM_DEADLINE_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    audio = await self._queue.get()
            except TimeoutError:
                return
            if audio is None:
                return
            if audio:
                yield audio


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

    recording: Recording | None = None
    """Set while the turn goes on in a room that wants its turns kept."""

    about_keeping: bool = False
    """Whether it was a command about keeping, which is never kept itself."""

    def hear(self, audio: bytes) -> None:
        """Let the pipeline have sound (16 kHz, 16 bit, mono), and the recording a copy."""
        self.microphone.feed(audio)
        if self.recording is not None:
            self.recording.hear(audio)

    def note(self, event: PipelineEvent) -> None:
        """Let the recording know what the pipeline reports."""
        if self.recording is not None:
            self.recording.note(event)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnHints:
    """What a turn lets those know who serve it, and wants to hear from them."""

    wake_word_phrase: str | None
    """What the sound may begin with and the text must not."""

    vad_sensitivity: str
    """`default`, `relaxed` or `aggressive`."""

    voice_started: Callable[[], None]
    voice_stopped: Callable[[], None]
    about_keeping: Callable[[], None]
    busy: Callable[[], None]


turn_hints: ContextVar[TurnHints | None] = ContextVar("indoor_voice_turn_hints", default=None)
"""Reaches from a satellite's entity through the pipeline to who serves the turn.

The pipeline hands over a language and a stream, or a text, and has no place for more; it runs in a
task that the satellite's entity starts, so it inherits this variable.
"""
