"""Tests for end-of-speech detection, from probabilities alone."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indoor_voice.speech.recognition.end_of_speech import (
    FRAME_SECONDS,
    NO_SPEECH_SECONDS,
    PAUSE_SECONDS,
    TOO_LONG_SECONDS,
    EndOfSpeech,
    SpeechEvent,
)

SILENCE = 0.6
LAST = {SpeechEvent.ENDED, SpeechEvent.NO_SPEECH, SpeechEvent.TOO_LONG}
probabilities = st.floats(0, 1)


def frames(seconds: float, probability: float) -> list[float]:
    return [probability] * round(seconds / FRAME_SECONDS)


def hear_all(rule: EndOfSpeech, *parts: list[float]) -> list[SpeechEvent]:
    heard = [rule.push(probability) for part in parts for probability in part]
    return [event for event in heard if event is not None]


def hear(rule: EndOfSpeech, *parts: list[float]) -> list[SpeechEvent]:
    """Return the events that change whether somebody speaks."""
    heard = hear_all(rule, *parts)
    return [event for event in heard if event is not SpeechEvent.PAUSE_LASTS]


# Runs of speech, silence and uncertainty, longer than any command.
rooms = st.lists(
    st.tuples(st.sampled_from([0.0, 0.4, 1.0]), st.floats(0.03, 4)), min_size=1, max_size=30
).map(
    lambda runs: [frame for probability, seconds in runs for frame in frames(seconds, probability)]
)


@given(room=rooms, wake_phrase=st.booleans())
def test_it_ends_once_within_the_cap(*, room: list[float], wake_phrase: bool) -> None:
    rule = EndOfSpeech(SILENCE, wake_phrase=wake_phrase)
    heard = hear(rule, room, frames(TOO_LONG_SECONDS + 1, 0.0))
    assert len(LAST & set(heard)) == 1
    assert heard[-1] in LAST
    assert rule.done
    assert rule.seconds <= TOO_LONG_SECONDS + FRAME_SECONDS


@given(room=rooms, wake_phrase=st.booleans())
def test_nobody_is_cut_off_while_speaking(*, room: list[float], wake_phrase: bool) -> None:
    rule = EndOfSpeech(SILENCE, wake_phrase=wake_phrase)
    silent_frames = 0
    for probability in room:
        silent_frames = 0 if probability >= 0.5 else silent_frames + 1
        if rule.push(probability) is SpeechEvent.ENDED:
            assert silent_frames * FRAME_SECONDS >= SILENCE


@given(room=rooms)
def test_events_tell_a_story(room: list[float]) -> None:
    rule = EndOfSpeech(SILENCE)
    heard = hear_all(rule, room, frames(TOO_LONG_SECONDS + 1, 0.0))
    may_follow = {
        None: {SpeechEvent.STARTED, SpeechEvent.NO_SPEECH},
        SpeechEvent.STARTED: {SpeechEvent.PAUSED, SpeechEvent.TOO_LONG},
        SpeechEvent.PAUSED: {
            SpeechEvent.PAUSE_LASTS,
            SpeechEvent.RESUMED,
            SpeechEvent.ENDED,
            SpeechEvent.TOO_LONG,
        },
        SpeechEvent.PAUSE_LASTS: {SpeechEvent.RESUMED, SpeechEvent.ENDED, SpeechEvent.TOO_LONG},
        SpeechEvent.RESUMED: {SpeechEvent.PAUSED, SpeechEvent.TOO_LONG},
    }
    before = None
    for event in heard:
        assert event in may_follow[before]
        before = event


@given(noise=st.lists(st.floats(0, 0.49), max_size=1000))
def test_noise_is_no_speech(noise: list[float]) -> None:
    assert set(hear(EndOfSpeech(SILENCE), noise)) <= {SpeechEvent.NO_SPEECH}


def test_nobody_speaks() -> None:
    rule = EndOfSpeech(SILENCE)
    assert hear(rule, frames(10, 0.1)) == [SpeechEvent.NO_SPEECH]
    assert rule.seconds == pytest.approx(NO_SPEECH_SECONDS, abs=2 * FRAME_SECONDS)


def test_a_click_is_no_speech() -> None:
    assert hear(EndOfSpeech(SILENCE), frames(1, 0), frames(0.064, 1), frames(1, 0)) == []


@pytest.mark.parametrize("silence_seconds", [0.3, 0.6, 1.2])
def test_it_ends_after_the_silence(silence_seconds: float) -> None:
    rule = EndOfSpeech(silence_seconds)
    assert hear(rule, frames(1, 1), frames(5, 0)) == [
        SpeechEvent.STARTED,
        SpeechEvent.PAUSED,
        SpeechEvent.ENDED,
    ]
    assert rule.seconds == pytest.approx(1 + silence_seconds, abs=2 * FRAME_SECONDS)


def test_a_pause_of_0_4_seconds_is_not_the_end() -> None:
    rule = EndOfSpeech(SILENCE)
    assert hear(rule, frames(1, 1), frames(0.45, 0), frames(1, 1), frames(1, 0)) == [
        SpeechEvent.STARTED,
        SpeechEvent.PAUSED,
        SpeechEvent.RESUMED,
        SpeechEvent.PAUSED,
        SpeechEvent.ENDED,
    ]


def test_a_speaker_without_end_is_cut_off() -> None:
    assert hear(EndOfSpeech(SILENCE), frames(20, 1)) == [SpeechEvent.STARTED, SpeechEvent.TOO_LONG]


def test_a_speaker_who_pauses_just_then_is_cut_off_too() -> None:
    rule = EndOfSpeech(SILENCE)
    cap_frames = math.ceil(TOO_LONG_SECONDS / FRAME_SECONDS)
    pause_frames = math.ceil(PAUSE_SECONDS / FRAME_SECONDS)
    sound = [1.0] * (cap_frames - pause_frames) + [0.0] * pause_frames
    assert hear(rule, sound) == [SpeechEvent.STARTED, SpeechEvent.TOO_LONG]


def test_what_another_voice_hid_counts_as_silence() -> None:
    rule = EndOfSpeech(SILENCE)
    hear(rule, frames(1, 1))
    assert rule.push(0.0, silent_frames=math.ceil(SILENCE / FRAME_SECONDS)) is SpeechEvent.PAUSED
    assert rule.push(0.0) is SpeechEvent.ENDED


def test_after_the_wake_phrase_one_may_think() -> None:
    rule = EndOfSpeech(SILENCE, wake_phrase=True)
    assert hear(rule, frames(0.5, 0), frames(0.8, 1), frames(3, 0)) == [
        SpeechEvent.STARTED,
        SpeechEvent.PAUSED,
    ]
    assert hear(rule, frames(1, 1), frames(1, 0)) == [
        SpeechEvent.RESUMED,
        SpeechEvent.PAUSED,
        SpeechEvent.ENDED,
    ]


def test_a_command_right_after_the_wake_phrase_ends_as_soon_as_it_is_recognised() -> None:
    rule = EndOfSpeech(SILENCE, wake_phrase=True)
    hear(rule, frames(0.5, 0), frames(1.2, 1), frames(0.7, 0))
    assert not rule.done
    assert rule.end_pause_after(SILENCE) is SpeechEvent.ENDED
    assert rule.done


def test_a_shorter_silence_ends_the_pause_when_it_has_passed() -> None:
    rule = EndOfSpeech(SILENCE)
    hear(rule, frames(1, 1), frames(0.3, 0))
    assert rule.end_pause_after(0.45) is None
    assert hear(rule, frames(0.2, 0)) == [SpeechEvent.ENDED]
    assert rule.end_pause_after(0.1) is None


def test_a_shorter_silence_ends_nothing_while_somebody_speaks() -> None:
    rule = EndOfSpeech(SILENCE)
    hear(rule, frames(1, 1), frames(0.3, 0), frames(0.2, 1))
    assert rule.end_pause_after(0.1) is None
    assert not rule.done


def test_a_pause_lasts_after_0_4_seconds_once() -> None:
    rule = EndOfSpeech(2.0)
    hear_all(rule, frames(1, 1), frames(0.38, 0))
    assert hear_all(rule, frames(1, 0)) == [SpeechEvent.PAUSE_LASTS]


def test_what_was_agreed_in_one_pause_does_not_hold_in_the_next() -> None:
    rule = EndOfSpeech(SILENCE)
    hear(rule, frames(1, 1), frames(0.3, 0))
    rule.end_pause_after(3)
    assert hear(rule, frames(1, 1), frames(0.7, 0))[-1] is SpeechEvent.ENDED


def test_only_the_wake_phrase_ends_some_time() -> None:
    rule = EndOfSpeech(SILENCE, wake_phrase=True)
    assert hear(rule, frames(1, 1), frames(9, 0)) == [
        SpeechEvent.STARTED,
        SpeechEvent.PAUSED,
        SpeechEvent.ENDED,
    ]
    assert rule.seconds == pytest.approx(1 + NO_SPEECH_SECONDS, abs=2 * FRAME_SECONDS)
