"""Removes steady noise, such as a fan's, from the sound that is sent.

Wake words are heard in the original sound, because their models learned to hear through noise, and
what a suppressor leaves of a word is not what they learned.
"""

from typing import Final

import numpy as np

from indoor_voice.errors import UserError
from indoor_voice.installation import command_to_add
from indoor_voice.room.adjustments import Adjustments, NoiseSuppression

from .pcm import Samples

_FRAME_SAMPLES: Final = 160
"""What it processes at a time, 10 ms: an eighth of a block."""
_LEVELS: Final = {level: number for number, level in enumerate(NoiseSuppression)}


class NoiseSuppressor:
    """Removes noise from one stream after another."""

    def __init__(self) -> None:
        """Prepare to remove nothing; raises `UserError` if webrtc-noise-gain is not installed."""
        try:
            from webrtc_noise_gain import AudioProcessor  # noqa: PLC0415 - optional dependency
        except ImportError as err:
            raise UserError(
                'Noise cannot be suppressed, because the extra "noise" is not installed. '
                f"Install it with: {command_to_add('noise')}"
            ) from err
        self._processor_class = AudioProcessor
        self._processor: AudioProcessor | None = None
        self._level = 0

    def adjust(self, adjustments: Adjustments) -> None:
        """Use these settings from the next stream on."""
        self._level = _LEVELS[adjustments.noise_suppression or NoiseSuppression.OFF]

    def begin(self) -> None:
        """Begin a stream, and forget the last one's noise."""
        self._processor = self._processor_class(0, self._level) if self._level else None

    def process(self, block: Samples) -> Samples:
        """Return a block of shape (1280,) with less noise, delayed by a few milliseconds."""
        processor = self._processor
        if processor is None:
            return block
        pcm = block.astype("<i2", copy=False).tobytes()
        step = _FRAME_SAMPLES * 2
        frames = (pcm[start : start + step] for start in range(0, len(pcm), step))
        clean = b"".join(processor.Process10ms(frame).audio for frame in frames)
        return np.frombuffer(clean, "<i2").astype(np.int16, copy=False)


def choose_suppressor(choice: str | None) -> NoiseSuppressor | None:
    """Return what suppresses noise; None if it is not installed.

    Raises:
        UserError: a level was chosen, but webrtc-noise-gain is not installed.
    """
    try:
        return NoiseSuppressor()
    except UserError:
        if choice not in (None, NoiseSuppression.OFF):
            raise
        return None
