"""Finds how long after it was played a sound is heard, and follows that.

The two devices share no clock, and their buffers differ from one playback to the next. So the lag
is measured in the sound itself: by cross-correlation of what was heard with what was played, in
which all frequencies count alike (GCC-PHAT), so that speech gives one narrow peak.

A canceller has learned a room together with the place at which the echo begins in its own window.
It need not learn that again if what it gets is shifted so that the echo begins at the same place.
A lag that jumps, as after a gap in the playback, is therefore followed at once. One that creeps,
because two devices count their samples at different speeds, is not: the canceller follows by itself
until the echo nears the edge of its window.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples

from .timeline import Timeline

SPAN_SAMPLES: Final = 16 * BLOCK_SAMPLES
"""The longest lag that is found, 1.28 s: half a second in the buffers of each device, as with
Bluetooth."""
WINDOW_SAMPLES: Final = 16 * BLOCK_SAMPLES
"""What is compared at a time, 1.28 s, or what there is at the beginning of a playback."""
_MIN_WINDOW_SAMPLES: Final = 6 * BLOCK_SAMPLES
_SEARCH_SAMPLES: Final = 3 * BLOCK_SAMPLES
"""Between two measurements until the lag is known."""
_CHECK_SAMPLES: Final = 6 * BLOCK_SAMPLES
"""The same afterwards: half a second, in which clocks differ by a sample at most."""
_MIN_SHARPNESS: Final = 18.0
"""A peak must be this many times as high as the root mean square of the correlation.

Measured with speech in simulated rooms, also while a person speaks as loudly: 57 to 127 (medians 72
to 93). With an echo 20 dB softer than the person: medians of 28 to 33. Without an echo, with a
person or noise instead: at most 12, medians of 4 to 6.
"""
_CREEP_SAMPLES: Final = 8
"""A lag that changes by more between two measurements has jumped."""
_LEAD_SAMPLES: Final = RATE // 125
"""Where in the canceller's window the loudest part of an echo begins: 8 ms, in case something comes
before it."""
_EDGES: Final = (RATE // 1000, RATE // 20)
"""Where it must stay: 1 to 50 ms."""

Floats = npt.NDArray[np.float64]


class Alignment:
    """Knows how far to delay what was played so that the canceller finds the echo."""

    def __init__(self) -> None:
        """Prepare for the first playback."""
        self.delay: int | None = None
        """In samples; None while the lag is not known."""
        self._lead = _LEAD_SAMPLES
        self.lag: int | None = None
        """Of the current playback, in samples; None while it is not known."""
        self._measured_at = 0

    def restart(self) -> None:
        """Forget the lag, but not where in its window the canceller expects the echo."""
        self.delay = None
        self.lag = None
        self._measured_at = 0

    def update(self, timeline: Timeline) -> None:
        """Measure the lag if that is due."""
        since = timeline.heard_samples - self._measured_at
        due = _SEARCH_SAMPLES if self.delay is None else _CHECK_SAMPLES
        if since < due or timeline.heard_samples < _MIN_WINDOW_SAMPLES:
            return
        self._measured_at = timeline.heard_samples
        heard = timeline.heard(WINDOW_SAMPLES)
        played = timeline.played(heard.size + SPAN_SAMPLES)
        lag = find_lag(heard, played)
        if lag is not None:
            self._follow(lag)

    def _follow(self, lag: int) -> None:
        previous, self.lag = self.lag, lag
        if previous is not None and abs(lag - previous) <= _CREEP_SAMPLES:
            self._lead += lag - previous
            if _EDGES[0] <= self._lead <= _EDGES[1]:
                return
            self._lead = _LEAD_SAMPLES
        self.delay = lag - self._lead


def find_lag(heard: Samples, played: Samples) -> int | None:
    """Return by how many samples `heard` lags behind `played`; None if nothing shows that.

    `played` begins `SPAN_SAMPLES` before `heard` and ends with it.
    """
    size = heard.size + SPAN_SAMPLES
    cross = np.conj(np.fft.rfft(heard, size)) * np.fft.rfft(played, size)
    strength = np.abs(cross)
    if not strength.any():
        return None
    cross /= np.maximum(strength, strength.max() * 1e-9)
    correlation: Floats = np.fft.irfft(cross, size)[: SPAN_SAMPLES + 1]
    # An echo may come with reversed polarity.
    height = np.abs(correlation)
    peak = int(height.argmax())
    if height[peak] < _MIN_SHARPNESS * np.sqrt(np.mean(height**2)):
        return None
    return SPAN_SAMPLES - peak
