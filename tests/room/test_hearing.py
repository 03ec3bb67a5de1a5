"""How well a satellite has heard a wake word, in simulated rooms."""

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from indoor_voice.room.sound.hearing import Hearing, HearingMeter
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, BLOCK_SECONDS, RATE, Samples
from tests.simulated_room import ROOMS, Floats, SimulatedRoom


@pytest.fixture
def word(say: Callable[[str], Samples]) -> Samples:
    """A wake word that has just ended, after silence."""
    spoken: Samples = np.concatenate([np.zeros((2 * RATE,), np.int16), say("Hey Jarvis")])
    return spoken[: int(np.flatnonzero(np.abs(spoken) > 300)[-1]) + RATE // 10]


def hear(sound: Samples) -> Hearing:
    meter = HearingMeter()
    for start in range(sound.size % BLOCK_SAMPLES, sound.size, BLOCK_SAMPLES):
        meter.add(sound[start : start + BLOCK_SAMPLES])
    return meter.measure()


def next_door(room: SimulatedRoom, here: Floats, leak_db: float) -> Samples:
    """Return what the microphone of another room hears of a sound."""
    return room.microphone(room.person(here.astype(np.int16)) * 10 ** (-leak_db / 20))


@pytest.mark.parametrize("leak_db", [10, 20, 30, 40])
@pytest.mark.parametrize(("here", "there"), [(0, 1), (1, 2), (2, 0)])
def test_the_room_of_the_speaker_hears_better(
    word: Samples, here: int, there: int, leak_db: float
) -> None:
    near = ROOMS[here].person(word)
    better, worse = hear(ROOMS[here].microphone(near)), hear(next_door(ROOMS[there], near, leak_db))
    assert better.quality_db > worse.quality_db + 4


def test_noise_in_the_speakers_room_does_not_move_the_turn_next_door(word: Samples) -> None:
    near = ROOMS[0].person(word)
    noisy = near + np.random.default_rng(1).standard_normal(near.size) * 300
    assert hear(ROOMS[0].microphone(noisy)).quality_db > (
        hear(next_door(ROOMS[1], near, 20)).quality_db
    )


def test_a_louder_microphone_does_not_make_up_for_a_wall(word: Samples) -> None:
    near = ROOMS[0].person(word)
    quiet = (ROOMS[0].microphone(near) * 0.5).astype(np.int16)
    loud = (next_door(ROOMS[1], near, 30).astype(np.float64) * 4).astype(np.int16)
    assert hear(quiet).quality_db > hear(loud).quality_db


def test_the_course_shows_when_it_was_loud_and_nothing_else(word: Samples) -> None:
    course = hear(ROOMS[0].microphone(ROOMS[0].person(word))).course
    assert len(course) == 50
    assert max(course[:20]) < 12 < max(course[25:])
    assert all(isinstance(level, int) for level in course)


@pytest.mark.parametrize("blocks", [0, 1, 2, 100])
def test_whatever_was_heard_the_numbers_are_finite(blocks: int) -> None:
    heard = hear(np.zeros((blocks * BLOCK_SAMPLES,), np.int16))
    assert np.isfinite(heard.quality_db)
    assert set(heard.course) <= {0}


def test_what_was_heard_before_a_gap_does_not_count(word: Samples) -> None:
    meter = HearingMeter()
    for start in range(0, word.size - BLOCK_SAMPLES, BLOCK_SAMPLES):
        meter.add(word[start : start + BLOCK_SAMPLES])
    meter.forget()
    assert meter.measure() == HearingMeter().measure()


def test_a_busy_machine_says_how_late_it_is() -> None:
    now = 100.0
    meter = HearingMeter(lambda: now)
    for late_seconds in (0.03, 0.01, 0.02, 0.25):
        now += BLOCK_SECONDS
        now += late_seconds
        meter.add(np.zeros((BLOCK_SAMPLES,), np.int16))
        now -= late_seconds
    now += 0.3
    assert meter.measure().age_seconds == pytest.approx(0.29)


def test_measuring_loads_nothing_more_of_numpy() -> None:
    # Such as masked arrays, which are 7 MB and a tenth of a second at the first wake word.
    script = (
        "import sys; from indoor_voice.room.sound.hearing import HearingMeter; "
        "before = set(sys.modules); HearingMeter().measure(); "
        "print(*(set(sys.modules) - before))"
    )
    printed = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert printed.stdout.split() == []
