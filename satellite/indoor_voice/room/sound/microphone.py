"""The microphone, as a stream of blocks of 80 ms."""

import queue
from collections.abc import Generator
from typing import Any, Final, Protocol

import numpy as np
import sounddevice as sd  # type: ignore[import-untyped]  # it ships no types

from indoor_voice.errors import UserError

from .devices import Device, DeviceLostError, Direction, SoundError, find_device, running
from .pcm import BLOCK_SAMPLES, BLOCK_SECONDS, RATE, Converter, PcmFormat, Samples

_STALLED_SECONDS: Final = 3.0
"""A microphone that gives nothing for so long is gone, whether it says so or not."""
_MAX_QUEUED_BLOCKS: Final = 50
"""Four seconds that a busy machine may lag behind before sound is lost."""


class Microphone(Protocol):
    """Something that hears."""

    def blocks(self) -> Generator[Samples]:
        """Hear until closed: blocks of shape (1280,) at 16 kHz; raises `DeviceLostError`."""
        ...


class DeviceMicrophone:
    """A microphone of this machine's."""

    def __init__(self, wish: str | None) -> None:
        """Choose a device by index or part of its name, or the system's; raises `UserError`."""
        self._wish = wish
        self.name = find_device(Direction.INPUT, wish).name

    def blocks(self) -> Generator[Samples]:
        """Open the device and hear until closed; raises `DeviceLostError`."""
        try:
            device = find_device(Direction.INPUT, self._wish)
        except UserError as err:
            raise DeviceLostError(str(err)) from err
        source = _source(device)
        heard: queue.Queue[bytes] = queue.Queue(_MAX_QUEUED_BLOCKS)

        def hear(pcm: Any, *_: object) -> None:  # noqa: ANN401 - a buffer of PortAudio's
            if not heard.full():
                heard.put_nowait(bytes(pcm))

        def make_stream() -> Any:  # noqa: ANN401 - sounddevice has no types
            return sd.RawInputStream(
                device=device.index,
                samplerate=source.rate,
                channels=source.channels,
                dtype="int16",
                blocksize=round(source.rate * BLOCK_SECONDS),
                callback=hear,
            )

        converter = Converter(source, RATE)
        pending = np.zeros((0,), np.int16)
        with running(make_stream):
            while True:
                try:
                    pcm = heard.get(timeout=_STALLED_SECONDS)
                except queue.Empty:
                    raise DeviceLostError("it gives no sound") from None
                pending = np.concatenate((pending, converter.convert(pcm)))
                while len(pending) >= BLOCK_SAMPLES:
                    yield pending[:BLOCK_SAMPLES]
                    pending = pending[BLOCK_SAMPLES:]


def _source(device: Device) -> PcmFormat:
    """Return what to open `device` with: what is wanted, or what it prefers."""
    try:
        sd.check_input_settings(device=device.index, channels=1, dtype="int16", samplerate=RATE)
    except SoundError:
        return PcmFormat(rate=device.rate, width=2, channels=min(device.channels, 8))
    return PcmFormat(rate=RATE, width=2, channels=1)
