"""Boards whose LEDs and buttons are known, and other strips of LEDs that options describe."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_FIRST_BUS: Final = "0.0"
MAX_LEDS: Final = 300
"""More would not fit into what an SPI bus sends at once."""


class Chip(StrEnum):
    """What is in each LED of a strip."""

    APA102 = "apa102"
    WS2812 = "ws2812"


@dataclass(frozen=True, slots=True)
class Strip:
    """Some LEDs in a row, and the SPI bus that they are on, such as `0.0`."""

    chip: Chip
    count: int
    bus: str = _FIRST_BUS


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is on a board that is plugged on a Raspberry Pi; pins have Broadcom numbers."""

    strip: Strip
    button_pin: int | None = None
    power_pin: int | None = None
    """Turns the LEDs on."""


_RING: Final = Board(strip=Strip(Chip.APA102, 12), power_pin=5)

BOARDS: Final[Mapping[str, Board]] = {
    "respeaker-2mic": Board(strip=Strip(Chip.APA102, 3), button_pin=17),
    "respeaker-4mic": _RING,
    "respeaker-6mic": _RING,
}
"""Seeed's ReSpeaker 2-Mics Pi HAT (v1 and v2), 4-Mic Array and 6-Mic Circular Array, according to
wiki.seeedstudio.com, pinout.xyz and the examples of respeaker/pixel_ring."""


def parse_strip(text: str) -> Strip:
    """Return the strip that an option describes; raises `ValueError`."""
    match = re.fullmatch(r"(\w+):(\d{1,3})(?::(\d+\.\d+))?", text)
    if match is None or match[1] not in list(Chip) or not 1 <= int(match[2]) <= MAX_LEDS:
        raise ValueError(
            f"{text!r} must name the chip ({' or '.join(Chip)}), the number of LEDs, 1 to "
            f"{MAX_LEDS}, and, if it is not {_FIRST_BUS}, the SPI bus, such as apa102:12 or "
            "ws2812:8:1.0"
        )
    return Strip(Chip(match[1]), int(match[2]), match[3] or _FIRST_BUS)
