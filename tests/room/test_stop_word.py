""" "Stop" ends what sounds: the real model, Piper's speech."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np
import pytest

from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from indoor_voice.room.sound.stop_word import StopWord
from indoor_voice.room.timers.timer import Timer
from tests.room.room_parts import ServedSatellite
from tests.waiting import until

Say = Callable[[str], Samples]
QUIET = 0.05
FORMAT: dict[str, Any] = {"rate": 16_000, "width": 2, "channels": 1}


@pytest.fixture
def stop(say: Say) -> Samples:
    return np.pad(say("Stop!"), (2 * RATE, RATE))


def heard(stop_word: StopWord, spoken: Samples, played: Samples | None) -> int:
    """Return how often "stop" is heard while something is played."""
    if played is not None:
        stop_word.begin(RATE)
    times = 0
    for number, block in zip(count(), blocks(spoken), strict=False):
        if played is not None:
            start = number * BLOCK_SAMPLES
            stop_word.add(played[start : start + BLOCK_SAMPLES])
        times += stop_word.hear(block)
    return times


def test_a_person_is_heard_while_something_is_played(stop: Samples) -> None:
    tone = (np.sin(np.arange(stop.size) / 10) * 3_000).astype(np.int16)
    assert heard(StopWord(), stop, tone) == 1


def test_nothing_is_heard_while_nothing_is_played(stop: Samples) -> None:
    assert heard(StopWord(), stop, None) == 0


def test_what_the_satellite_says_itself_is_ignored(stop: Samples) -> None:
    echo = np.roll((stop * QUIET).astype(np.int16), 4 * BLOCK_SAMPLES)
    assert heard(StopWord(), echo, stop) == 0


def test_other_words_are_ignored(say: Say) -> None:
    sentence = np.pad(say("Turn on the light in the kitchen, please."), (2 * RATE, RATE))
    assert heard(StopWord(), sentence, np.ones_like(sentence)) == 0


def blocks(sound: Samples) -> Iterator[Samples]:
    for start in range(0, sound.size - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        yield sound[start : start + BLOCK_SAMPLES]


async def say_stop(satellite: ServedSatellite, stop: Samples) -> None:
    """Say "stop" while something is played."""
    (monitor,) = [it for it in satellite.loudspeaker.monitors if isinstance(it, StopWord)]
    monitor.begin(RATE)
    monitor.add(np.zeros((BLOCK_SAMPLES,), np.int16))
    for block in blocks(stop[2 * RATE :]):
        satellite.microphone.sound.put(block)


async def test_it_ends_an_announcement_without_a_turn(
    satellite: ServedSatellite, stop: Samples
) -> None:
    controller = await satellite.control()
    await controller.send("audio-start", **FORMAT)
    await controller.send("audio-chunk", bytes(64_000), **FORMAT)
    await until(lambda: satellite.loudspeaker.played, lambda played: len(played) > 0)
    await say_stop(satellite, stop)
    before = await controller.receive_until("played")
    assert "run-pipeline" not in [event.type for event in before]


async def test_it_ends_what_rings(satellite: ServedSatellite, stop: Samples) -> None:
    satellite.room.timers.start(Timer(id="a", total_seconds=0, left_seconds=0, since_seconds=0))
    await satellite.loudspeaker.until_cue(Cue.RINGING)
    await say_stop(satellite, stop)
    await until(lambda: satellite.room.timers.ringing, lambda ringing: not ringing)
    assert Cue.FAILED not in satellite.loudspeaker.cues
