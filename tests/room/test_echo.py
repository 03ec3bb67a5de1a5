"""Echo cancelling in simulated rooms: real models, Piper's speech."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from indoor_voice.errors import UserError
from indoor_voice.room.doctor.echo import EchoPath, hiss, judge_echo, measure_echo
from indoor_voice.room.doctor.finding import Outcome
from indoor_voice.room.sound.adjusted_microphone import AdjustedMicrophone
from indoor_voice.room.sound.echo import speex
from indoor_voice.room.sound.echo.alignment import SPAN_SAMPLES, find_lag
from indoor_voice.room.sound.echo.canceller import EchoCanceller, choose_canceller
from indoor_voice.room.sound.echo.speex import FRAME_SAMPLES, Speex
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from indoor_voice.room.sound.wake_models import built_in_models
from indoor_voice.room.sound.wake_word import Detector
from tests.room.room_parts import FakeMicrophone
from tests.simulated_room import LOUDNESS, ROOMS, SimulatedRoom, live

Say = Callable[[str], Samples]
ANSWER = (
    "It will be sunny today, and rather cold tomorrow morning. The washing machine has finished, "
    "and the back door is still open. Your first appointment is at nine with the dentist."
)
LAG = RATE // 5


@pytest.fixture(scope="session")
def answer(say: Say) -> Samples:
    return say(ANSWER)


def cancelled(
    canceller: EchoCanceller, played: Samples, heard: Samples, rate: int = RATE
) -> Samples:
    return np.concatenate(
        [canceller.process(block) for block in live(played, heard, canceller, rate=rate)]
    )


def removed_db(heard: Samples, rest: Samples, *, from_seconds: float, to_seconds: float) -> float:
    part = slice(round(from_seconds * RATE), round(to_seconds * RATE))
    before, after = heard[part].astype(np.float64), rest[part].astype(np.float64)
    return float(10 * np.log10(np.mean(before**2) / np.mean(after**2)))


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: f"{room.reverberation_seconds} s")
@pytest.mark.parametrize("rate", [RATE, 3 * RATE])
def test_most_of_an_echo_is_removed(room: SimulatedRoom, answer: Samples, rate: int) -> None:
    heard = room.microphone(room.echo(answer, LAG))
    rest = cancelled(EchoCanceller(), answer, heard, rate)
    assert removed_db(heard, rest, from_seconds=3, to_seconds=9) > 15


def test_the_room_is_remembered_although_the_next_lag_differs(answer: Samples) -> None:
    (room, *_), canceller = ROOMS, EchoCanceller()
    cancelled(canceller, answer, room.microphone(room.echo(answer, LAG)))
    heard = room.microphone(room.echo(answer, LAG + 777))
    rest = cancelled(canceller, answer, heard)
    assert removed_db(heard, rest, from_seconds=1.9, to_seconds=2.9) > 15


def test_a_gap_in_the_playback_is_followed(answer: Samples) -> None:
    (room, *_), canceller, gap = ROOMS, EchoCanceller(), RATE // 20
    echo = room.echo(answer, LAG)
    torn = np.insert(echo, 4 * RATE, np.zeros(gap))[: echo.size]
    heard = room.microphone(torn)
    rest = cancelled(canceller, answer, heard)
    assert removed_db(heard, rest, from_seconds=6.5, to_seconds=9) > 12


def test_a_person_is_heard_while_the_satellite_speaks_as_loudly(say: Say, answer: Samples) -> None:
    detector = Detector([built_in_models()["alexa"]])
    heard = []
    for room in ROOMS:
        spoken = say("Alexa!")
        before = 3 * RATE
        person = room.person(np.pad(spoken, (before, answer.size - before - spoken.size)))
        mixed = room.microphone(person, room.echo(answer, LAG))
        detector.reset()
        rest = cancelled(EchoCanceller(), answer, mixed)
        heard += [word for block in blocks(rest) if (word := detector.hear(block))]
    assert heard == ["alexa"] * len(ROOMS)


def test_it_does_not_hear_itself(say: Say) -> None:
    detector = Detector([built_in_models()["hey_jarvis"]])
    played = np.concatenate((say(ANSWER), say("You can wake me with hey Jarvis, as you know.")))
    heard = ROOMS[0].microphone(ROOMS[0].echo(played, LAG))
    assert [word for block in blocks(heard) if (word := detector.hear(block))] == ["hey_jarvis"]
    detector.reset()
    rest = cancelled(EchoCanceller(), played, heard)
    assert not [word for block in blocks(rest) if detector.hear(block)]


def test_nothing_is_changed_while_nothing_is_played() -> None:
    canceller, heard = EchoCanceller(), np.full((BLOCK_SAMPLES,), 5, np.int16)
    assert canceller.process(heard) is heard


def test_nothing_is_changed_where_no_echo_is_heard(say: Say, answer: Samples) -> None:
    person = ROOMS[1].person(np.resize(say("Alexa!"), answer.shape))
    heard = ROOMS[1].microphone(person)
    rest = cancelled(EchoCanceller(), answer, heard)
    np.testing.assert_array_equal(rest, heard[: rest.size])


def test_it_stops_once_the_echo_is_over(answer: Samples) -> None:
    canceller, room = EchoCanceller(), ROOMS[0]
    cancelled(canceller, answer, room.microphone(room.echo(answer, LAG)))
    silence = np.zeros((BLOCK_SAMPLES,), np.int16)
    after = [canceller.process(silence) is silence for _ in range(2 * RATE // BLOCK_SAMPLES)]
    assert after[-1]


def test_a_microphone_that_was_closed_starts_without_what_was_played(answer: Samples) -> None:
    microphone, canceller = FakeMicrophone(), EchoCanceller()
    canceller.begin(RATE)
    canceller.add(answer)
    microphone.hear(7)
    sound = AdjustedMicrophone(microphone, canceller).blocks()
    np.testing.assert_array_equal(next(sound), np.full((BLOCK_SAMPLES,), 7, np.int16))
    assert microphone.is_open
    sound.close()
    assert not microphone.is_open


@pytest.mark.parametrize("lag", [0, 1_234, SPAN_SAMPLES])
def test_a_lag_is_exact(lag: int) -> None:
    played = np.random.default_rng(0).normal(0, LOUDNESS, 3 * SPAN_SAMPLES).astype(np.int16)
    start = SPAN_SAMPLES - lag
    heard = played[start : start + 2 * SPAN_SAMPLES]
    assert find_lag(heard // 2, played) == lag
    assert find_lag(-(heard // 2), played) == lag


def test_no_lag_is_found_in_unrelated_sound(say: Say, answer: Samples) -> None:
    heard = np.resize(say("Alexa!"), SPAN_SAMPLES)
    assert find_lag(heard, answer[: 2 * SPAN_SAMPLES]) is None
    assert find_lag(heard, np.zeros((2 * SPAN_SAMPLES,), np.int16)) is None


def test_only_whole_frames_can_be_processed() -> None:
    canceller, frame = Speex(), np.zeros((FRAME_SAMPLES,), np.int16)
    with pytest.raises(ValueError, match="cannot process"):
        canceller.cancel(frame[1:], frame[1:])
    with pytest.raises(ValueError, match="cannot process"):
        canceller.cancel(frame, np.tile(frame, 2))


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    speex._library.cache_clear()  # noqa: SLF001 - it remembers the library
    monkeypatch.setattr(speex, "_LIBRARY", "libnotinstalled.so.1")
    yield
    speex._library.cache_clear()  # noqa: SLF001


@pytest.mark.usefixtures("no_library")
def test_without_the_library_it_says_so_once_and_works(caplog: pytest.LogCaptureFixture) -> None:
    assert choose_canceller("auto") is None
    (line,) = caplog.messages
    assert "sudo apt install libspeexdsp1" in line
    with pytest.raises(UserError, match="sudo apt install libspeexdsp1"):
        choose_canceller("on")


@pytest.mark.usefixtures("no_library")
def test_without_the_library_it_can_be_off_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    assert choose_canceller("off") is None
    assert not caplog.messages


@pytest.mark.parametrize("choice", ["auto", "on", "off"])
def test_it_is_there_to_be_switched_on(choice: str) -> None:
    assert choose_canceller(choice) is not None


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: f"{room.reverberation_seconds} s")
def test_the_doctor_measures_an_echo(room: SimulatedRoom) -> None:
    path = measure_echo(room.microphone(room.echo(then_silence(hiss()), LAG)), EchoCanceller())
    assert path is not None
    assert path.delay_seconds == LAG / RATE
    assert path.removed_db > 10
    finding = judge_echo(path)
    assert finding.outcome is Outcome.PASS
    assert finding.seen.startswith("heard 200 ms later at -")
    assert finding.seen.endswith("so it helps")


def test_the_doctor_says_that_cancelling_hardly_helps() -> None:
    path = EchoPath(delay_seconds=0.1, level_dbfs=-30, removed_db=2)
    finding = judge_echo(path)
    assert finding.outcome is Outcome.SKIP
    assert "hardly helps" in finding.seen
    assert finding.advice


def test_the_doctor_finds_no_echo_where_there_is_none() -> None:
    silent = ROOMS[0].microphone(np.zeros((5 * RATE,)))
    assert measure_echo(silent, EchoCanceller()) is None
    assert judge_echo(None).outcome is Outcome.PASS


def then_silence(sound: Samples) -> Samples:
    return np.pad(sound, (0, 2 * RATE))


def blocks(sound: Samples) -> Iterator[Samples]:
    for start in range(0, sound.size - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        yield sound[start : start + BLOCK_SAMPLES]
