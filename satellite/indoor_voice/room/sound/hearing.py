"""Measures how well the microphone has just heard a wake word, in numbers that hold no sound."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .pcm import BLOCK_SAMPLES, BLOCK_SECONDS, RATE, Samples

_FRAME_SAMPLES: Final = RATE // 50
_FRAMES_IN_BLOCK: Final = BLOCK_SAMPLES // _FRAME_SAMPLES
_FRAMES_PER_SECOND: Final = RATE // _FRAME_SAMPLES
_BAND_HZ: Final = (200, 4_000)
"""Speech without the hum and rumble below, which differ from microphone to microphone."""
_FULL_SCALE_DB: Final = 130.0
"""What a frame of the loudest tone measures."""
_MEMORY_SECONDS: Final = 3.0
_COURSE_SECONDS: Final = 2.0
_COURSE_FRAMES: Final = 2
"""Frames in one value of the course: 40 ms."""
_COURSE_DB: Final = 30
"""The highest value of the course."""
_WORD_SECONDS: Final = 1.0
"""A wake word has been spoken within this time before it is detected."""
_LOUD_SECONDS: Final = 0.4
"""The loudest part of a wake word."""
_BACKGROUND_SHARE: Final = 0.2
"""Of the frames, those that are softer than the background."""
_GOOD_SNR_DB: Final = 20.0
"""Above this, speech is as good as without any noise."""
_LEVEL_WEIGHT: Final = 0.5
_DELAYS: Final = 125
"""Blocks, 10 s, among which one came without any delay that a busy machine adds."""


Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How a wake word was heard."""

    quality_db: float
    """The higher, the better: the signal-to-noise ratio as far as it matters, and half the level.

    The level tells near from far, whatever the noise in each room is; the signal-to-noise ratio
    doesn't depend on the microphone's gain. See docs/decisions/best-hearing.md.
    """
    course: tuple[int, ...]
    """The level of each 40 ms up to now, oldest first, in dB above the background.

    Or in dB above 30 dB below the loudest, if that is higher.
    """
    age_seconds: float
    """How long ago the course ended, because this machine was busy."""


class HearingMeter:
    """Remembers the level of the sound of the last seconds, and nothing else of it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without any sound; `clock` returns seconds."""
        self._clock = clock
        self._heard_seconds = 0.0
        self._delays: deque[float] = deque(maxlen=_DELAYS)
        self._levels: deque[float] = deque(maxlen=round(_MEMORY_SECONDS * RATE / _FRAME_SAMPLES))
        self._window = np.hanning(_FRAME_SAMPLES)
        low, high = (round(hz * _FRAME_SAMPLES / RATE) for hz in _BAND_HZ)
        self._band = slice(low, high + 1)

    def add(self, block: Samples) -> None:
        """Measure the next block of shape (1280,)."""
        frames = block.reshape(_FRAMES_IN_BLOCK, _FRAME_SAMPLES) * self._window
        spectrum = np.abs(np.fft.rfft(frames)) ** 2
        self._heard_seconds += BLOCK_SECONDS
        self._delays.append(self._clock() - self._heard_seconds)
        self._levels.extend(10 * np.log10(np.maximum(spectrum[:, self._band].sum(axis=1), 1.0)))

    def measure(self) -> Hearing:
        """Return how well the wake word was heard that has just ended."""
        levels = np.fromiter(self._levels, np.float64) if self._levels else np.zeros(_COURSE_FRAMES)
        background = _quantile(levels, _BACKGROUND_SHARE)
        powers = 10 ** (levels / 10)
        loud = 10 * math.log10(_loudest(powers[-round(_WORD_SECONDS * _FRAMES_PER_SECOND) :]))
        snr = min(loud - background, _GOOD_SNR_DB)
        return Hearing(
            quality_db=round(snr + _LEVEL_WEIGHT * (loud - _FULL_SCALE_DB), 1),
            course=_course(powers, background),
            age_seconds=round(self._age_seconds(), 3),
        )

    def _age_seconds(self) -> float:
        if not self._delays:
            return 0.0
        return self._clock() - self._heard_seconds - min(self._delays)

    def forget(self) -> None:
        """Forget the levels, as after a gap."""
        self._levels.clear()
        self._delays.clear()


def _quantile(levels: Floats, share: float) -> float:
    """Return what `np.quantile` does, which would load numpy's masked arrays: 4 MB, and 0.1 s."""
    ordered, position = np.sort(levels), share * (levels.size - 1)
    below = math.floor(position)
    low, high = ordered[below], ordered[math.ceil(position)]
    return float(low + (high - low) * (position - below))


def _loudest(powers: Floats) -> float:
    """Return the mean power of the loudest part."""
    length = min(powers.size, round(_LOUD_SECONDS * _FRAMES_PER_SECOND))
    return float(np.convolve(powers, np.full(length, 1 / length), "valid").max())


def _course(powers: Floats, background_db: float) -> tuple[int, ...]:
    whole = powers[powers.size % _COURSE_FRAMES :].reshape(-1, _COURSE_FRAMES).mean(axis=1)
    latest = whole[-round(_COURSE_SECONDS * _FRAMES_PER_SECOND / _COURSE_FRAMES) :]
    levels = 10 * np.log10(latest)
    above = np.maximum(levels - max(background_db, levels.max() - _COURSE_DB), 0)
    return tuple(int(level) for level in np.round(above))
