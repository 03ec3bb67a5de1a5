"""Finds out how high a voice is, and shifts its pitch without changing its length.

Shifting stretches the sound without changing its pitch (WSOLA: Verhelst and Roelands, 1993), then
resamples it to its former length.
"""

from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from indoor_voice.speech.pcm import RECOGNITION_RATE

_FRAME: Final = round(0.04 * RECOGNITION_RATE)
_HOP: Final = round(0.02 * RECOGNITION_RATE)
_LOWEST_HERTZ: Final = 60
_HIGHEST_HERTZ: Final = 400
_PERIODIC: Final = 0.5
"""The least likeness of a voiced frame to itself, one period later."""
_OCTAVE_COST: Final = 0.05
"""Taken from the likeness for each octave down: what repeats after one period does after two."""
_LOUD: Final = 0.1
"""The least loudness of a voiced frame, as part of the loudest frame's."""
_STRETCH_HOP: Final = round(0.02 * RECOGNITION_RATE)
_STRETCH_FRAME: Final = 2 * _STRETCH_HOP
_SEARCH: Final = round(0.012 * RECOGNITION_RATE)
_WINDOW: Final = np.sin(np.pi * np.arange(_STRETCH_FRAME) / _STRETCH_FRAME) ** 2

Floats = NDArray[np.float64]


def usual_pitch(samples: Floats) -> float | None:
    """Return the median frequency in Hz of the voiced parts of speech, None if none are."""
    if len(samples) < _FRAME:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]
    spectra = np.fft.rfft(frames * np.hanning(_FRAME), 2 * _FRAME)
    likeness = np.fft.irfft(spectra.real**2 + spectra.imag**2)
    shape = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_FRAME), 2 * _FRAME)) ** 2)
    energy = likeness[:, 0]
    shortest, longest = RECOGNITION_RATE // _HIGHEST_HERTZ, RECOGNITION_RATE // _LOWEST_HERTZ
    periods = np.arange(shortest, longest + 1)
    relative = likeness[:, periods] / (energy[:, None] + 1e-12) * (shape[0] / shape[periods])
    best = (relative - _OCTAVE_COST * np.log2(periods)).argmax(axis=1)
    voiced = (relative.max(axis=1) > _PERIODIC) & (energy > _LOUD**2 * energy.max())
    if not voiced.any():
        return None
    return float(np.median(RECOGNITION_RATE / periods[best[voiced]]))


def shifted(samples: Floats, factor: float) -> Floats:
    """Return a sound of the same length whose frequencies are multiplied by a factor."""
    stretched = _stretched(samples, factor)
    resampled = soxr.resample(stretched, factor * RECOGNITION_RATE, RECOGNITION_RATE)
    sound = np.zeros_like(samples)
    kept = resampled[: len(samples)]
    sound[: len(kept)] = kept
    return sound


def _stretched(samples: Floats, factor: float) -> Floats:
    """Return a sound that lasts `factor` times as long, put together of pieces that fit."""
    frames = round(len(samples) * factor) // _STRETCH_HOP + 2
    before = _SEARCH + _STRETCH_HOP
    padded = np.pad(samples, (before, 3 * _STRETCH_FRAME + 2 * _SEARCH))
    sound = np.zeros((frames + 1) * _STRETCH_HOP)
    follows = before - _STRETCH_HOP
    for number in range(frames):
        wanted = before + round((number - 1) * _STRETCH_HOP / factor)
        wanted = min(wanted, len(padded) - _STRETCH_FRAME - _SEARCH)
        # What comes next in the original fits best; look for what is like that.
        model = padded[follows : follows + _STRETCH_FRAME]
        first = max(wanted - _SEARCH, 0)
        around = padded[first : wanted + _SEARCH + _STRETCH_FRAME]
        chosen = first + _most_like(around, model)
        start = number * _STRETCH_HOP
        sound[start : start + _STRETCH_FRAME] += _WINDOW * padded[chosen : chosen + _STRETCH_FRAME]
        follows = min(chosen + _STRETCH_HOP, len(padded) - _STRETCH_FRAME)
    return sound[_STRETCH_HOP:]


def _most_like(around: Floats, model: Floats) -> int:
    """Return where in `around` there is something like `model`, loudness aside."""
    products = np.correlate(around, model, "valid")
    sums = np.concatenate([[0.0], np.cumsum(around**2)])
    energies = sums[len(model) :] - sums[: -len(model)]
    return int(np.argmax(products / np.sqrt(np.maximum(energies, 0) + 1e-9)))
