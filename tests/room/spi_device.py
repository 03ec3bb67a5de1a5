"""A file that takes the place of an SPI device: it contains the latest message."""

import errno
import os
import struct
from pathlib import Path

import pytest

from indoor_voice.room.controls import spi

Frame = tuple[int, int, int, int]
"""Brightness, red, green and blue of an APA102."""


class SpiDevice:
    """The device of a bus; only what the kernel's driver adds to a file is simulated."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, bus: str = "0.0") -> None:
        folder.mkdir()
        self.path = folder / f"spidev{bus}"
        self.hertz = 0
        patch.setattr(spi, "DEVICES", folder)
        patch.setattr(spi, "ioctl", self._ioctl)
        self.plug()

    def plug(self) -> None:
        self.path.touch()

    def unplug(self) -> None:
        self.path.unlink()

    @property
    def message(self) -> bytes:
        return self.path.read_bytes()

    def apa102(self, count: int) -> list[Frame]:
        """Return what so many APA102 show, as their datasheet says."""
        message = self.message
        assert message[:4] == bytes(4), "the start frame"
        leds = [message[start : start + 4] for start in range(4, 4 + 4 * count, 4)]
        assert all(led[0] >= 0b111_00000 for led in leds), "each begins with three ones"
        end = message[4 + 4 * count :]
        assert len(end) * 8 >= 32 + count / 2, "the end frame"
        assert not any(end)
        return [(led[0] & 31, led[3], led[2], led[1]) for led in leds]

    def lit(self, count: int) -> bool:
        """Return whether all of so many APA102 are lit alike; some alone count as dark."""
        first, *others = self.apa102(count)
        return first[0] > 0 and any(first[1:]) and all(led == first for led in others)

    def _ioctl(self, device: int, request: int, argument: bytes) -> int:
        if os.fstat(device).st_ino != self.path.stat().st_ino:
            raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")
        if request == spi.SET_HERTZ:
            (self.hertz,) = struct.unpack("=I", argument)
        else:
            assert (request, argument) == (spi.SET_MODE, bytes(1))
        return 0
