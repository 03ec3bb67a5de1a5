"""Provides the sound of a microphone as a stream of 80 ms blocks."""

import queue
from collections.abc import Generator
from typing import Any, Final, Protocol

import numpy as np
import sounddevice as sd  # type: ignore[import-untyped]  # it ships no types

from indoor_voice.errors import UserError
from indoor_voice.room.adjustments import Adjustments

from .devices import Device, DeviceLostError, Direction, SoundError, find_device, running
from .pcm import BLOCK_SAMPLES, BLOCK_SECONDS, RATE, Converter, PcmFormat, Samples

STALLED_SECONDS: Final = 3.0
"""A microphone that delivers nothing for this long is lost, even if it reports no error."""
_MAX_QUEUED_BLOCKS: Final = 50
"""Four seconds: a busy machine may lag behind this much before sound is lost."""


class Microphone(Protocol):
    """A source of sound."""

    def blocks(self) -> Generator[Samples]:
        """Yield blocks of shape (1280,) at 16 kHz until closed; raises `DeviceLostError`."""
        ...


class AdjustableMicrophone(Microphone, Protocol):
    """A source of sound that settings change."""

    def adjust(self, adjustments: Adjustments) -> None:
        """Use these settings from the next block on."""
        ...


class DeviceMicrophone:
    """A microphone on this machine."""

    def __init__(self, query: str | None) -> None:
        """Select a device like `find_device`; raises `UserError`."""
        self._query = query
        self.name = find_device(Direction.INPUT, query).name

    def blocks(self) -> Generator[Samples]:
        """Open the device and yield blocks until closed; raises `DeviceLostError`."""
        try:
            device = find_device(Direction.INPUT, self._query)
        except UserError as err:
            raise DeviceLostError(str(err)) from err
        source = _format(device)
        captured: queue.Queue[bytes] = queue.Queue(_MAX_QUEUED_BLOCKS)

        def capture(pcm: Any, *_: object) -> None:  # noqa: ANN401 - a PortAudio buffer
            if not captured.full():
                captured.put_nowait(bytes(pcm))

        def make_stream() -> Any:  # noqa: ANN401 - sounddevice has no types
            return sd.RawInputStream(
                device=device.index,
                samplerate=source.rate,
                channels=source.channels,
                dtype="int16",
                blocksize=round(source.rate * BLOCK_SECONDS),
                callback=capture,
            )

        converter = Converter(source, RATE)
        pending = np.zeros((0,), np.int16)
        with running(make_stream):
            while True:
                try:
                    pcm = captured.get(timeout=STALLED_SECONDS)
                except queue.Empty:
                    raise DeviceLostError("it delivers no sound") from None
                pending = np.concatenate((pending, converter.convert(pcm)))
                while len(pending) >= BLOCK_SAMPLES:
                    yield pending[:BLOCK_SAMPLES]
                    pending = pending[BLOCK_SAMPLES:]


def _format(device: Device) -> PcmFormat:
    """Return the format to open `device` with: mono at 16 kHz, or else what the device prefers."""
    try:
        sd.check_input_settings(device=device.index, channels=1, dtype="int16", samplerate=RATE)
    except SoundError:
        return PcmFormat(rate=device.rate, width=2, channels=min(device.channels, 8))
    return PcmFormat(rate=RATE, width=2, channels=1)
