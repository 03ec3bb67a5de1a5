"""Disguises a voice: moves its formants, and gives it another pitch.

Formants are moved as Patino, Tomashenko, Todisco, Nautsch and Evans do ("Speaker anonymisation
using the McAdams coefficient", Interspeech 2021, baseline B2 of the VoicePrivacy Challenge): each
pole of the vocal tract at the angle φ goes to φ to the power of a coefficient. We also replace the
pitch, because that method leaves it as it was: whatever the speaker's, the median becomes one that
is drawn at random. Both are drawn anew for each recording, so no two of them share a disguise.

It is weak: words, pace, accent and melody stay, and docs/disguise.md says how often a program that
knows all of the above still tells who speaks.
"""

import random
import secrets
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .linear_prediction import (
    BINS,
    Floats,
    Spectra,
    poles_of,
    predictors,
    response_of,
    sound_of,
    spectra_of,
)
from .pitch import shifted, usual_pitch

_COEFFICIENTS: Final = (0.75, 0.95)
"""The least and the greatest McAdams coefficient. The lower, the stranger the voice sounds."""
_PITCHES_HERTZ: Final = (95.0, 210.0)
"""The least and the greatest median pitch."""
_SHIFTS: Final = (0.6, 1.8)
"""The least and the greatest factor for a pitch, beyond which words are lost."""
_EXCITATION_END: Final = 0.95
"""Of the frequencies that an excitation has after it was shifted down, how many are sound."""
_BARELY: Final = 1e-6
_PEAK: Final = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceDisguise:
    """How a voice is disguised in one recording."""

    coefficient: float
    """The McAdams coefficient: 1 leaves the formants where they are."""
    pitch_hertz: float
    """The median pitch that the voice gets."""


def draw_disguise(source: random.Random | None = None) -> VoiceDisguise:
    """Draw a disguise that nobody can predict; a `source` other than the system's is for tests."""
    source = source or secrets.SystemRandom()
    least, greatest = np.log(_PITCHES_HERTZ)
    return VoiceDisguise(
        coefficient=source.uniform(*_COEFFICIENTS),
        pitch_hertz=float(np.exp(source.uniform(least, greatest))),
    )


def disguised(samples: NDArray[np.float32], disguise: VoiceDisguise) -> NDArray[np.float32]:
    """Return a sound with the voice in it disguised; both are 16 kHz, and of the same length."""
    if not samples.size:
        return samples
    sound = samples.astype(np.float64)
    spectra = spectra_of(sound)
    filters = predictors(spectra)
    poles = poles_of(filters)
    excitation = _repitched(spectra * response_of(poles), sound, disguise.pitch_hertz)
    changed = excitation / response_of(_moved(poles, disguise.coefficient))
    result = sound_of(_as_loud_as(spectra, changed), len(sound))
    return (result * min(1.0, _PEAK / max(float(np.abs(result).max()), _PEAK))).astype(np.float32)


def _moved(poles: Spectra, coefficient: float) -> Spectra:
    """Return poles at angles to the power of the coefficient; real ones stay."""
    angles = np.angle(poles)
    size = np.abs(angles)
    is_complex = (size > _BARELY) & (size < np.pi - _BARELY)
    moved = np.minimum(np.where(is_complex, size, 1.0) ** coefficient, np.pi - _BARELY)
    turned = np.abs(poles) * np.exp(1j * np.copysign(moved, angles))
    return np.where(is_complex, turned, poles)


def _repitched(excitation: Spectra, sound: Floats, pitch_hertz: float) -> Spectra:
    """Return an excitation at another pitch, or as it is if there is no voice."""
    usual = usual_pitch(sound)
    if usual is None:
        return excitation
    factor = float(np.clip(pitch_hertz / usual, *_SHIFTS))
    result = spectra_of(shifted(sound_of(excitation, len(sound)), factor))
    # Nothing is left above that after shifting down; hisses would be missing.
    end = round(BINS * factor * _EXCITATION_END)
    result[:, end:] = excitation[:, end:] if factor < 1 else result[:, end:]
    return result


def _as_loud_as(originals: Spectra, changed: Spectra) -> Spectra:
    """Return spectra with the energy of the original frames."""
    wanted = np.sum(np.abs(originals) ** 2, axis=1)
    found = np.sum(np.abs(changed) ** 2, axis=1)
    gains = np.sqrt(wanted / np.maximum(found, 1e-12))
    return changed * gains[:, None]
