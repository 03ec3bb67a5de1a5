"""Sends bytes to what is connected to an SPI bus, through the Linux kernel's driver spidev."""

import os
import struct
from fcntl import ioctl
from pathlib import Path
from typing import Final

DEVICES: Final = Path("/dev")
MAX_BYTES: Final = 4096
"""What the driver takes at once, unless it is told otherwise as it is loaded."""
SET_MODE: Final = 0x4001_6B01
"""SPI_IOC_WR_MODE of linux/spi/spidev.h; its argument is one byte."""
SET_HERTZ: Final = 0x4004_6B04
"""SPI_IOC_WR_MAX_SPEED_HZ; its argument is an unsigned integer of 32 bits."""


def send_bytes(bus: str, content: bytes, hertz: int) -> None:
    """Send up to `MAX_BYTES` to a bus such as `0.0` without a pause, in mode 0; raises `OSError`.

    The device is opened each time, so that one that was taken away works again when it is back.
    """
    device = os.open(DEVICES / f"spidev{bus}", os.O_WRONLY | os.O_CLOEXEC)
    try:
        ioctl(device, SET_MODE, bytes(1))
        ioctl(device, SET_HERTZ, struct.pack("=I", hertz))
        os.write(device, content)
    finally:
        os.close(device)


def explanation(bus: str, err: OSError) -> str:
    """Return why nothing could be sent, and what to do about it."""
    device = DEVICES / f"spidev{bus}"
    match err:
        case FileNotFoundError():
            return (
                f"there is no {device}. Turn SPI on with: sudo raspi-config nonint do_spi 0. Then "
                "restart the machine. To list the buses: ls /dev/spidev*"
            )
        case PermissionError():
            return (
                f"this user may not use {device}. Allow it with: sudo usermod -aG spi $USER. Then "
                "restart the machine"
            )
        case _:
            return f"cannot write to {device}: {err.strerror or err}. Is it the right bus?"
