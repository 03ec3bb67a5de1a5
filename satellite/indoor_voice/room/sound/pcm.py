"""Sound as this satellite hears and plays it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

RATE: Final = 16_000
"""Samples per second of all that is heard, 16 bit and mono: what recognisers take."""
BLOCK_SAMPLES: Final = 1_280
"""Samples that are heard at a time: one step of openWakeWord's."""
BLOCK_SECONDS: Final = BLOCK_SAMPLES / RATE
SAMPLE_BYTES: Final = 2

Samples = npt.NDArray[np.int16]
"""Mono sound, shape (samples,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PcmFormat:
    """How uncompressed sound stands in bytes, little-endian and interleaved."""

    rate: int
    """Samples per second, 4000 to 192,000."""
    width: int
    """Bytes per sample, 1 (unsigned) to 4."""
    channels: int
    """1 to 8."""

    def __post_init__(self) -> None:
        """Refuse what no loudspeaker plays; raises `ValueError`."""
        if not (4_000 <= self.rate <= 192_000 and 1 <= self.width <= 4 and 1 <= self.channels <= 8):  # noqa: PLR2004 - stated above
            raise ValueError(f"{self} cannot be played")

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.width * self.channels

    @property
    def bytes_per_second(self) -> int:
        """Bytes that sound for one second."""
        return self.frame_bytes * self.rate

    def seconds(self, pcm: bytes) -> float:
        """Return how long `pcm` sounds."""
        return len(pcm) / self.bytes_per_second


class Converter:
    """Turns a stream of PCM in one format into mono 16 bit at another rate, piece by piece."""

    def __init__(self, source: PcmFormat, rate: int) -> None:
        """Prepare to convert from `source` to `rate` samples per second."""
        self._source = source
        self._rest = b""
        self._resampler = (
            None
            if source.rate == rate
            else soxr.ResampleStream(source.rate, rate, 1, dtype="int16", quality="MQ")
        )

    def convert(self, pcm: bytes) -> Samples:
        """Convert the next piece; the resampler holds back a few milliseconds."""
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % self._source.frame_bytes
        self._rest = pcm[whole:]
        mono = _mono(pcm[:whole], self._source)
        if self._resampler is None or len(mono) == 0:
            return mono
        resampled: Samples = self._resampler.resample_chunk(mono)
        return resampled

    def finish(self) -> Samples:
        """Return what is held back; the next piece begins a new stream."""
        held_back: Samples = np.zeros((0,), np.int16)
        if self._resampler is not None:
            held_back = self._resampler.resample_chunk(held_back, last=True)
            self._resampler.clear()
        return held_back


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
