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
    Joining,
    Spectra,
    frames_of,
    poles_of,
    predictors,
    response_of,
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
_FRAMES_AT_ONCE: Final = 128
"""All frames of a long recording at once would need 100 MB."""
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
    factor = _factor(sound, disguise.pitch_hertz)
    excitation, poles = _taken_apart(sound)
    result = _put_together(sound, excitation, factor, _moved(poles, disguise.coefficient))
    return (result * min(1.0, _PEAK / max(float(np.abs(result).max()), _PEAK))).astype(np.float32)


def _factor(sound: Floats, pitch_hertz: float) -> float:
    """Return by what to multiply the pitch, 1 if there is no voice."""
    usual = usual_pitch(sound)
    return float(np.clip(pitch_hertz / usual, *_SHIFTS)) if usual is not None else 1.0


def _taken_apart(sound: Floats) -> tuple[Floats, Spectra]:
    """Return the excitation, and the poles of each frame."""
    frames = frames_of(sound)
    excitation = Joining(len(sound))
    poles = []
    for at in range(0, len(frames), _FRAMES_AT_ONCE):
        spectra = spectra_of(frames[at : at + _FRAMES_AT_ONCE])
        found = poles_of(predictors(spectra))
        excitation.add(spectra * response_of(found))
        poles.append(found)
    return excitation.sound(), np.concatenate(poles)


def _put_together(sound: Floats, excitation: Floats, factor: float, poles: Spectra) -> Floats:
    """Return what an excitation at another pitch sounds like, each frame as loud as it was."""
    originals, unmoved = frames_of(sound), frames_of(excitation)
    moved = frames_of(shifted(excitation, factor))
    # Nothing is left above this after shifting down; hisses would be missing.
    end = min(BINS, round(BINS * factor * _EXCITATION_END)) if factor < 1 else BINS
    result = Joining(len(sound))
    for at in range(0, len(poles), _FRAMES_AT_ONCE):
        block = slice(at, at + _FRAMES_AT_ONCE)
        spectra = spectra_of(moved[block])
        spectra[:, end:] = spectra_of(unmoved[block])[:, end:]
        changed = spectra / response_of(poles[block])
        result.add(_as_loud_as(spectra_of(originals[block]), changed))
    return result.sound()


def _moved(poles: Spectra, coefficient: float) -> Spectra:
    """Return poles at angles to the power of the coefficient; real ones stay."""
    angles = np.angle(poles)
    size = np.abs(angles)
    is_complex = (size > _BARELY) & (size < np.pi - _BARELY)
    moved = np.minimum(np.where(is_complex, size, 1.0) ** coefficient, np.pi - _BARELY)
    turned = np.abs(poles) * np.exp(1j * np.copysign(moved, angles))
    return np.where(is_complex, turned, poles)


def _as_loud_as(originals: Spectra, changed: Spectra) -> Spectra:
    """Return spectra with the energy of the original frames."""
    wanted = np.sum(np.abs(originals) ** 2, axis=1)
    found = np.sum(np.abs(changed) ** 2, axis=1)
    gains = np.sqrt(wanted / np.maximum(found, 1e-12))
    return np.asarray(changed * gains[:, None])
