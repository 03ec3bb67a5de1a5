"""Separates speech into what excites the vocal tract and the resonances of the tract.

Every frame of speech is predicted from the samples before (linear prediction). What can't be
predicted is the excitation; the predictor's poles are the resonances, of which the strong ones are
formants. Frames overlap by half, under windows whose sum is constant.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FRAME_SAMPLES: Final = 320
"""20 ms at 16 kHz."""
HOP_SAMPLES: Final = FRAME_SAMPLES // 2
TRANSFORM_SAMPLES: Final = 1024
"""Leaves room for what a filter adds behind a frame."""
BINS: Final = TRANSFORM_SAMPLES // 2 + 1
_ORDER: Final = 20
_MAX_RADIUS: Final = 0.985
"""Of a pole: one nearer to the unit circle rings for longer than a transform lasts."""
_NOISE_FLOOR: Final = 1e-4
"""Part of a frame's energy that is added to its prediction as noise, which keeps it stable."""
_SILENCE: Final = 1e-9
"""Added to a frame's energy, so that silence is predicted to be silence."""
_WINDOW: Final = np.sin(np.pi * np.arange(FRAME_SAMPLES) / FRAME_SAMPLES) ** 2

Floats = NDArray[np.float64]
Spectra = NDArray[np.complex128]


def frames_of(samples: Floats) -> Floats:
    """Return the frames of a sound, of which the first begins before it."""
    frames = -(-len(samples) // HOP_SAMPLES) + 1
    padded = np.zeros((frames + 1) * HOP_SAMPLES)
    padded[HOP_SAMPLES : HOP_SAMPLES + len(samples)] = samples
    return np.lib.stride_tricks.sliding_window_view(padded, FRAME_SAMPLES)[::HOP_SAMPLES]


def spectra_of(frames: Floats) -> Spectra:
    """Return the spectra of frames under their windows."""
    return np.fft.rfft(frames * _WINDOW, TRANSFORM_SAMPLES)


class Joining:
    """Puts a sound of so many samples together of its frames, from first to last."""

    def __init__(self, samples: int) -> None:
        """Begin with silence."""
        self._samples = samples
        frames = len(frames_of(np.zeros(samples)))
        self._sound = np.zeros(frames * HOP_SAMPLES + TRANSFORM_SAMPLES)
        self._next = 0

    def add(self, spectra: Spectra) -> None:
        """Add the next frames."""
        for frame in np.fft.irfft(spectra, TRANSFORM_SAMPLES):
            self._sound[self._next : self._next + TRANSFORM_SAMPLES] += frame
            self._next += HOP_SAMPLES

    def sound(self) -> Floats:
        """Return the sound."""
        return self._sound[HOP_SAMPLES : HOP_SAMPLES + self._samples]


def predictors(spectra: Spectra) -> Floats:
    """Return each frame's prediction filter, by the recursion of Levinson and Durbin."""
    power = spectra.real**2 + spectra.imag**2
    correlation = np.fft.irfft(power, TRANSFORM_SAMPLES)[:, : _ORDER + 1]
    correlation[:, 0] = correlation[:, 0] * (1 + _NOISE_FLOOR) + _SILENCE
    filters = np.zeros_like(correlation)
    filters[:, 0] = 1
    error = correlation[:, 0].copy()
    for order in range(1, _ORDER + 1):
        reversed_part = correlation[:, order:0:-1]
        reflection = -np.sum(filters[:, :order] * reversed_part, axis=1) / error
        filters[:, 1 : order + 1] += reflection[:, None] * filters[:, order - 1 :: -1][:, :order]
        error *= 1 - reflection**2
    return filters


def poles_of(filters: Floats) -> Spectra:
    """Return the poles of each frame's vocal tract, which are the zeros of its predictor."""
    companions = np.zeros((len(filters), _ORDER, _ORDER))
    companions[:, 0, :] = -filters[:, 1:]
    companions[:, np.arange(1, _ORDER), np.arange(_ORDER - 1)] = 1
    return np.linalg.eigvals(companions).astype(np.complex128)


def response_of(poles: Spectra) -> Spectra:
    """Return the spectra of the predictors with these zeros, which must come in pairs."""
    radius = np.minimum(np.abs(poles), _MAX_RADIUS)
    poles = radius * np.exp(1j * np.angle(poles))
    filters = np.zeros((len(poles), _ORDER + 1), np.complex128)
    filters[:, 0] = 1
    for order in range(1, _ORDER + 1):
        filters[:, 1 : order + 1] -= poles[:, order - 1, None] * filters[:, :order]
    return np.fft.rfft(filters.real, TRANSFORM_SAMPLES)
