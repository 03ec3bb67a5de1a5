"""Converts incoming audio to the format that the models need."""

from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from .errors import RequestError

RECOGNITION_RATE: Final = 16_000
MIN_RATE: Final = 8_000
MAX_RATE: Final = 48_000
_MAX_WIDTH: Final = 4
_MAX_CHANNELS: Final = 2


class IncomingAudio:
    """Converts a stream of PCM to 16 kHz mono float32 samples between -1 and 1."""

    def __init__(self, rate: int, width: int, channels: int) -> None:
        """Prepare for a format; raises `RequestError` (`bad-audio`) for an unsupported one.

        Args:
            rate: Samples per second, 8,000 to 48,000.
            width: Bytes per sample, 1 (unsigned) to 4 (signed, little-endian).
            channels: 1 or 2.
        """
        if not (
            _is_between(rate, MIN_RATE, MAX_RATE)
            and _is_between(width, 1, _MAX_WIDTH)
            and _is_between(channels, 1, _MAX_CHANNELS)
        ):
            raise RequestError(
                "bad-audio",
                "Audio must have a rate of 8 to 48 kHz, 1 to 4 bytes per sample and 1 or 2 "
                "channels",
            )
        self.format = (rate, width, channels)
        self._width = width
        self._channels = channels
        self._resampler = (
            soxr.ResampleStream(rate, RECOGNITION_RATE, 1, dtype="float32")
            if rate != RECOGNITION_RATE
            else None
        )

    def convert(self, pcm: bytes) -> NDArray[np.float32]:
        """Convert a chunk; raises `RequestError` (`bad-audio`) when it ends within a sample."""
        if len(pcm) % (self._width * self._channels):
            raise RequestError("bad-audio", "A chunk of audio ends within a sample")
        channels = _samples(pcm, self._width).reshape(-1, self._channels)
        mono: NDArray[np.float32] = channels.mean(axis=1, dtype=np.float32)
        return self._resample(mono)

    def flush(self) -> NDArray[np.float32]:
        """Return the samples that the resampler still holds at the end of the stream."""
        return self._resample(np.empty(0, np.float32), last=True)

    def _resample(self, mono: NDArray[np.float32], *, last: bool = False) -> NDArray[np.float32]:
        if self._resampler is None:
            return mono
        resampled: NDArray[np.float32] = self._resampler.resample_chunk(mono, last=last)
        return resampled


def _is_between(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _samples(pcm: bytes, width: int) -> NDArray[np.float32]:
    if width == 1:
        unsigned = np.frombuffer(pcm, np.uint8).astype(np.float32)
        return (unsigned - np.float32(128)) / np.float32(128)
    # Store each sample in the upper bytes of 32 bits, so that one scale fits every width.
    wide = np.zeros((len(pcm) // width, 4), np.uint8)
    wide[:, 4 - width :] = np.frombuffer(pcm, np.uint8).reshape(-1, width)
    return wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)
