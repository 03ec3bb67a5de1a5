"""Puts clips into the conditions of a home: other speakers, noise, a hall, a soft voice."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from indoor_voice.room.sound.pcm import RATE, Samples

LEAD_SECONDS: Final = 1.0
"""Before the clip."""
TAIL_SECONDS: Final = 1.0
"""After the clip, for a detector that is late."""
_TALKERS: Final = 4
"""Speakers whose sum is babble."""
_SOFT_DB: Final = -24.0
_REVERBERATION_SECONDS: Final = 0.5
"""Until an echo has died away by 60 dB, as in a furnished living room."""
_LOUD_SECONDS: Final = 0.4
"""The loudest part of a clip that determines its level: about a word."""
_LIMIT: Final = 32767.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a clip sounds in a home."""

    name: str
    babble_db: float | None = None
    """Level of the speech below that of other speakers together; None without any."""
    noise_db: float | None = None
    """The same for noise."""
    soft: bool = False
    reverberant: bool = False


CONDITIONS: Final = (
    Condition(name="quiet"),
    Condition(name="soft", soft=True),
    Condition(name="reverberant", reverberant=True),
    Condition(name="noise 10 dB", noise_db=10),
    Condition(name="noise 5 dB", noise_db=5),
    Condition(name="babble 10 dB", babble_db=10),
    Condition(name="babble 5 dB", babble_db=5),
    Condition(name="babble 0 dB", babble_db=0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backgrounds:
    """Sound to mix clips with."""

    speech: Sequence[Samples]
    noise: Sequence[Samples]
    """If empty, pink noise."""

    def apply(self, condition: Condition, clip: Samples, seed: int) -> Samples:
        """Return a clip under a condition, between a second of background before and after."""
        random = np.random.default_rng(seed)
        sound = np.pad(
            clip.astype(np.float64), (round(LEAD_SECONDS * RATE), round(TAIL_SECONDS * RATE))
        )
        if condition.reverberant:
            sound = _convolve(sound, _room_response())
        level = loudness(sound)
        if condition.babble_db is not None and self.speech:
            talkers = [_part(self.speech, sound.size, random) for _ in range(_TALKERS)]
            babble: Floats = np.sum(talkers, axis=0)
            sound += babble * level / _rms(babble) * 10 ** (-condition.babble_db / 20)
        if condition.noise_db is not None:
            noise = _part(self.noise or (_pink_noise(),), sound.size, random)
            sound += noise * level / _rms(noise) * 10 ** (-condition.noise_db / 20)
        if condition.soft:
            sound *= 10 ** (_SOFT_DB / 20)
        sound *= min(1.0, _LIMIT / max(1.0, float(np.abs(sound).max())))
        return sound.astype(np.int16)


def loudness(sound: Floats) -> float:
    """Return the root mean square of the loudest part of a sound, as long as a word."""
    length = min(sound.size, round(_LOUD_SECONDS * RATE))
    energy = np.cumsum(np.concatenate(([0.0], sound**2)))
    loudest = float((energy[length:] - energy[:-length]).max())
    return math.sqrt(max(1.0, loudest / length))


def _part(sounds: Sequence[Samples], length: int, random: np.random.Generator) -> Floats:
    """Return a random part of random sounds, one after the other, each as loud as the others."""
    parts: list[Floats] = []
    missing = length
    while missing > 0:
        sound = sounds[int(random.integers(len(sounds)))].astype(np.float64)
        part = (sound / loudness(sound))[random.integers(max(1, sound.size // 2)) :][:missing]
        parts.append(part)
        missing -= part.size
    return np.concatenate(parts)


def _rms(sound: Floats) -> float:
    return math.sqrt(max(1e-12, float(np.mean(sound**2))))


@cache
def _room_response() -> Floats:
    """Return the impulse response of a room: the direct sound, and as much energy after it."""
    random = np.random.default_rng(0)
    time = np.arange(round(_REVERBERATION_SECONDS * RATE)) / RATE
    tail = random.standard_normal(time.size) * 10 ** (-3 * time / _REVERBERATION_SECONDS)
    tail[: RATE // 200] = 0.0  # the first echo comes 5 ms later
    tail /= np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    response: Floats = tail
    return response


def _convolve(sound: Floats, response: Floats) -> Floats:
    size = sound.size + response.size - 1
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[: sound.size]


@cache
def _pink_noise() -> Samples:
    white = np.random.default_rng(0).standard_normal(30 * RATE)
    spectrum = np.fft.rfft(white)
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.size), 20))
    pink = np.fft.irfft(spectrum, white.size)
    noise: Samples = (pink / np.abs(pink).max() * 10_000).astype(np.int16)
    return noise
