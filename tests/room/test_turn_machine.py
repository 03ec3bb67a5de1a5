"""The promises of the turn, under every sequence of events that Hypothesis thinks of."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.sound.pcm import PcmFormat
from indoor_voice.room.turn.actions import (
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
from indoor_voice.room.turn.inputs import (
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
    Unmuted,
    WakeWordHeard,
)
from indoor_voice.room.turn.machine import (
    ANNOUNCEMENT_FAILED,
    ANOTHER_ANSWERS,
    ANSWER_SECONDS,
    LISTEN_SECONDS,
    MAX_ANSWER_SECONDS,
    MAX_QUEUED_SECONDS,
    MAX_STREAM_SECONDS,
    NOTHING_SAID,
    SILENT_SECONDS,
    State,
    TurnMachine,
)

FORMAT = PcmFormat(rate=16_000, width=2, channels=1)
ONE_SECOND = bytes(32_000)
FAILED = PlayCue(Cue.FAILED)
JARVIS = WakeWordHeard("hey_jarvis")


@dataclass
class Satellite:
    """A turn machine whose deadlines are kept, and what it has done."""

    machine: TurnMachine = field(default_factory=TurnMachine)
    now: float = 0.0
    done: list[tuple[float, Action]] = field(default_factory=list)

    def handle(self, *inputs: Input) -> list[Action]:
        actions = [
            action for happened in inputs for action in self.machine.handle(happened, self.now)
        ]
        self.done += [(self.now, action) for action in actions]
        return actions

    def wait(self, seconds: float) -> list[Action]:
        until, actions = self.now + seconds, list[Action]()
        while (deadline := self.machine.deadline_seconds) is not None and deadline <= until:
            self.now = deadline
            actions += self.handle(TimePassed())
        self.now = until
        return actions

    def actions(self, *kinds: type[Action]) -> list[Action]:
        return [action for _, action in self.done if isinstance(action, kinds)]


@pytest.fixture
def satellite() -> Satellite:
    satellite = Satellite()
    satellite.handle(ControllerConnected())
    return satellite


turns = st.none() | st.integers(0, 4)
codes = st.sampled_from(
    [None, "stt-stream-failed", "tts-failed", ANNOUNCEMENT_FAILED, NOTHING_SAID, ANOTHER_ANSWERS]
)
inputs = st.one_of(
    st.just(JARVIS),
    st.just(Triggered()),
    st.just(Pressed()),
    st.just(Muted()),
    st.just(Unmuted()),
    st.just(ControllerConnected()),
    st.just(ControllerLost()),
    st.builds(SpeechEnded, turns),
    st.builds(TurnFailed, codes, turns),
    st.builds(PipelineEnded, st.booleans(), turns),
    st.builds(AudioStarted, st.just(FORMAT), turns),
    st.builds(AudioArrived, st.sampled_from([b"", ONE_SECOND, ONE_SECOND * 70]), turns),
    st.builds(AudioStopped, turns),
    st.builds(PlaybackFinished, st.booleans()),
    st.just(TimePassed()),
)
histories = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 4.0, 11.0]), inputs), max_size=40)


def live(history: list[tuple[float, Input]]) -> Satellite:
    satellite = Satellite()
    satellite.handle(ControllerConnected())
    for seconds, happened in history:
        satellite.wait(seconds)
        satellite.handle(happened)
    return satellite


@given(histories)
def test_a_stream_is_closed_within_its_time_whatever_happens(
    history: list[tuple[float, Input]],
) -> None:
    satellite = live(history)
    satellite.wait(MAX_STREAM_SECONDS)
    opened: float | None = None
    for seconds, action in satellite.done:
        if isinstance(action, OpenStream):
            assert opened is None, "two streams at once"
            opened = seconds
        elif isinstance(action, CloseStream):
            assert opened is not None, "closed what was not open"
            assert seconds - opened <= LISTEN_SECONDS < MAX_STREAM_SECONDS
            opened = None
    assert opened is None


@given(history=histories, muted_before=st.booleans())
def test_while_muted_no_stream_is_open(
    history: list[tuple[float, Input]], *, muted_before: bool
) -> None:
    satellite = Satellite(TurnMachine(muted=muted_before))
    satellite.handle(ControllerConnected())
    muted, is_open = muted_before, False
    for seconds, happened in history:
        is_open = is_open and not any(isinstance(a, CloseStream) for a in satellite.wait(seconds))
        muted = isinstance(happened, Muted) or (muted and not isinstance(happened, Unmuted))
        for action in satellite.handle(happened):
            is_open = isinstance(action, OpenStream) or (
                is_open and not isinstance(action, CloseStream)
            )
        assert not (muted and is_open)
        assert not (muted and satellite.machine.state in (State.LISTENING, State.WAITING))


@given(histories)
def test_every_failure_is_heard(history: list[tuple[float, Input]]) -> None:
    satellite = live(
        [(seconds, h) for seconds, h in history if getattr(h, "code", None) != ANOTHER_ANSWERS]
    )
    satellite.wait(MAX_STREAM_SECONDS + ANSWER_SECONDS)
    heard = True
    for _, action in satellite.done:
        match action:
            case OpenStream():
                heard = False
            case PlayCue(cue) if cue is not Cue.HEARD:
                heard = True
            case StartPlayback():
                heard = True
    assert heard


@given(histories)
def test_playbacks_do_not_overlap_and_each_is_reported_once(
    history: list[tuple[float, Input]],
) -> None:
    satellite = live(history)
    satellite.wait(MAX_ANSWER_SECONDS + SILENT_SECONDS)
    playing = ended = stopped = False
    for _, action in satellite.done:
        match action:
            case StartPlayback():
                assert not playing
                playing, ended, stopped = True, False, False
            case Play():
                assert playing
                assert not ended
                assert not stopped
            case EndPlayback():
                assert playing
                assert not ended
                ended = True
            case StopPlayback():
                assert playing
                stopped = True
            case SendPlayed():
                assert playing
                assert ended or stopped
                playing = False
    assert not playing


@given(histories)
def test_it_is_never_stuck(history: list[tuple[float, Input]]) -> None:
    satellite = live(history)
    satellite.handle(ControllerConnected(), Unmuted())
    began = satellite.handle(JARVIS)
    if not began:
        assert satellite.machine.state is State.LISTENING
    satellite.wait(MAX_STREAM_SECONDS)
    assert satellite.machine.state is State.IDLE
    assert any(isinstance(action, OpenStream) for action in satellite.handle(JARVIS))


@given(histories, inputs)
def test_what_belongs_to_an_older_turn_changes_nothing(
    history: list[tuple[float, Input]], happened: Input
) -> None:
    satellite = live(history)
    opened = satellite.actions(OpenStream)
    latest = opened[-1].turn if opened and isinstance(opened[-1], OpenStream) else 0
    turn = getattr(happened, "turn", None)
    if turn is None or (turn == latest and satellite.machine.state is not State.IDLE):
        return
    before = (satellite.machine.state, satellite.machine.deadline_seconds)
    assert satellite.handle(happened) == []
    assert (satellite.machine.state, satellite.machine.deadline_seconds) == before


@given(histories)
def test_turn_numbers_grow(history: list[tuple[float, Input]]) -> None:
    opened = [a.turn for a in live(history).actions(OpenStream) if isinstance(a, OpenStream)]
    assert opened == sorted(set(opened))


@given(histories)
def test_no_more_sound_is_queued_than_allowed(history: list[tuple[float, Input]]) -> None:
    played_out = 0.0
    for seconds, action in live(history).done:
        match action:
            case StartPlayback():
                played_out = seconds
            case Play(pcm):
                played_out = max(played_out, seconds) + FORMAT.seconds(pcm)
                assert played_out - seconds <= MAX_QUEUED_SECONDS


@pytest.mark.parametrize("trigger", [JARVIS, Triggered(), Pressed()])
def test_a_turn_from_wake_word_to_answer(satellite: Satellite, trigger: Input) -> None:
    name = "hey_jarvis" if trigger is JARVIS else None
    assert satellite.handle(trigger) == [OpenStream(1, name), PlayCue(Cue.HEARD)]
    assert satellite.handle(SpeechEnded(1)) == [CloseStream()]
    assert satellite.handle(PipelineEnded(answer=True, turn=1)) == []
    assert satellite.handle(AudioStarted(FORMAT, 1)) == [StartPlayback(FORMAT)]
    assert satellite.handle(AudioArrived(ONE_SECOND, 1)) == [Play(ONE_SECOND)]
    assert satellite.handle(AudioStopped(1)) == [EndPlayback()]
    assert satellite.handle(PlaybackFinished()) == [SendPlayed()]
    assert satellite.machine.state is State.IDLE
    assert satellite.machine.deadline_seconds is None


def test_a_turn_without_an_answer_ends_with_a_cue(satellite: Satellite) -> None:
    satellite.handle(JARVIS, SpeechEnded(1))
    assert satellite.handle(PipelineEnded(answer=False, turn=1)) == [PlayCue(Cue.DONE)]


def test_a_wake_word_without_home_assistant_is_a_failure_that_is_heard() -> None:
    assert Satellite().handle(JARVIS) == [FAILED]


def test_nobody_ends_the_stream(satellite: Satellite) -> None:
    satellite.handle(JARVIS)
    assert satellite.wait(MAX_STREAM_SECONDS) == [CloseStream(), GiveUp(1), FAILED]


def test_no_answer_comes(satellite: Satellite) -> None:
    satellite.handle(JARVIS, SpeechEnded())
    assert satellite.wait(ANSWER_SECONDS - 1) == []
    assert satellite.wait(1) == [GiveUp(1), FAILED]


@pytest.mark.parametrize(
    ("code", "cues"),
    [
        ("stt-stream-failed", [FAILED]),
        (NOTHING_SAID, [PlayCue(Cue.NOTHING)]),
        (ANOTHER_ANSWERS, []),
    ],
)
def test_an_error_closes_the_stream_and_is_heard(
    satellite: Satellite, code: str, cues: list[Action]
) -> None:
    satellite.handle(JARVIS)
    assert satellite.handle(TurnFailed(code, 1)) == [CloseStream(), *cues]


def test_an_answer_that_breaks_off_is_heard_to(satellite: Satellite) -> None:
    satellite.handle(JARVIS, SpeechEnded(1), AudioStarted(FORMAT, 1), AudioArrived(ONE_SECOND, 1))
    assert satellite.handle(TurnFailed("tts-failed", 1)) == [
        StopPlayback(),
        SendPlayed(heard=False),
        FAILED,
    ]


def test_an_announcement_that_breaks_off_is_heard_to_and_harms_no_turn(
    satellite: Satellite,
) -> None:
    failed = TurnFailed(ANNOUNCEMENT_FAILED, None)
    satellite.handle(AudioStarted(FORMAT), AudioArrived(ONE_SECOND))
    assert satellite.handle(failed) == [StopPlayback(), SendPlayed(heard=False), FAILED]
    satellite.handle(JARVIS)
    assert satellite.handle(failed) == []
    assert satellite.machine.state is State.LISTENING


def test_losing_home_assistant_closes_the_stream_and_is_heard(satellite: Satellite) -> None:
    satellite.handle(JARVIS)
    assert satellite.handle(ControllerLost()) == [CloseStream(), FAILED]


def test_a_pipeline_that_ends_while_the_user_speaks_is_a_failure(satellite: Satellite) -> None:
    satellite.handle(JARVIS)
    assert satellite.handle(PipelineEnded(answer=False)) == [CloseStream(), FAILED]


def test_a_wake_word_while_listening_is_ignored(satellite: Satellite) -> None:
    satellite.handle(JARVIS)
    assert satellite.handle(JARVIS) == []


def test_a_wake_word_stops_the_answer(satellite: Satellite) -> None:
    satellite.handle(JARVIS, SpeechEnded(1), AudioStarted(FORMAT, 1), AudioArrived(ONE_SECOND, 1))
    assert satellite.handle(JARVIS) == [
        StopPlayback(),
        SendPlayed(),
        OpenStream(2, "hey_jarvis"),
        PlayCue(Cue.HEARD),
    ]
    assert satellite.handle(AudioArrived(ONE_SECOND, 1), AudioStopped(1)) == []
    assert satellite.handle(AudioArrived(ONE_SECOND), AudioStopped()) == []


def test_an_answer_that_pauses_for_too_long_fails(satellite: Satellite) -> None:
    satellite.handle(JARVIS, SpeechEnded(), AudioStarted(FORMAT), AudioArrived(ONE_SECOND))
    assert satellite.wait(1 + SILENT_SECONDS) == [StopPlayback(), SendPlayed(heard=False), FAILED]


def test_an_answer_without_end_fails(satellite: Satellite) -> None:
    satellite.handle(JARVIS, SpeechEnded(), AudioStarted(FORMAT))
    for _ in range(int(MAX_ANSWER_SECONDS)):
        assert satellite.handle(AudioArrived(ONE_SECOND)) == [Play(ONE_SECOND)]
        satellite.wait(1)
    assert satellite.handle(AudioArrived(ONE_SECOND)) == [
        StopPlayback(),
        SendPlayed(heard=False),
        FAILED,
    ]


def test_a_flood_of_sound_fails(satellite: Satellite) -> None:
    satellite.handle(AudioStarted(FORMAT))
    played = 0
    while Play(ONE_SECOND) in satellite.handle(AudioArrived(ONE_SECOND)):
        played += 1
    assert played == MAX_QUEUED_SECONDS
    assert satellite.actions(PlayCue) == [FAILED]


def test_a_complete_answer_is_played_out_without_home_assistant(satellite: Satellite) -> None:
    satellite.handle(AudioStarted(FORMAT), AudioArrived(ONE_SECOND), AudioStopped())
    assert satellite.handle(ControllerLost()) == []
    assert satellite.handle(PlaybackFinished()) == [SendPlayed()]


def test_an_announcement_is_played_and_reported(satellite: Satellite) -> None:
    assert satellite.handle(AudioStarted(FORMAT), AudioArrived(ONE_SECOND), AudioStopped()) == [
        StartPlayback(FORMAT),
        Play(ONE_SECOND),
        EndPlayback(),
    ]
    assert satellite.handle(PlaybackFinished()) == [SendPlayed()]


def test_an_announcement_that_the_loudspeaker_lost_is_not_heard(satellite: Satellite) -> None:
    satellite.handle(AudioStarted(FORMAT), AudioArrived(ONE_SECOND), AudioStopped())
    assert satellite.handle(PlaybackFinished(heard=False)) == [SendPlayed(heard=False), FAILED]


def test_a_loudspeaker_that_hangs_is_not_heard(satellite: Satellite) -> None:
    satellite.handle(AudioStarted(FORMAT), AudioArrived(ONE_SECOND), AudioStopped())
    assert SendPlayed(heard=False) in satellite.wait(1 + SILENT_SECONDS)


@given(histories)
def test_whoever_was_told_to_speak_is_answered_or_hears_the_failure(
    history: list[tuple[float, Input]],
) -> None:
    satellite = live(history)
    satellite.handle(ControllerConnected(), Unmuted())
    begun = len(satellite.done)
    satellite.handle(JARVIS)
    if not satellite.actions(OpenStream):
        return
    satellite.wait(MAX_STREAM_SECONDS)
    after = [action for _, action in satellite.done[begun:]]
    assert any(
        isinstance(action, StartPlayback) or (isinstance(action, PlayCue) and action == FAILED)
        for action in after
    )


def test_an_announcement_takes_the_place_of_what_plays(satellite: Satellite) -> None:
    satellite.handle(AudioStarted(FORMAT), AudioArrived(ONE_SECOND), AudioStopped())
    assert satellite.handle(AudioStarted(FORMAT)) == [
        StopPlayback(),
        SendPlayed(),
        StartPlayback(FORMAT),
    ]


def test_a_late_answer_is_not_given(satellite: Satellite) -> None:
    satellite.handle(JARVIS, SpeechEnded(1))
    satellite.wait(ANSWER_SECONDS)
    assert satellite.handle(AudioStarted(FORMAT, 1), AudioArrived(ONE_SECOND, 1)) == []


def test_a_press_ends_the_answer_and_nothing_else_happens(satellite: Satellite) -> None:
    satellite.handle(JARVIS, SpeechEnded(1), AudioStarted(FORMAT, 1), AudioArrived(ONE_SECOND, 1))
    assert satellite.handle(Pressed()) == [StopPlayback(), SendPlayed()]
    assert satellite.handle(AudioArrived(ONE_SECOND, 1), AudioStopped(1)) == []


@pytest.mark.parametrize("before", [(JARVIS,), (JARVIS, SpeechEnded(1))])
def test_a_press_ends_a_turn_that_has_no_answer_yet(
    satellite: Satellite, before: tuple[Input, ...]
) -> None:
    satellite.handle(*before)
    ended = satellite.handle(Pressed())
    assert ended[-2:] == [GiveUp(1), PlayCue(Cue.NOTHING)]
    assert (CloseStream() in ended) == (len(before) == 1)


def test_muting_ends_a_turn(satellite: Satellite) -> None:
    satellite.handle(JARVIS)
    assert satellite.handle(Muted()) == [CloseStream(), GiveUp(1), PlayCue(Cue.MUTED)]
    assert satellite.handle(Muted()) == []
    assert satellite.handle(JARVIS) == []
    assert satellite.handle(Unmuted()) == [PlayCue(Cue.UNMUTED)]
    assert satellite.handle(Unmuted()) == []
    assert OpenStream(2, "hey_jarvis") in satellite.handle(JARVIS)


def test_muted_a_turn_is_refused_aloud(satellite: Satellite) -> None:
    satellite.handle(Muted())
    assert satellite.handle(Triggered()) == [PlayCue(Cue.MUTED), Refuse()]
    assert satellite.handle(Pressed()) == [PlayCue(Cue.MUTED)]


def test_muted_an_announcement_plays_on(satellite: Satellite) -> None:
    satellite.handle(AudioStarted(FORMAT))
    assert satellite.handle(Muted()) == [PlayCue(Cue.MUTED)]
    assert satellite.handle(AudioArrived(ONE_SECOND)) == [Play(ONE_SECOND)]
    assert satellite.handle(Pressed()) == [StopPlayback(), SendPlayed()]
