"""What a speech server answers to sound, within bounds."""

from typing import TYPE_CHECKING, Final, Protocol

from wyoming.asr import Transcript
from wyoming.error import Error
from wyoming.vad import VoiceStarted, VoiceStopped

from .client import Bounds
from .refusal import ServerRefusedError, code_of
from .text import clean_speech
from .wire import FrameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .wire import Connection

MAX_TRANSCRIPT: Final = 500
"""Characters: more than anybody says in the 15 s that a turn's sound may last."""
MAX_EVENTS: Final = 200
"""Before the transcript; a server of ours sends two."""
BOUNDS: Final = Bounds(data_bytes=16 * 1024, payload_bytes=4 * 1024)


class Hints(Protocol):
    """Who wants to hear how it goes on."""

    @property
    def voice_started(self) -> Callable[[], None]:
        """Called when somebody begins to speak."""

    @property
    def voice_stopped(self) -> Callable[[], None]:
        """Called when they have ended."""


async def transcript(connection: Connection, hints: Hints | None) -> str:
    """Wait for what was said, however long it takes; the text is one line, and may be empty.

    Raises `ServerRefusedError`, or `LinkError`: also where the answer cannot be speech.
    """
    for _ in range(MAX_EVENTS):
        event = await connection.receive()
        if Transcript.is_type(event.type):
            return _text(event.data.get("text"))
        if Error.is_type(event.type):
            raise ServerRefusedError(code_of(event))
        if hints is not None and VoiceStarted.is_type(event.type):
            hints.voice_started()
        elif hints is not None and VoiceStopped.is_type(event.type):
            hints.voice_stopped()
    raise FrameError("the server sent a flood of events")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise FrameError("a transcript has no text")
    # One more than may be, to see that there is more.
    text = clean_speech(value, MAX_TRANSCRIPT + 1)
    if len(text) > MAX_TRANSCRIPT or len(value) > 4 * MAX_TRANSCRIPT:
        raise FrameError("a transcript is longer than anybody can have spoken")
    return text
