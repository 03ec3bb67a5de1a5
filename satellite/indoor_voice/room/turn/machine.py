"""The turn of a satellite as a state machine, without I/O and without a clock.

    idle ──wake word, press──▶ listening ──end of speech──▶ waiting ──answer begins──▶ answering
      ▲                            │                           │                          │
      └──── press, mute, failure, deadline, lost controller, nothing to say, all played ──┘

Where several satellites may hear the same wake word, it first asks Home Assistant for the turn. The
question is not a state, because what is going on goes on until the turn is granted: an answer is
not stopped by a wake word that was meant for the satellite in the next room.

Pass each input and its time to `TurnMachine.handle`, perform the returned actions in order, and
pass `TimePassed` at `deadline_seconds`. All times are seconds of the same monotonic clock.

It guarantees the following; each has a property test named after it:
- A stream is closed within `MAX_STREAM_SECONDS`, and at most one is open.
- No stream is open while muted.
- Inputs that belong to an older turn change nothing.
- A question is over within `VERDICT_SECONDS`; a turn that was denied is never begun.
- The user hears every failure.
- No state is final: a wake word or the passing of time leads out of it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.sound.pcm import PcmFormat
from indoor_voice.room.sound.prompts import Sentence

from .actions import (
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
from .inputs import (
    AskFirst,
    AudioArrived,
    AudioStarted,
    AudioStopped,
    ControllerConnected,
    ControllerLost,
    Input,
    Muted,
    PipelineEnded,
    PlaybackFinished,
    Pressed,
    SpeechEnded,
    TimePassed,
    Triggered,
    TurnFailed,
    TurnGranted,
    Unmuted,
    WakeWordHeard,
)

MAX_STREAM_SECONDS: Final = 15.0
"""Guaranteed by docs/wire.md, from `run-pipeline` to `audio-stop`."""
VERDICT_SECONDS: Final = 0.15
"""How long to wait for Home Assistant to grant or deny a turn, before beginning it unasked."""
LISTEN_SECONDS: Final = 14.5
"""When the stream is closed: leaves half a second for a busy machine to be late."""
ANSWER_SECONDS: Final = 30.0
"""From the end of the stream to the start of the answer."""
SILENT_SECONDS: Final = 10.0
"""How long an answer may pause, or a playback may exceed the duration of its sound."""
MAX_QUEUED_SECONDS: Final = 30.0
"""Limit for sound that waits to be played. Senders should keep only a few seconds ahead. There is
no backpressure, because a satellite that stops reading cannot answer a ping."""
MAX_QUEUED_BYTES: Final = 6 * 1024 * 1024
"""The same limit in memory: 30 s at 48 kHz in stereo, and less of more demanding formats."""
MAX_ANSWER_SECONDS: Final = 900.0
"""Limit for an answer or announcement: more than 10,000 characters, the speech server's limit."""

NOTHING_SAID: Final = "stt-no-text-recognized"
"""Home Assistant's error code for a turn in which nothing was said."""
DUPLICATE_WAKE_UP: Final = "duplicate_wake_up_detected"
"""Home Assistant's error code for a turn that another satellite has taken: not a failure."""
ANNOUNCEMENT_FAILED: Final = "announcement-failed"
"""Home Assistant's error code for an announcement that was cut off. It does not affect a turn that
may have started in the meantime."""
SPEECH_AWAY: Final = "speech-away"
"""Home Assistant's error code for a turn that failed because a speech server is away."""
_FAILED: Final = (PlayCue(Cue.FAILED),)
_ERROR_SOUNDS: Final[dict[str | None, tuple[PlayCue | Say, ...]]] = {
    NOTHING_SAID: (PlayCue(Cue.NOTHING),),
    DUPLICATE_WAKE_UP: (),
    SPEECH_AWAY: (*_FAILED, Say(Sentence.SPEECH_SERVER_AWAY)),
}


class State(StrEnum):
    """The state of a turn."""

    IDLE = "idle"
    """No turn is in progress."""
    LISTENING = "listening"
    """A stream is open."""
    WAITING = "waiting"
    """The stream is closed, and the answer has not started."""
    ANSWERING = "answering"
    """An answer or an announcement is arriving or being played."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A turn that Home Assistant was asked for and has neither granted nor denied."""

    turn: int
    heard: WakeWordHeard
    deadline_seconds: float


class TurnMachine:
    """Decides how a satellite reacts to each input."""

    def __init__(self, *, muted: bool = False) -> None:
        """Start idle, without a controller."""
        self.state = State.IDLE
        self._muted = muted
        self._connected = False
        self._asks_first = False
        self._question: _Question | None = None
        self._last_turn = 0
        self._turn: int | None = None
        """The number of the current turn; None when idle and during an announcement."""
        self._turn_deadline_seconds: float | None = None
        self._format: PcmFormat | None = None
        self._complete = False
        self._started_seconds = 0.0
        self._played_out_seconds = 0.0

    @property
    def deadline_seconds(self) -> float | None:
        """When to pass `TimePassed`; None if there is no deadline."""
        verdict_seconds = None if self._question is None else self._question.deadline_seconds
        deadlines = (self._turn_deadline_seconds, verdict_seconds)
        return min((one for one in deadlines if one is not None), default=None)

    def handle(self, turn_input: Input, now_seconds: float) -> list[Action]:
        """Process an input and return the actions to perform, in order."""
        return [
            *self._fail_if_overdue(now_seconds),
            *self._begin_if_unanswered(now_seconds),
            *self._react(turn_input, now_seconds),
        ]

    def _react(self, turn_input: Input, now: float) -> list[Action]:  # noqa: C901, PLR0911, PLR0912 - a table
        match turn_input:
            case TimePassed():
                return []
            case WakeWordHeard():
                begin = self._ask if self._asks_first else self._begin
                return begin(turn_input, now)
            case AskFirst(wanted):
                self._asks_first = wanted
                return []
            case TurnGranted(turn):
                return self._take_granted(turn, now)
            case TurnFailed(code, turn) if self._asked_for(turn):
                self._question = None
                return [*_ERROR_SOUNDS.get(code, _FAILED)]
            case Triggered():
                return [PlayCue(Cue.MUTED), Refuse()] if self._muted else self._begin(None, now)
            case Pressed():
                return self._press(now)
            case Muted():
                return self._mute()
            case Unmuted():
                return self._unmute()
            case ControllerConnected():
                self._connected = True
                return []
            case ControllerLost():
                return self._lose_controller()
            case PlaybackFinished(heard):
                return self._finish_playback(heard)
            case _ if turn_input.turn not in (None, self._turn):
                return []
            case SpeechEnded():
                return self._end_speech(now)
            case TurnFailed(code) if code == ANNOUNCEMENT_FAILED and self._turn is not None:
                return []
            case TurnFailed(code):
                return self._fail(*_ERROR_SOUNDS.get(code, _FAILED))
            case PipelineEnded(answer):
                return self._end_pipeline(answer, now)
            case AudioStarted(pcm_format):
                return self._start_answer(pcm_format, now)
            case AudioArrived(pcm):
                return self._play(pcm, now)
            case AudioStopped():
                return self._complete_answer(now)

    # any ─▶ the same, until there is a verdict

    def _ask(self, heard: WakeWordHeard, now: float) -> list[Action]:
        if self._muted or self._question is not None:
            return []
        self._last_turn += 1
        if self.state is not State.LISTENING:
            self._question = _Question(self._last_turn, heard, now + VERDICT_SECONDS)
        # While it listens, it only tells how well it hears, so that no other room answers.
        return [AskForTurn(self._last_turn, heard.name)]

    def _asked_for(self, turn: int | None) -> bool:
        return self._question is not None and self._question.turn == turn

    def _take_granted(self, turn: int | None, now: float) -> list[Action]:
        if self._question is None or not self._asked_for(turn):
            return []
        return self._begin(self._question.heard, now, turn)

    def _begin_if_unanswered(self, now: float) -> list[Action]:
        question = self._question
        if question is None or now < question.deadline_seconds:
            return []
        return self._begin(question.heard, now, question.turn)

    # idle ─▶ listening, and barging in

    def _begin(
        self, heard: WakeWordHeard | None, now: float, turn: int | None = None
    ) -> list[Action]:
        self._question = None
        if self._muted or self.state is State.LISTENING:
            return []
        if not self._connected:
            return [*_FAILED, Say(Sentence.HOME_ASSISTANT_AWAY)]
        stopped = self._end_turn()
        if turn is None:
            self._last_turn = turn = self._last_turn + 1
        self._turn = turn
        self.state = State.LISTENING
        self._turn_deadline_seconds = now + LISTEN_SECONDS
        stream = OpenStream(turn, None)
        if heard is not None:
            stream = OpenStream(turn, heard.name, heard.features)
        return [*stopped, stream, PlayCue(Cue.HEARD)]

    # idle ─▶ listening, or any ─▶ idle

    def _press(self, now: float) -> list[Action]:
        self._question = None
        match self.state:
            case State.IDLE:
                return [PlayCue(Cue.MUTED)] if self._muted else self._begin(None, now)
            case State.ANSWERING:
                return self._end_turn()
            case State.LISTENING | State.WAITING:
                return [*self._give_up(), PlayCue(Cue.NOTHING)]

    def _mute(self) -> list[Action]:
        if self._muted:
            return []
        self._muted = True
        self._question = None
        # Without a turn, only an announcement can be playing, and muting does not stop it.
        ended = [] if self._turn is None else self._give_up()
        return [*ended, PlayCue(Cue.MUTED)]

    def _unmute(self) -> list[Action]:
        if not self._muted:
            return []
        self._muted = False
        return [PlayCue(Cue.UNMUTED)]

    # listening ─▶ waiting

    def _end_speech(self, now: float) -> list[Action]:
        if self.state is not State.LISTENING:
            return []
        self.state = State.WAITING
        self._turn_deadline_seconds = now + ANSWER_SECONDS
        return [CloseStream()]

    # listening, waiting ─▶ waiting, idle

    def _end_pipeline(self, answer: bool, now: float) -> list[Action]:  # noqa: FBT001 - as in the event
        match self.state:
            case State.LISTENING if answer:
                return self._end_speech(now)
            case State.LISTENING:
                return self._fail(*_FAILED)
            case State.WAITING if not answer:
                return [*self._end_turn(), PlayCue(Cue.DONE)]
            case _:
                return []

    # any ─▶ answering

    def _start_answer(self, pcm_format: PcmFormat, now: float) -> list[Action]:
        turn, stopped = self._turn, self._end_turn()
        self._turn = turn
        self.state = State.ANSWERING
        self._format = pcm_format
        self._complete = False
        self._started_seconds = self._played_out_seconds = now
        self._turn_deadline_seconds = now + SILENT_SECONDS
        return [*stopped, StartPlayback(pcm_format)]

    # answering

    def _play(self, pcm: bytes, now: float) -> list[Action]:
        if self.state is not State.ANSWERING or self._complete or self._format is None:
            return []
        self._played_out_seconds = max(self._played_out_seconds, now) + self._format.seconds(pcm)
        max_queued = min(MAX_QUEUED_SECONDS, MAX_QUEUED_BYTES / self._format.bytes_per_second)
        if (
            self._played_out_seconds > now + max_queued
            or self._played_out_seconds > self._started_seconds + MAX_ANSWER_SECONDS
        ):
            return self._fail(*_FAILED)
        self._turn_deadline_seconds = self._played_out_seconds + SILENT_SECONDS
        return [Play(pcm)]

    def _complete_answer(self, now: float) -> list[Action]:
        if self.state is not State.ANSWERING or self._complete:
            return []
        self._complete = True
        self._turn_deadline_seconds = max(self._played_out_seconds, now) + SILENT_SECONDS
        return [EndPlayback()]

    # answering ─▶ idle

    def _finish_playback(self, heard: bool) -> list[Action]:  # noqa: FBT001 - as in the input
        if self.state is not State.ANSWERING or not self._complete:
            return []
        self.state, self._turn, self._turn_deadline_seconds = State.IDLE, None, None
        # Play the cue even if the device failed, because it may work again by now.
        return [SendPlayed()] if heard else [SendPlayed(heard=False), PlayCue(Cue.FAILED)]

    # any ─▶ idle

    def _fail_if_overdue(self, now: float) -> list[Action]:
        if self._turn_deadline_seconds is None or now < self._turn_deadline_seconds:
            return []
        return [*self._give_up(failed=True), PlayCue(Cue.FAILED)]

    def _lose_controller(self) -> list[Action]:
        asked, self._question = self._question is not None, None
        self._connected = self._asks_first = False
        failed = self._fail(*_FAILED)
        return [PlayCue(Cue.FAILED)] if asked and not failed else failed

    def _fail(self, *sounds: PlayCue | Say) -> list[Action]:
        # A complete answer is played to its end, whatever happens to its sender.
        if self.state is State.IDLE or (self.state is State.ANSWERING and self._complete):
            return []
        return [*self._end_turn(failed=True), *sounds]

    def _give_up(self, *, failed: bool = False) -> list[Action]:
        ended, turn = self.state, self._turn
        actions = self._end_turn(failed=failed)
        if turn is not None and ended is not State.ANSWERING:
            actions.append(GiveUp(turn))
        return actions

    def _end_turn(self, *, failed: bool = False) -> list[Action]:
        ended = self.state
        self.state, self._turn, self._turn_deadline_seconds = State.IDLE, None, None
        match ended:
            case State.LISTENING:
                return [CloseStream()]
            case State.ANSWERING:
                return [StopPlayback(), SendPlayed(heard=not failed)]
            case _:
                return []
