"""The recorded prompts of a satellite: the pairing code and the wake words."""

import re
from collections.abc import Callable

import numpy as np
import pytest

from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from indoor_voice.room.sound.prompts import recording, spoken_code, spoken_wake_word
from indoor_voice.room.sound.wake_models import BUILT_IN, built_in_models
from indoor_voice.room.sound.wake_word import Detector

DIGITS = {
    **dict(zip("0123456789", "0123456789", strict=True)),
    **{
        word: str(digit)
        for digit, word in enumerate(
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
        )
    },
}


@pytest.mark.parametrize("code", ["492173", "058664"])
def test_whisper_understands_the_code(code: str, words_in: Callable[[Samples], str]) -> None:
    text = words_in(spoken_code(code))
    assert "my pairing code is" in text
    words = re.findall("|".join(DIGITS), text)
    assert "".join(DIGITS[word] for word in words) == code


def test_the_digits_are_apart_and_the_code_can_be_typed_along() -> None:
    code = spoken_code("492173")
    assert 6 < len(code) / RATE < 10
    loud = np.flatnonzero(np.abs(code.astype(int)) > 300)
    pauses = np.diff(loud)[np.diff(loud) > 0.4 * RATE]
    assert len(pauses) == 6
    assert len(spoken_code("492173", times=2)) > 2 * len(code)


def test_recordings_are_not_overdriven_and_begin_and_end_quietly() -> None:
    for name in [*"0123456789", "my-pairing-code-is", *BUILT_IN]:
        sound = recording(name).astype(int)
        assert 0.3 * RATE < len(sound) < 1.5 * RATE
        assert 8_000 < np.abs(sound).max() < 20_000
        assert abs(sound[0]) < 50
        assert abs(sound[-1]) < 50


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("volume", [1.0, 0.1])
def test_the_wake_words_are_detected(name: str, volume: float) -> None:
    sound = spoken_wake_word(name)
    assert sound is not None
    sound = np.concatenate([(sound * volume).astype(np.int16), np.zeros((RATE,), np.int16)])
    detector = Detector([built_in_models()[name]])
    detections = [
        detector.hear(sound[start : start + BLOCK_SAMPLES])
        for start in range(0, len(sound) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES)
    ]
    assert detections.count(name) == 1


def test_a_wake_word_of_the_user_has_no_recording() -> None:
    assert spoken_wake_word("hello_computer") is None
