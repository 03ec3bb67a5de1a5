"""Converts incoming audio to the format that the models need, and their audio to what is sent."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray
from wyoming.audio import AudioChunk

from .errors import RequestError

RECOGNITION_RATE: Final = 16_000
MIN_RATE: Final = 8_000
MAX_RATE: Final = 48_000
SENT_WIDTH: Final = 2
"""Bytes per sample of the audio that is sent, which is mono."""
_MAX_WIDTH: Final = 4
_MAX_CHANNELS: Final = 2
_CHUNK_BYTES: Final = 4096 * SENT_WIDTH
_SCALE: Final = 2**15 - 1


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


def converted(incoming: IncomingAudio | None, chunk: AudioChunk) -> NDArray[np.float32]:
    """Convert an event of audio whose `audio-start` began `incoming`.

    Raises `RequestError` (`bad-audio`, `bad-request`).
    """
    if incoming is None:
        raise RequestError("bad-request", "Audio must begin with audio-start")
    if (chunk.rate, chunk.width, chunk.channels) != incoming.format:
        raise RequestError("bad-audio", "Audio must keep the format given in audio-start")
    return incoming.convert(chunk.audio)


def chunks_of(audio: NDArray[np.float32], rate: int) -> Iterator[AudioChunk]:
    """Yield samples between -1 and 1 as the events in which they are sent."""
    pcm = (np.clip(audio, -1.0, 1.0) * _SCALE).astype("<i2").tobytes()
    for start in range(0, len(pcm), _CHUNK_BYTES):
        piece = pcm[start : start + _CHUNK_BYTES]
        yield AudioChunk(rate=rate, width=SENT_WIDTH, channels=1, audio=piece)


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
