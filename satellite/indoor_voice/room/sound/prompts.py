"""Recorded speech, for which no speech server is needed: codes, wake words and sentences."""

import wave
from enum import StrEnum
from importlib.resources import files
from typing import Final

import numpy as np

from .pcm import RATE, Samples

_AFTER_DIGIT_SECONDS: Final = 0.45
_AFTER_GROUP_SECONDS: Final = 0.9
"""Pause after three digits, so that the listener can type along."""
_BEFORE_REPEATING_SECONDS: Final = 2.0

SILENCE: Final[Samples] = np.zeros((0,), np.int16)

_RECORDED: Final = files(__package__) / "recorded"
_FALLBACK_LANGUAGE: Final = "en"


class Sentence(StrEnum):
    """What a satellite says while nothing else can speak for it."""

    HOME_ASSISTANT_AWAY = "home-assistant-away"
    SPEECH_SERVER_AWAY = "speech-server-away"
    NOT_PAIRED = "not-paired"


def spoken_code(code: str, *, times: int = 1) -> Samples:
    """Return "My pairing code is" and the digits of `code`, repeated `times` times."""
    once = [recording("my-pairing-code-is"), _silence(_AFTER_DIGIT_SECONDS)]
    for number, digit in enumerate(code, 1):
        once += [
            recording(digit),
            _silence(_AFTER_DIGIT_SECONDS if number % 3 else _AFTER_GROUP_SECONDS),
        ]
    said = np.concatenate(once)
    return np.concatenate([said, *[_silence(_BEFORE_REPEATING_SECONDS), said] * (times - 1)])


def spoken_wake_word(name: str) -> Samples | None:
    """Return a recorded wake word between silences; None if there is no recording of it."""
    try:
        said = recording(name)
    except FileNotFoundError:
        return None
    return np.concatenate([_silence(0.5), said, _silence(0.5)])


def spoken_sentence(sentence: Sentence, language: str) -> Samples:
    """Return a recorded sentence in a language such as `de-CH`; in English if there is none."""
    spoken = language.lower().partition("-")[0]
    if not (_RECORDED / spoken).is_dir():
        spoken = _FALLBACK_LANGUAGE
    return recording(f"{spoken}/{sentence}")


def recording(name: str) -> Samples:
    """Return a recording by its name; raises `FileNotFoundError`."""
    with (_RECORDED / f"{name}.wav").open("rb") as file, wave.open(file) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(
            np.int16, copy=False
        )


def _silence(seconds: float) -> Samples:
    return np.zeros((round(seconds * RATE),), np.int16)
