"""A simulated room in which a satellite hears its own loudspeaker and a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from indoor_voice.room.wake_test.conditions import loudness

LOUDNESS: Final = 1_500.0
"""Of the loudest 0.4 s of everything that is heard at the usual level: about -27 dBFS."""
_NOISE_DB: Final = -45.0
"""Below that."""
_FIRST_REFLECTION_SECONDS: Final = 0.005
_DRIVE: Final = 1.0
"""How far a loud sample bends the loudspeaker: 1 adds harmonics of about 5 % to a loud tone."""
_WRITTEN_AHEAD_SAMPLES: Final = RATE // 10
"""The loudspeaker's buffer."""

Floats = npt.NDArray[np.float64]


class Monitor(Protocol):
    """Is told what is played, as by the loudspeaker."""

    def begin(self, rate: int) -> None: ...

    def add(self, piece: Samples) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedRoom:
    """A room's sound, made of the direct sound and of noise that dies away after it."""

    seed: int
    reverberation_seconds: float
    """Until an echo has died away by 60 dB."""
    loudspeaker_db: float
    """Direct sound of the loudspeaker at the microphone, relative to all its reflections."""

    def echo(self, played: Samples, lag: int) -> Floats:
        """Return what the microphone hears of the loudspeaker, `lag` samples later."""
        peak = max(1.0, float(np.abs(played.astype(np.float64)).max()))
        bent = np.tanh(played / peak * _DRIVE) / np.tanh(_DRIVE) * peak
        late = np.pad(bent, (lag, 0))[: played.size]
        return _level(_convolve(late, self._response(self.seed, self.loudspeaker_db)))

    def person(self, spoken: Samples) -> Floats:
        """Return what the microphone hears of a person a few steps away."""
        return _level(_convolve(spoken.astype(np.float64), self._response(self.seed + 1_000, 0.0)))

    def microphone(self, *sounds: Floats) -> Samples:
        """Return these sounds together, with a little noise, as the microphone delivers them."""
        noise = np.random.default_rng(self.seed).standard_normal(sounds[0].size)
        mixed = sum(sounds, noise * LOUDNESS * 10 ** (_NOISE_DB / 20))
        return np.clip(mixed, -32_768, 32_767).astype(np.int16)

    def _response(self, seed: int, direct_db: float) -> Floats:
        time = np.arange(round(self.reverberation_seconds * RATE)) / RATE
        tail = np.random.default_rng(seed).standard_normal(time.size)
        tail *= 10 ** (-3 * time / self.reverberation_seconds)
        tail[: round(_FIRST_REFLECTION_SECONDS * RATE)] = 0.0
        tail *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(tail**2))
        tail[0] = 1.0
        return tail


ROOMS: Final = (
    SimulatedRoom(seed=1, reverberation_seconds=0.25, loudspeaker_db=8),
    SimulatedRoom(seed=2, reverberation_seconds=0.4, loudspeaker_db=6),
    SimulatedRoom(seed=3, reverberation_seconds=0.6, loudspeaker_db=3),
)


def live(
    played: Samples, heard: Samples, *monitors: Monitor, rate: int = RATE
) -> Iterator[Samples]:
    """Tell `monitors` what is played as a loudspeaker does, and yield the microphone's blocks.

    `rate` is a multiple of 16 kHz.
    """
    for monitor in monitors:
        monitor.begin(rate)
    written, piece = 0, RATE // 50
    for start in range(0, heard.size - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        while written < min(played.size, start + BLOCK_SAMPLES + _WRITTEN_AHEAD_SAMPLES):
            for monitor in monitors:
                monitor.add(np.repeat(played[written : written + piece], rate // RATE))
            written += piece
        yield heard[start : start + BLOCK_SAMPLES]


def _level(sound: Floats) -> Floats:
    return sound * (LOUDNESS / loudness(sound))


def _convolve(sound: Floats, response: Floats) -> Floats:
    size = sound.size + response.size - 1
    size += -size % 4_096  # lengths with large prime factors are slow
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[: sound.size]
