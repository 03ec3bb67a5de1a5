"""The room daemon: connects microphone, wake word, turn, loudspeaker and link."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Final, Self

from wyoming.event import Event
from wyoming.wake import Detection

from indoor_voice.errors import UserError

from .controls.lamp import Lamp
from .controls.socket import BusyError
from .mute import Mute
from .settings import Settings
from .sound.cues import Cue
from .sound.listener import Listener
from .sound.loudspeaker import Loudspeaker
from .sound.microphone import Microphone
from .sound.pcm import Samples
from .sound.pre_roll import PreRoll
from .sound.prompts import NOTHING, spoken_code
from .sound.wake_models import WakeModel
from .sound.wake_word import Detector
from .storage import Storage
from .turn.actions import (
    Action,
    CloseStream,
    EndPlayback,
    GiveUp,
    OpenStream,
    Play,
    PlayCue,
    Refuse,
    SendPlayed,
    StartPlayback,
    StopPlayback,
)
from .turn.inputs import Input, Muted, PlaybackFinished, Pressed, TimePassed, Unmuted, WakeWordHeard
from .turn.machine import State, TurnMachine
from .wire import events
from .wire.controller import Controllers, UnknownWakeWordError
from .wire.description import Description

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


class SatelliteRoom:
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
        self._cues = {Cue.FAILED, Cue.MUTED, Cue.UNMUTED} if quiet else set(Cue)
        self.show: Callable[[Lamp], None] = lambda _: None
        """Lights a lamp, if the device has one."""
        self.code: str | None = None
        """The pairing code while the device is unpaired."""
        self.on_pair: Callable[[], None] = self.say_code
        """Called when the button is pressed on an unpaired device; it says a code."""
        self._loop = asyncio.get_running_loop()
        self._turn = TurnMachine(muted=settings.mute.muted)
        self._mute = settings.mute
        self._storage = Storage(settings, self._send_status)
        self._changes = 0
        self._changing: set[asyncio.Task[None]] = set()
        self._lent = False
        self._alarm: asyncio.TimerHandle | None = None
        self._before = PreRoll(PRE_ROLL_SECONDS)
        self._streaming = False
        self._listener = Listener(microphone, detector, self._hear, self._send_status)
        self.controllers = Controllers(self)
        loudspeaker.on_change = self._send_status

    async def __aenter__(self) -> Self:
        """Begin to listen, unless muted."""
        self._rest_if_unwanted()
        self._show_lamp()
        await self._listener.__aenter__()
        await self._storage.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        await self._storage.__aexit__(exc_type, exc, traceback)
        await self._listener.__aexit__(exc_type, exc, traceback)
        self.controllers.close()
        if self._alarm is not None:
            self._alarm.cancel()

    async def until_listening(self) -> None:
        """Wait until a wake word would be heard, or it shows that none will be for now."""
        await self._listener.until_ready()

    def info(self) -> Event:
        """Describe this satellite."""
        return self._description.event(self._wake_words.values(), self._active_wake_words)

    def status(self) -> Event:
        """Say whether it is muted, and whether its devices work."""
        return events.status(
            self._mute,
            microphone=self._listener.works,
            loudspeaker=self._loudspeaker.works,
            storage=self._storage.works,
            mute_kept=not self._mute.muted or self._settings.mute.muted,
        )

    @property
    def muted(self) -> bool:
        """Whether the microphone is closed on purpose."""
        return self._mute.muted

    async def mute(self, muted: bool) -> None:  # noqa: FBT001 - the event's own
        """Do what Home Assistant asks for, and tell it how it is now.

        Raises:
            MutedOnDeviceError: only the device can do that.
            UserError: it cannot be kept over a restart. To mute is done all the same, to unmute
                is not.
        """
        await self._change_whole(self._mute.asked(muted))

    async def mute_on_device(self, muted: bool) -> None:  # noqa: FBT001 - what its users have in hand
        """Do what somebody wants who stands beside the device.

        Raises:
            UserError: it cannot be kept over a restart. To mute is done all the same, to unmute
                is not.
        """
        await self._change_whole(self._mute.switched(muted))

    def press(self) -> None:
        """Take in a press of the button: to pair, to speak, or to end what goes on."""
        if self.code is None:
            self.handle(Pressed())
        else:
            self.on_pair()

    def say_code(self) -> None:
        """Say the code once more."""
        if self.code is not None:
            self._loudspeaker.say(spoken_code(self.code))

    def tell_code(self, code: str | None) -> None:
        """Say the six digits with which to pair; None once that is done."""
        paired = code is None and self.code is not None
        self.code = code
        self._loudspeaker.say(spoken_code(code, times=2) if code else NOTHING)
        if paired:
            self._do(PlayCue(Cue.DONE))

    @asynccontextmanager
    async def microphone_lent(self) -> AsyncGenerator[None]:
        """Leave the microphone to somebody else during the block; raises `BusyError`."""
        if self._lent or self._turn.state is not State.IDLE:
            raise BusyError
        self._lent = True
        try:
            self._rest_if_unwanted()
            await self._listener.until_closed()
            yield
        finally:
            self._lent = False
            self._rest_if_unwanted()

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
        before, self._settings.wake_words = self._settings.wake_words, chosen
        try:
            await self._storage.keep()
        except UserError:
            self._settings.wake_words = before
            raise
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

    async def _change_whole(self, mute: Mute) -> None:
        """Change it to the end, even if who asked for it is gone by then."""
        task = asyncio.create_task(self._change(mute))
        self._changing.add(task)
        task.add_done_callback(self._changing.discard)
        await asyncio.shield(task)

    async def _change(self, mute: Mute) -> None:
        self._changes += 1
        change = self._changes
        if mute.muted:
            self._apply(mute)
        try:
            await self._storage.keep_mute(mute)
            # Who muted while this was being written has the last word.
            if not mute.muted and change == self._changes:
                self._apply(mute)
        except UserError as err:
            _LOGGER.error(  # noqa: TRY400 - the message says it all
                "The microphone is closed, but %s: %s",
                "open again after a restart" if mute.muted else "stays so",
                err,
            )
            self._do(PlayCue(Cue.FAILED))
            raise
        finally:
            self._send_status()

    def _apply(self, mute: Mute) -> None:
        self._mute = mute
        self._rest_if_unwanted()
        self.handle(Muted() if mute.muted else Unmuted())
        self._show_lamp()

    def _rest_if_unwanted(self) -> None:
        resting = self._mute.muted or self._lent
        self._listener.rest(resting=resting)
        if resting:
            self._before.drain()

    def _send_status(self) -> None:
        self.controllers.send(self.status())

    def _show_lamp(self) -> None:
        if self._streaming:
            self.show(Lamp.STREAMING)
        else:
            self.show(Lamp.MUTED if self._mute.muted else Lamp.DARK)

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
            case Refuse():
                self.controllers.send(events.error("The satellite is muted", "muted"))
            case StartPlayback(pcm_format):
                self._loudspeaker.start(pcm_format, self._finish_playback)
            case Play(pcm):
                self._loudspeaker.play(pcm)
            case EndPlayback():
                self._loudspeaker.end()
            case StopPlayback():
                self._loudspeaker.stop()
            case SendPlayed(heard):
                self.controllers.send(events.played(heard=heard))

    def _open_stream(self, turn: int, wake_word: str | None) -> None:
        before = self._before.drain()
        if wake_word is not None:
            self.controllers.send(Detection(name=wake_word).event())
        elif Cue.HEARD not in self._cues:
            # A microphone that nobody's word has opened never opens in silence.
            self._loudspeaker.cue(Cue.HEARD)
        self.controllers.send(events.run_pipeline(turn, wake_word))
        self.controllers.send(events.audio_start())
        # Without a wake word nobody has spoken to the satellite yet: what was before stays here.
        for block in before if wake_word is not None else ():
            self.controllers.send(events.audio_chunk(block))
        self._streaming = True
        self._show_lamp()

    def _close_stream(self) -> None:
        self._streaming = False
        self._show_lamp()
        self.controllers.drop_audio()
        self.controllers.send(events.audio_stop())

    def _finish_playback(self, heard: bool = True) -> None:  # noqa: FBT001, FBT002 - a callback's
        self.handle(PlaybackFinished(heard))
