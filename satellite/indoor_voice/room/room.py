"""Connects a satellite's microphone, wake word detector, turn, loudspeaker and link."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from wyoming.event import Event
from wyoming.wake import Detection

from indoor_voice.memory import HeapTrimmer

from .adjusting import Adjusting
from .alarms.waking import Waking
from .controls.lamp import Lamp, Lamps
from .controls.socket import BusyError
from .music.player import MusicPlayer
from .muting import Muting
from .ringing import Ringing
from .saying import Saying
from .sending import Sending
from .settings import Settings
from .sound.cues import Cue
from .sound.hearing import HearingMeter
from .sound.household_verifier import Features
from .sound.listener import Listener
from .sound.loudspeaker import Loudspeaker
from .sound.microphone import AdjustableMicrophone
from .sound.noise import NoiseSuppressor
from .sound.own_sound import OwnSound
from .sound.pcm import Samples
from .sound.pre_roll import PRE_ROLL_SECONDS, PreRoll
from .sound.prompts import Sentence
from .sound.stop_word import StopWord
from .sound.wake_models import WakeModel
from .sound.wake_word import Detector
from .storage import Storage
from .thinking import Thinking
from .timers.counting import Counting
from .turn.actions import (
    Action,
    AskForTurn,
    CloseStream,
    EndPlayback,
    GiveUp,
    OpenStream,
    Play,
    PlayCue,
    Refuse,
    Say,
    SendPlayed,
    StartPlayback,
    StopPlayback,
)
from .turn.inputs import Input, Muted, PlaybackFinished, Pressed, TimePassed, Unmuted, WakeWordHeard
from .turn.machine import VERDICT_SECONDS, State, TurnMachine
from .wake_choice import WakeChoice
from .wake_learning import WakeLearning
from .wire import alarm_events, events, media_events, timer_events
from .wire.controller import Controllers
from .wire.description import Description

_LOGGER = logging.getLogger(__name__)


class SatelliteRoom:
    """Runs the satellite in its room, during an `async with` block.

    All methods run in the event loop; the microphone and the loudspeaker have their own threads.
    """

    def __init__(  # noqa: PLR0913 - the parts of a satellite
        self,
        *,
        description: Description,
        wake_words: Mapping[str, WakeModel],
        active_wake_words: Sequence[str],
        settings: Settings,
        microphone: AdjustableMicrophone,
        detector: Detector,
        loudspeaker: Loudspeaker,
        lamps: Lamps,
        suppressor: NoiseSuppressor | None = None,
        music: MusicPlayer | None = None,
        stop_word: StopWord | None = None,
        quiet: bool = False,
    ) -> None:
        """Connect the parts; `quiet` disables the cues that report success."""
        self._description = description
        self._settings = settings
        self._loudspeaker = loudspeaker
        self._cues = {Cue.FAILED, Cue.MUTED, Cue.UNMUTED} if quiet else set(Cue)
        self._lamps = lamps
        self.code: str | None = None
        """The pairing code while the device is unpaired."""
        self.on_pairing_requested: Callable[[], None] = self.repeat_code
        """Called when the button is pressed on an unpaired device; must announce a code."""
        self._loop = asyncio.get_running_loop()
        self._turn = TurnMachine(muted=settings.mute.muted)
        self._storage = Storage(settings, self._send_status)
        self._muting = Muting(
            settings.mute, self._storage.save_mute, self._apply_mute, self._report_mute
        )
        self._ringing = Ringing(loudspeaker, self._may_ring, self._silence)
        self._thinking = Thinking(loudspeaker)
        self._saying = Saying(loudspeaker)
        adjustables = microphone, loudspeaker, self._thinking, self._saying, suppressor, lamps
        self.adjusting = Adjusting(settings, self._storage, adjustables)
        save = self._storage.save
        self.timers = Counting(settings.state_dir, save, self._ringing.start, self._send_timers)
        self.alarms = Waking(
            settings.state_dir, save, self._ringing.start_rising, self._hush, self._send_alarms
        )
        self.music = music
        if music is not None:
            music.attach(save, self._send_media, self._needs_quiet)
        self._lent = False
        self._deadline_timer: asyncio.TimerHandle | None = None
        self._trimmer = HeapTrimmer()
        self._pre_roll = PreRoll(PRE_ROLL_SECONDS, VERDICT_SECONDS)
        self._hearing = HearingMeter()
        own_sound = OwnSound()
        own_sound.choose([wake_words[name] for name in active_wake_words])
        loudspeaker.monitors += [own_sound, *filter(None, [stop_word])]
        self._listener = Listener(
            microphone,
            detector,
            own_sound,
            self._handle_block,
            self._send_status,
            stop_word=stop_word,
            on_stop=self._stop_sounding,
        )
        self.wake_choice = WakeChoice(
            wake_words, active_wake_words, settings, self._storage, self._listener
        )
        self.wake_learning = WakeLearning(
            settings.state_dir, wake_words, save, detector, self.wake_choice.be_stricter
        )
        self.controllers = Controllers(self)
        self._sending = Sending(self.controllers, suppressor, self._update_lamp)
        loudspeaker.on_change = self._send_status

    async def __aenter__(self) -> Self:
        """Start listening, unless muted."""
        self._update_listener()
        self._update_lamp()
        await self._listener.__aenter__()
        await self._storage.__aenter__()
        await self.timers.__aenter__()
        await self.alarms.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening and ringing."""
        self._ringing.close()
        self._thinking.show(waits=False)
        await self.alarms.__aexit__(exc_type, exc, traceback)
        await self.timers.__aexit__(exc_type, exc, traceback)
        await self._storage.__aexit__(exc_type, exc, traceback)
        await self._listener.__aexit__(exc_type, exc, traceback)
        self.controllers.close()
        self._trimmer.close()
        if self._deadline_timer is not None:
            self._deadline_timer.cancel()

    async def until_listening(self) -> None:
        """Wait until wake words can be detected, or cannot be for now."""
        await self._listener.until_ready()

    def info(self) -> Event:
        """Return the `info` event that describes this satellite."""
        return self._description.event(
            self.wake_choice.known.values(),
            self.wake_choice.active,
            self._settings.sensitivities,
        )

    def status(self) -> Event:
        """Return the `status` event: whether it is muted, and whether its parts work."""
        return events.status(
            self._muting.mute,
            microphone=self._listener.works,
            loudspeaker=self._loudspeaker.works,
            storage=self._storage.works,
            mute_kept=not self.muted or self._settings.mute.muted,
        )

    @property
    def muted(self) -> bool:
        """Whether the microphone is closed on purpose."""
        return self._muting.mute.muted

    async def mute(self, muted: bool) -> None:  # noqa: FBT001 - as in the event
        """Mute or unmute for Home Assistant, and send it the new status.

        Raises:
            MutedOnDeviceError: it was muted on the device, and can only be unmuted there.
            UserError: the change cannot be saved for the next start. A mute takes effect all the
                same, an unmute does not.
        """
        await self._muting.change(self._muting.mute.with_home_assistant(muted))

    async def mute_on_device(self, muted: bool) -> None:  # noqa: FBT001 - the state of a switch
        """Mute or unmute at the device.

        Raises:
            UserError: the change cannot be saved for the next start. A mute takes effect all the
                same, an unmute does not.
        """
        await self._muting.change(self._muting.mute.with_device(muted))

    def press(self) -> None:
        """Handle a press of the button.

        It stops what rings or a recorded sentence, pairs, starts a turn or stops the current one.
        Without Home Assistant, it stops music.
        """
        if self._ringing.stop() or self._saying.stop() or self._stop_music_alone():
            return
        if self.code is None:
            self.handle(Pressed())
        else:
            self.on_pairing_requested()

    def repeat_code(self) -> None:
        """Say the current pairing code again."""
        if self.code is not None:
            self._saying.repeat_code(self.code)

    def announce_code(self, code: str | None) -> None:
        """Say a new pairing code; None means that the device no longer needs one."""
        paired = code is None and self.code is not None
        self.code = code
        self._saying.announce_code(code)
        if paired:
            self._perform(PlayCue(Cue.DONE))

    @asynccontextmanager
    async def microphone_lent(self) -> AsyncGenerator[None]:
        """Release the microphone to another process during the block; raises `BusyError`."""
        if self._lent or self._turn.state is not State.IDLE:
            raise BusyError
        self._lent = True
        try:
            self._update_listener()
            await self._listener.until_closed()
            yield
        finally:
            self._lent = False
            self._update_listener()

    def handle(self, turn_input: Input) -> None:
        """Pass an input to the turn machine, and perform the actions that it returns."""
        previous = self._turn.state
        for action in self._turn.handle(turn_input, self._loop.time()):
            self._perform(action)
        if self._turn.state is not previous:
            self._thinking.show(waits=self._turn.state is State.WAITING)
            if self._turn.state is State.IDLE:
                self._trimmer.note()
            _LOGGER.debug("%s: %s to %s", type(turn_input).__name__, previous, self._turn.state)
        if self._deadline_timer is not None:
            self._deadline_timer.cancel()
            self._deadline_timer = None
        if self._turn.deadline_seconds is not None:
            self._deadline_timer = self._loop.call_at(
                self._turn.deadline_seconds, self.handle, TimePassed()
            )

    def _apply_mute(self) -> None:
        self._update_listener()
        self.handle(Muted() if self.muted else Unmuted())
        self._update_lamp()

    def _report_mute(self, saved: bool) -> None:  # noqa: FBT001 - a callback
        if not saved:
            self._perform(PlayCue(Cue.FAILED))
        self._send_status()

    def _update_listener(self) -> None:
        paused = self.muted or self._lent
        self._listener.set_paused(paused=paused)
        if paused:
            self._pre_roll.drain()
            self._hearing.forget()

    def _send_status(self) -> None:
        self.controllers.send(self.status())

    def _update_lamp(self) -> None:
        if self._sending.is_under_way:
            self._lamps.show(Lamp.STREAMING)
        else:
            self._lamps.show(Lamp.MUTED if self.muted else Lamp.DARK)

    def _may_ring(self) -> bool:
        return self._turn.state is State.IDLE

    def _silence(self, nobody_there: bool) -> None:  # noqa: FBT001 - a callback
        self.timers.silence()
        self.alarms.silence(nobody_there=nobody_there)

    def _hush(self) -> None:
        if not self.timers.ringing:
            self._ringing.close()

    def _needs_quiet(self) -> bool:
        return (
            self._turn.state is not State.IDLE
            or self._ringing.rings
            or self._saying.says_sentence
            or self._listener.suspects
        )

    def _stop_music_alone(self) -> bool:
        return not self.controllers.connected and self.music is not None and self.music.stop()

    def _send_media(self) -> None:
        if self.music is not None:
            self.controllers.send(media_events.media(self.music))

    def _send_timers(self) -> None:
        self.controllers.send(timer_events.timers(self.timers))

    def _send_alarms(self) -> None:
        self.controllers.send(alarm_events.alarms(self.alarms))

    def _handle_block(
        self, block: Samples, wake_word: str | None, features: Features | None
    ) -> None:
        self._hearing.add(block)
        if self._sending.is_open:
            self._sending.send(block)
        else:
            self._pre_roll.add(block)
        if wake_word is not None and not (self._ringing.stop() and not self.controllers.connected):
            self._pre_roll.mark()
            self.handle(WakeWordHeard(wake_word, None if features is None else features.tobytes()))

    def _stop_sounding(self) -> None:
        """End what sounds, because a person said so; no turn begins."""
        if self._ringing.stop() or self._saying.stop():
            return
        if self._turn.state is State.ANSWERING:
            self.handle(Pressed())

    def _perform(self, action: Action) -> None:  # noqa: C901 - a table
        match action:
            case PlayCue(cue) if cue in self._cues:
                self._loudspeaker.cue(cue)
            case Say(sentence):
                self._saying.say(sentence if self.code is None else Sentence.NOT_PAIRED)
            case AskForTurn(turn, wake_word):
                self.controllers.send(events.ask_for_turn(turn, wake_word, self._hearing.measure()))
            case OpenStream():
                self._open_stream(action)
            case CloseStream():
                self._sending.close()
            case GiveUp(turn):
                self.controllers.send(events.turn_given_up(turn))
            case Refuse():
                self.controllers.send(events.error("The satellite is muted", "muted"))
            case StartPlayback(pcm_format):
                self._saying.stop()
                self._loudspeaker.start(pcm_format, self._finish_playback)
            case Play(pcm):
                self._loudspeaker.play(pcm)
            case EndPlayback():
                self._loudspeaker.end()
            case StopPlayback():
                self._loudspeaker.stop()
            case SendPlayed(heard):
                self.controllers.send(events.played(heard=heard))

    def _open_stream(self, stream: OpenStream) -> None:
        pre_roll, wake_word = self._pre_roll.drain(), stream.wake_word
        self._saying.stop()
        if wake_word is not None:
            self.controllers.send(Detection(name=wake_word).event())
        features = stream.features if self.wake_learning.wants_features else None
        self.controllers.send(events.run_pipeline(stream.turn, wake_word, features))
        # Without a wake word, the earlier sound was not meant for the satellite: do not send it.
        self._sending.open(pre_roll if wake_word is not None else ())
        if Cue.HEARD not in self._cues and (wake_word is None or not self._lamps.work):
            # Even in quiet mode, sound is never sent in silence without a wake word, or with a lamp
            # that fails.
            self._loudspeaker.cue(Cue.HEARD)

    def _finish_playback(self, heard: bool = True) -> None:  # noqa: FBT001, FBT002 - a callback
        self.handle(PlaybackFinished(heard))
