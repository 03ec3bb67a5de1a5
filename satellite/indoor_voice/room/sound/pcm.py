"""PCM formats, and conversion between them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

RATE: Final = 16_000
"""Sample rate of all captured sound, which is 16 bit and mono, as speech models expect."""
BLOCK_SAMPLES: Final = 1_280
"""Samples that are captured at a time: one step of openWakeWord."""
BLOCK_SECONDS: Final = BLOCK_SAMPLES / RATE
SAMPLE_BYTES: Final = 2

Samples = npt.NDArray[np.int16]
"""Mono sound, shape (samples,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PcmFormat:
    """A format of uncompressed sound, little-endian and interleaved."""

    rate: int
    """Samples per second, 4000 to 192,000."""
    width: int
    """Bytes per sample, 1 (unsigned) to 4."""
    channels: int
    """1 to 8."""

    def __post_init__(self) -> None:
        """Check the limits; raises `ValueError`."""
        if not (4_000 <= self.rate <= 192_000 and 1 <= self.width <= 4 and 1 <= self.channels <= 8):  # noqa: PLR2004 - stated above
            raise ValueError(f"{self} cannot be played")

    @property
    def frame_bytes(self) -> int:
        """Bytes for one sample of each channel."""
        return self.width * self.channels

    @property
    def bytes_per_second(self) -> int:
        """Bytes for one second of sound."""
        return self.frame_bytes * self.rate

    def seconds(self, pcm: bytes) -> float:
        """Return the duration of `pcm`."""
        return len(pcm) / self.bytes_per_second


class Converter:
    """Converts a stream of PCM to 16-bit mono at another rate, piece by piece."""

    def __init__(self, source: PcmFormat, rate: int) -> None:
        """Prepare to convert from `source` to `rate` samples per second."""
        self._source = source
        self._incomplete_frame = b""
        self._resampler = (
            None
            if source.rate == rate
            else soxr.ResampleStream(source.rate, rate, 1, dtype="int16", quality="MQ")
        )

    def convert(self, pcm: bytes) -> Samples:
        """Convert the next piece; the resampler delays its output by a few milliseconds."""
        pcm = self._incomplete_frame + pcm
        whole = len(pcm) - len(pcm) % self._source.frame_bytes
        self._incomplete_frame = pcm[whole:]
        mono = _mono(pcm[:whole], self._source)
        if self._resampler is None or len(mono) == 0:
            return mono
        resampled: Samples = self._resampler.resample_chunk(mono)
        return resampled

    def finish(self) -> Samples:
        """Return the sound still in the resampler; the next piece starts a new stream."""
        remainder: Samples = np.zeros((0,), np.int16)
        if self._resampler is not None:
            remainder = self._resampler.resample_chunk(remainder, last=True)
            self._resampler.clear()
        return remainder


def _mono(pcm: bytes, source: PcmFormat) -> Samples:
    samples = _sixteen_bit(pcm, source.width)
    if source.channels == 1:
        return samples
    mixed: Samples = samples.reshape(-1, source.channels).mean(axis=1).astype(np.int16)
    return mixed


def _sixteen_bit(pcm: bytes, width: int) -> Samples:
    match width:
        case 1:
            return (np.frombuffer(pcm, np.uint8).astype(np.int16) - 128) << 8
        case 2:
            return np.frombuffer(pcm, "<i2").astype(np.int16, copy=False)
        case 3:
            return (
                np.ascontiguousarray(np.frombuffer(pcm, np.uint8).reshape(-1, 3)[:, 1:])
                .view("<i2")[:, 0]
                .astype(np.int16, copy=False)
            )
        case _:
            return (np.frombuffer(pcm, "<i4") >> 16).astype(np.int16)
