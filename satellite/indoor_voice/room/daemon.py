"""The room daemon: connects microphone, wake word, turn, loudspeaker and link."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from wyoming.event import Event
from wyoming.wake import Detection

from . import events
from .audio import Samples
from .controller import Controllers, UnknownWakeWordError
from .cues import Cue
from .description import Description
from .listener import Listener
from .loudspeaker import Loudspeaker
from .microphone import Microphone
from .ring import Ring
from .settings import Settings
from .turn import (
    Action,
    CloseStream,
    EndPlayback,
    GiveUp,
    Input,
    OpenStream,
    Play,
    PlaybackFinished,
    PlayCue,
    SendPlayed,
    StartPlayback,
    StopPlayback,
    TimePassed,
    TurnMachine,
    WakeWordHeard,
)
from .wake_models import WakeModel
from .wake_word import Detector

_LOGGER = logging.getLogger(__name__)

PRE_ROLL_SECONDS: Final = 1.4
"""Sound from before the wake word was found that goes with a turn: the whole wake word.

Measured with Piper's "hey jarvis" at three speeds, 72 utterances with gaps of 0 to 500 ms before
the command: found -0.06 to 0.10 s after the phrase's end, 0.66 to 0.84 s after its beginning.
Commands transcribed right by Whisper tiny.en of 36, the wake phrase removed: 31 with no pre-roll
or 0.16 s, 27 with 0.32 s, 16 with 0.48 s (half a wake word reads as any word), 31 with 0.8 to 2 s.
So all of it or nothing; all of it also keeps the command's first sound when a wake word is found
late, and the cue that sounds meanwhile changes none of these numbers.
"""


class Room:
    """What happens in the room, while its `async with` block runs.

    Everything here runs in the event loop; microphone and loudspeaker have threads of their own.
    """

    def __init__(  # noqa: PLR0913 - the parts of a satellite
        self,
        *,
        description: Description,
        wake_words: Mapping[str, WakeModel],
        active_wake_words: Sequence[str],
        settings: Settings,
        microphone: Microphone,
        detector: Detector,
        loudspeaker: Loudspeaker,
        quiet: bool = False,
    ) -> None:
        """Put the parts together; `quiet` leaves out the cues of success."""
        self._description = description
        self._wake_words = wake_words
        self._active_wake_words = list(active_wake_words)
        self._settings = settings
        self._loudspeaker = loudspeaker
        self._cues = {Cue.FAILED} if quiet else set(Cue)
        self._loop = asyncio.get_running_loop()
        self._turn = TurnMachine()
        self._alarm: asyncio.TimerHandle | None = None
        self._before = Ring(PRE_ROLL_SECONDS)
        self._streaming = False
        self._listener = Listener(microphone, detector, self._hear)
        self.controllers = Controllers(self)

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        await self._listener.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        await self._listener.__aexit__(exc_type, exc, traceback)
        if self._alarm is not None:
            self._alarm.cancel()

    def info(self) -> Event:
        """Describe this satellite."""
        return self._description.event(self._wake_words.values(), self._active_wake_words)

    async def choose_wake_words(self, names: Sequence[str]) -> None:
        """Listen for these from now on, and after a restart.

        Raises:
            UnknownWakeWordError: one of them is not known.
            UserError: the choice cannot be kept.
        """
        unknown = [name for name in names if name not in self._wake_words]
        if unknown:
            raise UnknownWakeWordError(f"No such wake word: {', '.join(unknown)}")
        chosen = list(dict.fromkeys(names))
        await asyncio.to_thread(self._settings.choose, chosen)
        self._active_wake_words = chosen
        self._listener.choose([self._wake_words[name] for name in chosen])

    def handle(self, happened: Input) -> None:
        """Let the turn machine see what happened, and do what it says."""
        before = self._turn.state
        for action in self._turn.handle(happened, self._loop.time()):
            self._do(action)
        if self._turn.state is not before:
            _LOGGER.debug("%s: %s to %s", type(happened).__name__, before, self._turn.state)
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._turn.deadline_seconds is not None:
            self._alarm = self._loop.call_at(self._turn.deadline_seconds, self.handle, TimePassed())

    def _hear(self, block: Samples, wake_word: str | None) -> None:
        if self._streaming:
            self.controllers.send(events.audio_chunk(block))
        else:
            self._before.add(block)
        if wake_word is not None:
            self.handle(WakeWordHeard(wake_word))

    def _do(self, action: Action) -> None:  # noqa: C901 - a table
        match action:
            case PlayCue(cue):
                if cue in self._cues:
                    self._loudspeaker.cue(cue)
            case OpenStream(turn, wake_word):
                self._open_stream(turn, wake_word)
            case CloseStream():
                self._close_stream()
            case GiveUp(turn):
                self.controllers.send(events.turn_given_up(turn))
            case StartPlayback(pcm_format):
                self._loudspeaker.start(pcm_format, self._finish_playback)
            case Play(pcm):
                self._loudspeaker.play(pcm)
            case EndPlayback():
                self._loudspeaker.end()
            case StopPlayback():
                self._loudspeaker.stop()
            case SendPlayed():
                self.controllers.send(events.played())

    def _open_stream(self, turn: int, wake_word: str | None) -> None:
        before = self._before.drain()
        if wake_word is not None:
            self.controllers.send(Detection(name=wake_word).event())
        self.controllers.send(events.run_pipeline(turn, wake_word))
        self.controllers.send(events.audio_start())
        # Without a wake word nobody has spoken to the satellite yet: what was before stays here.
        for block in before if wake_word is not None else ():
            self.controllers.send(events.audio_chunk(block))
        self._streaming = True

    def _close_stream(self) -> None:
        self._streaming = False
        self.controllers.drop_audio()
        self.controllers.send(events.audio_stop())

    def _finish_playback(self) -> None:
        self.handle(PlaybackFinished())
