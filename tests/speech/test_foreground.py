"""Tests for telling the speaker from softer voices: the levels alone, then with real models."""

import itertools
import math

import numpy as np
import pytest
import soxr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indoor_voice.speech.recognition.end_of_speech import (
    FRAME_SAMPLES,
    FRAME_SECONDS,
    TOO_LONG_SECONDS,
    EndOfSpeech,
    SpeechEvent,
)
from indoor_voice.speech.recognition.foreground import Foreground, FromSpeaker
from indoor_voice.speech.recognition.silero import VoiceDetector
from tests.speech.speaking import RATE, Audio, Client, Say, silence
from tests.speech.test_recognition import words

SILENCE_SECONDS = 0.6
PHRASE = "Hey Jarvis!"
COMMANDS = ["Turn off the lights in the living room.", "What's the temperature outside?"]
NEWS = (
    "The government announced on Tuesday that the new budget would be presented next week. "
    "Opposition leaders said that the plan did not go far enough, and called for a vote. "
    "Heavy rain has caused flooding across the north, and several roads remain closed."
)
TALK = "Did you see what happened yesterday? I can't believe it. We should ask your mother."


def frames(seconds: float, dbfs: float, seed: int = 0) -> list[Audio]:
    """Return noise of one level."""
    count = round(seconds / FRAME_SECONDS)
    noise = np.random.default_rng(seed).normal(0, 10 ** (dbfs / 20), (count, FRAME_SAMPLES))
    return list(noise.astype(np.float32))


def probabilities_heard(
    foreground: Foreground, sound: list[Audio], probability: float = 1.0
) -> list[float]:
    return [foreground.push(frame, probability).probability for frame in sound]


def seconds_heard(foreground: Foreground, sound: list[Audio]) -> float:
    """Return how long the speaker is still heard in sound that is all speech."""
    return sum(probabilities_heard(foreground, sound)) * FRAME_SECONDS


@pytest.mark.parametrize("softer_db", [10, 15, 20])
def test_a_voice_behind_the_speaker_is_not_the_speaker(softer_db: float) -> None:
    foreground = Foreground()
    probabilities_heard(foreground, frames(0.5, -20 - softer_db))
    assert all(probabilities_heard(foreground, frames(2, -20)))
    assert seconds_heard(foreground, frames(3, -20 - softer_db)) < 0.6


@pytest.mark.parametrize("softer_db", [10, 15, 20])
@pytest.mark.parametrize("silence_seconds", [0.8, 1.1])
def test_a_voice_that_goes_on_delays_nothing(softer_db: float, silence_seconds: float) -> None:
    foreground, rule = Foreground(), EndOfSpeech(silence_seconds)
    other = frames(5, -20 - softer_db)
    sound = [*other[:15], *frames(2, -20), *other]
    for frame in sound:
        rule.push(*foreground.push(frame, 1.0))
        if rule.done:
            break
    after_seconds = rule.seconds - (15 + 62) * FRAME_SECONDS
    assert silence_seconds <= after_seconds <= silence_seconds + 0.3


def test_what_another_voice_says_after_the_speaker_is_left_out() -> None:
    foreground = Foreground()
    sound = [*frames(0.5, -35), *frames(2, -20), *frames(1, -29)]
    probabilities_heard(foreground, sound)
    assert len(foreground.without_background(sound)) / RATE < 2.5 + 0.5


def test_whoever_stresses_a_syllable_now_and_then_goes_on_speaking() -> None:
    foreground = Foreground()
    probabilities_heard(foreground, frames(0.5, -35))
    probabilities_heard(foreground, frames(1, -20))
    for _ in range(5):
        assert all(probabilities_heard(foreground, frames(0.45, -28)))
        assert all(probabilities_heard(foreground, frames(0.15, -21)))


def test_soft_last_words_in_a_quiet_room_are_the_speaker() -> None:
    foreground = Foreground()
    probabilities_heard(foreground, frames(1, -70), 0.0)
    assert all(probabilities_heard(foreground, frames(2, -20)))
    assert all(probabilities_heard(foreground, frames(1, -36)))


def test_a_softer_last_word_is_the_speaker_before_a_television_too() -> None:
    foreground = Foreground()
    probabilities_heard(foreground, frames(0.5, -35))
    probabilities_heard(foreground, frames(2, -20))
    assert all(probabilities_heard(foreground, frames(0.5, -27)))


def test_a_voice_that_is_hardly_softer_cannot_be_told() -> None:
    foreground = Foreground()
    probabilities_heard(foreground, frames(2, -20))
    assert all(probabilities_heard(foreground, frames(3, -24)))


def test_the_speaker_may_start_after_the_television() -> None:
    foreground = Foreground()
    sound = [*frames(1, -35), *frames(2, -20), *frames(3, -35)]
    probabilities_heard(foreground, sound)
    kept = foreground.without_background(sound)
    assert 3 <= len(kept) / RATE < 3.6
    assert not kept[: RATE // 2].any()
    whole = np.concatenate(sound)
    assert np.array_equal(kept[RATE : 3 * RATE], whole[RATE : 3 * RATE])


def test_without_other_voices_no_sample_changes() -> None:
    foreground = Foreground()
    sound = [*frames(1, -70), *frames(2, -20), *frames(2, -70)]
    for frame, probability in zip(sound, [0.0] * 31 + [1.0] * 62 + [0.0] * 62, strict=True):
        foreground.push(frame, probability)
    assert np.array_equal(foreground.without_background(sound), np.concatenate(sound))


levels = st.lists(
    st.tuples(st.floats(-120, 10), st.floats(0, 1), st.integers(1, 60)), min_size=1, max_size=12
)


def any_sound(runs: list[tuple[float, float, int]]) -> list[tuple[Audio, float]]:
    """Return frames, clipped where they're too loud, with probabilities."""
    return [
        (np.clip(frame, -1, 1), probability)
        for seed, (dbfs, probability, count) in enumerate(runs)
        for frame in frames(count * FRAME_SECONDS, dbfs, seed)
    ]


@settings(deadline=None)
@given(runs=levels)
def test_it_only_ever_says_less(runs: list[tuple[float, float, int]]) -> None:
    foreground = Foreground()
    sound = any_sound(runs)
    for frame, probability in sound:
        speaker = foreground.push(frame, probability)
        assert speaker.probability in (0.0, probability)
        assert not (speaker.probability and speaker.silent_frames)
    kept = foreground.without_background([frame for frame, _ in sound])
    assert np.isfinite(kept).all()
    assert len(kept) % FRAME_SAMPLES == 0
    assert len(kept) <= len(sound) * FRAME_SAMPLES


@settings(deadline=None)
@given(runs=levels)
@example(runs=[(0.0, 0.0, 3), (0.0, 1.0, 9), (-12.0, 0.0, 17)])
def test_whoever_is_the_loudest_is_never_cut_off(runs: list[tuple[float, float, int]]) -> None:
    foreground, rule = Foreground(), EndOfSpeech(SILENCE_SECONDS)
    for frame, probability in any_sound(runs)[:150]:
        rule.push(*foreground.push(frame, probability))
    if rule.done:
        return
    for frame in frames(TOO_LONG_SECONDS, 0):
        event = rule.push(*foreground.push(np.clip(frame, -1, 1), 1.0))
        assert event not in (SpeechEvent.ENDED, SpeechEvent.NO_SPEECH)


@pytest.mark.parametrize("dbfs", [-60, -20, 20], ids=["soft", "loud", "clipped"])
def test_a_stream_that_never_falls_silent_is_too_long(dbfs: float) -> None:
    foreground, rule = Foreground(), EndOfSpeech(SILENCE_SECONDS)
    events = [
        rule.push(*foreground.push(np.clip(frame, -1, 1), 1.0))
        for frame in frames(TOO_LONG_SECONDS + 1, dbfs)
    ]
    assert [event for event in events if event] == [SpeechEvent.STARTED, SpeechEvent.TOO_LONG]


def test_digital_silence_is_a_level() -> None:
    foreground = Foreground()
    nothing = [np.zeros(FRAME_SAMPLES, np.float32)] * 50
    assert all(math.isfinite(value) for value in probabilities_heard(foreground, nothing, 1.0))
    assert not foreground.without_background(nothing).any()


def rms(audio: Audio) -> float:
    """Return the level of the parts that aren't pauses."""
    power = np.square(audio[: len(audio) // 320 * 320].reshape(-1, 320)).mean(axis=1)
    return float(np.sqrt(power[power > power.max() / 1000].mean()))


def behind(say: Say, kind: str) -> Audio:
    """Return 15 s of another voice, at least, with a level of 1."""
    if kind == "news":
        audio = say(NEWS, before_seconds=0, after_seconds=0.2)
    elif kind == "somebody":
        audio = say(TALK, before_seconds=0, after_seconds=0.7)
    else:
        audio = say(TALK, before_seconds=0, after_seconds=0.1)
    # Another, lower voice.
    audio = soxr.resample(audio, RATE, RATE * 1.15)
    audio = np.tile(audio, math.ceil(15 * RATE / len(audio)))
    if kind == "a song":
        time_seconds = np.arange(len(audio)) / RATE
        beat = np.exp(-4 * (time_seconds % 0.5))
        chord = sum(np.sin(2 * np.pi * pitch * time_seconds) for pitch in (220, 277, 330, 440))
        audio = audio / rms(audio) + (beat * chord / 2).astype(np.float32)
    scaled: Audio = audio / np.float32(rms(audio))
    return scaled


def mixed(speaker: Audio, other: Audio, softer_db: float) -> Audio:
    other = other[: len(speaker)] * np.float32(rms(speaker) * 10 ** (-softer_db / 20))
    return np.clip(speaker + other, -1, 1)


def end_of(audio: Audio, *, foreground: bool = True) -> float:
    """Return when the end of speech is found, in seconds; infinity if it isn't."""
    detector, levels, rule = VoiceDetector(), Foreground(), EndOfSpeech(SILENCE_SECONDS)
    sound = detector.frames(audio)
    for frame, probability in zip(sound, detector.probabilities(sound), strict=True):
        speaker = levels.push(frame, probability) if foreground else FromSpeaker(probability)
        rule.push(*speaker)
        if rule.done:
            return rule.seconds
    return math.inf


SCENES = [
    pytest.param(kind, softer_db, id=f"{kind}-{softer_db}")
    for kind, softer_db in itertools.product(["news", "a song", "somebody"], [10, 15, 20])
]


@pytest.mark.parametrize(("kind", "softer_db"), SCENES)
async def test_the_turn_ends_with_the_loud_voice(
    client: Client, say: Say, kind: str, softer_db: float
) -> None:
    other = behind(say, kind)
    for command in COMMANDS:
        audio = say(PHRASE, command, gap_seconds=0.1, after_seconds=4.0)
        speech_seconds = len(audio) / RATE - 4.0
        scene = mixed(audio, other, softer_db)
        assert speech_seconds < end_of(scene) < speech_seconds + 1.2
        text = await client.transcribe(scene, context={"wake_word_phrase": "hey jarvis"})
        said, heard = words(command), words(text)
        # Before such loud news, the wake phrase may not be recognised as what it is.
        before = len(heard) - len(said)
        assert before <= 0 or (before <= len(words(PHRASE)) and heard[before:] == said)
        if softer_db > 10:
            assert heard == said


@pytest.mark.parametrize("falls_db", [0, 4, 8])
def test_a_falling_voice_is_not_cut_off_earlier(say: Say, falls_db: float) -> None:
    for command in COMMANDS:
        audio = say(command, after_seconds=1.5)
        falling = np.interp(np.arange(len(audio)), [0, RATE, len(audio) - 1.5 * RATE], [0, 0, 1])
        soft = audio * (10 ** (-falls_db * falling / 20)).astype(np.float32)
        assert end_of(soft) == pytest.approx(end_of(soft, foreground=False), abs=0.15)


async def test_what_the_television_says_while_the_speaker_thinks(client: Client, say: Say) -> None:
    audio = say(PHRASE, COMMANDS[0], gap_seconds=1.5, after_seconds=4.0)
    scene = mixed(audio, behind(say, "news"), 20)
    text = await client.transcribe(scene, context={"wake_word_phrase": "hey jarvis"})
    assert words(text) == words(COMMANDS[0])


async def test_a_clipped_voice_before_a_television(client: Client, say: Say) -> None:
    audio = say(PHRASE, COMMANDS[0], gap_seconds=0.1, after_seconds=4.0) * 4
    scene = mixed(audio, behind(say, "news"), 20)
    text = await client.transcribe(scene, context={"wake_word_phrase": "hey jarvis"})
    assert words(text) == words(COMMANDS[0])


async def test_a_room_that_never_falls_silent(client: Client, say: Say) -> None:
    await client.begin_speaking()
    await client.stream(np.concatenate([behind(say, "news") * 0.1, silence(1)]))
    events = await client.receive_until("transcript", "error")
    assert events[-1].type == "transcript"
