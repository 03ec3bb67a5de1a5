"""Tests for disguising a voice, with real speech."""

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from indoor_voice.speech.disguise.linear_prediction import (
    Joining,
    frames_of,
    poles_of,
    predictors,
    response_of,
    spectra_of,
)
from indoor_voice.speech.disguise.pitch import shifted, usual_pitch
from indoor_voice.speech.disguise.voice import VoiceDisguise, disguised, draw_disguise
from indoor_voice.speech.recognition.whisper import Whisper
from tests.speech.speaking import RATE, Audio, Say, silence

COMMAND = "Turn on the light in the kitchen and close the window."


def pitch(sound: Audio) -> float:
    found = usual_pitch(sound.astype(np.float64))
    assert found is not None
    return found


def tone(hertz: float, seconds: float = 1.0) -> Audio:
    """Return a sound of many harmonics, as a voice is."""
    phases = 2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE
    harmonics = sum(np.sin(n * phases) / n for n in range(1, int(4000 / hertz)))
    return (0.1 * np.asarray(harmonics)).astype(np.float32)


def formants(sound: Audio) -> NDArray[np.float64]:
    """Return the frequencies in Hz of the two strongest resonances of a steady sound."""
    middle = poles_of(predictors(spectra_of(frames_of(sound.astype(np.float64)))))[20:-20]
    found = []
    for poles in middle:
        upper = poles[poles.imag > 0]
        strongest = upper[np.argsort(-np.abs(upper))[:2]]
        found.append(np.sort(np.angle(strongest)) * RATE / (2 * np.pi))
    return np.asarray(np.median(found, axis=0))


def vowel(first: float, second: float) -> Audio:
    """Return pulses at 110 Hz through two resonances."""
    response = np.ones(RATE // 2 + 1, np.complex128)
    turn = np.exp(-2j * np.pi * np.arange(RATE // 2 + 1) / RATE)
    for hertz in (first, second):
        pole = 0.98 * np.exp(2j * np.pi * hertz / RATE)
        response /= (1 - pole * turn) * (1 - pole.conjugate() * turn)
    pulses = np.zeros(RATE)
    pulses[:: RATE // 110] = 1
    sound = np.fft.irfft(np.fft.rfft(pulses) * response)
    return np.asarray(0.3 * sound / np.abs(sound).max(), np.float32)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def test_speech_is_taken_apart_and_put_together_again(say: Say) -> None:
    sound = say(COMMAND, after_seconds=0.3).astype(np.float64)
    spectra = spectra_of(frames_of(sound))
    response = response_of(poles_of(predictors(spectra)))
    again = Joining(len(sound))
    again.add(spectra * response / response)
    assert np.allclose(again.sound(), sound, atol=1e-9)


@pytest.mark.parametrize("hertz", [80, 110, 180, 260, 350])
def test_the_pitch_of_a_voice_is_found(hertz: int) -> None:
    assert pitch(tone(hertz)) == pytest.approx(hertz, rel=0.03)


@pytest.mark.parametrize("factor", [0.6, 0.85, 1.0, 1.3, 1.8])
def test_a_pitch_is_shifted_and_the_length_stays(factor: float) -> None:
    sound = tone(150).astype(np.float64)
    result = shifted(sound, factor)
    assert result.shape == sound.shape
    assert pitch(result.astype(np.float32)) == pytest.approx(150 * factor, rel=0.03)


def test_the_pitch_becomes_the_one_that_was_drawn_whatever_it_was(say: Say) -> None:
    spoken = say(COMMAND, after_seconds=0.3)
    for hertz in (85.0, 110.0, 140.0):
        changed = disguised(spoken, VoiceDisguise(coefficient=0.85, pitch_hertz=hertz))
        assert pitch(changed) == pytest.approx(hertz, rel=0.1)
    changed = disguised(tone(220), VoiceDisguise(coefficient=0.85, pitch_hertz=150))
    assert pitch(changed) == pytest.approx(150, rel=0.1)


def test_formants_move_as_the_coefficient_says() -> None:
    sound = vowel(500, 1500)
    assert formants(sound) == pytest.approx([500, 1500], rel=0.05)
    for coefficient in (0.75, 0.85, 0.95):
        how = VoiceDisguise(coefficient=coefficient, pitch_hertz=pitch(sound))
        angles = 2 * np.pi * np.array([500, 1500]) / RATE
        wanted = angles**coefficient * RATE / (2 * np.pi)
        assert formants(disguised(sound, how)) == pytest.approx(wanted, rel=0.1)


def test_words_stay(say: Say, recogniser: Whisper) -> None:
    spoken = say(COMMAND, after_seconds=0.3)
    for coefficient, hertz in ((0.75, 95), (0.75, 160), (0.95, 110), (0.85, 130)):
        how = VoiceDisguise(coefficient=coefficient, pitch_hertz=hertz)
        heard = recogniser.recognise(disguised(spoken, how), "en").best
        assert words(heard) == words(COMMAND)


def extremes() -> dict[str, Audio]:
    rng = np.random.default_rng(0)
    square = np.sign(np.sin(2 * np.pi * 120 * np.arange(RATE) / RATE)).astype(np.float32)
    return {
        "nothing": np.empty(0, np.float32),
        "one sample": np.ones(1, np.float32),
        "less than a frame": tone(150, 0.005),
        "one sample less than a frame of pitch": tone(150)[:639],
        "digital silence": np.zeros(RATE, np.float32),
        "constant": np.full(RATE, 0.5, np.float32),
        "the loudest there is": np.tile(np.array([-1, 1], np.float32), RATE // 2),
        "clipped": square,
        "one click": np.eye(1, RATE, 5000, dtype=np.float32)[0],
        "noise": rng.uniform(-1, 1, RATE).astype(np.float32),
        "barely there": (rng.integers(-1, 2, RATE) / 32768).astype(np.float32),
        "the longest": np.tile(np.concatenate([tone(120), silence(0.5)]), 12)[: 17 * RATE],
    }


@pytest.mark.parametrize("name", extremes())
def test_every_sound_has_an_answer_of_its_length(name: str) -> None:
    sound = extremes()[name]
    for coefficient in (0.75, 0.95):
        for hertz in (95, 210):
            how = VoiceDisguise(coefficient=coefficient, pitch_hertz=hertz)
            changed = disguised(sound, how)
            assert changed.shape == sound.shape
            assert changed.dtype == np.float32
            assert np.isfinite(changed).all()
            assert np.abs(changed).max(initial=0) <= 1
            assert bool(changed.any()) == bool(sound.any())


def test_silence_stays_where_it_was(say: Say) -> None:
    sound = np.concatenate([np.zeros(RATE, np.float32), say(COMMAND, after_seconds=0.0)])
    changed = disguised(sound, VoiceDisguise(coefficient=0.8, pitch_hertz=140))
    assert np.abs(changed[: RATE // 2]).max() < 1e-6


def test_no_two_recordings_share_a_disguise() -> None:
    drawn = [draw_disguise() for _ in range(200)]
    assert len(set(drawn)) == 200
    coefficients = [one.coefficient for one in drawn]
    pitches = [one.pitch_hertz for one in drawn]
    assert max(coefficients) - min(coefficients) > 0.1
    assert max(pitches) / min(pitches) > 1.5
