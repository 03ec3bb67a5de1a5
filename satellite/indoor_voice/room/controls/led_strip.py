"""LEDs with a chip in each, in a row: APA102 and WS2812, on an SPI bus.

APA102, and SK9822 in the same way, have a clock: one bit of the bus is one of theirs. WS2812 have
none and tell 0 and 1 by the length of a pulse, so four bits of the bus make one of theirs. With
four, each byte of the bus ends low: a bus that pauses between bytes lengthens no pulse.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from math import ceil
from typing import Final

from indoor_voice.errors import UserError

from .boards import Chip, Strip
from .lamp import Lamp
from .spi import explanation, send_bytes

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""
_BLACK: Final = (0, 0, 0)
_WHITE: Final = (255, 255, 255)
_DIM_RED: Final = (64, 0, 0)

_APA102_HERTZ: Final = 1_000_000
_APA102_LEVELS: Final = 31
_APA102_MARK: Final = 0b111_00000
"""Begins the data of a LED."""

WS2812_HERTZ: Final = 3_000_000
"""Pulses of 0.33 µs for 0 and 0.67 µs for 1: within the limits of WS2812, WS2812B and SK6812."""
_WS2812_PULSES: Final = (0b1000, 0b1100)
_WS2812_RESET_SECONDS: Final = 300e-6
"""Low for so long ends a message; older chips need 50 µs, newer ones 280."""
_WS2812_RESET: Final = bytes(ceil(WS2812_HERTZ * _WS2812_RESET_SECONDS / 8))


def apa102_message(colours: Sequence[Colour], brightness: float) -> bytes:
    """Return what makes APA102 show `colours`, the first LED's first.

    Bits reach the last LED half a clock later for each LED before it, which takes as many more
    zeros. SK9822 show a message only after 32 zeros, which APA102 don't mind.
    """
    mark = _APA102_MARK | ceil(brightness * _APA102_LEVELS)
    leds = [bytes((mark, blue, green, red)) for red, green, blue in colours]
    return bytes(4) + b"".join(leds) + bytes(4 + ceil(len(colours) / 16))


def ws2812_message(colours: Sequence[Colour], brightness: float) -> bytes:
    """Return what makes WS2812 show `colours`, the first LED's first."""
    levels = [
        ceil(level * brightness) for red, green, blue in colours for level in (green, red, blue)
    ]
    return _WS2812_RESET + b"".join(map(_pulses, levels)) + _WS2812_RESET


def _pulses(level: int) -> bytes:
    bits = 0
    for place in reversed(range(8)):
        bits = bits << 4 | _WS2812_PULSES[level >> place & 1]
    return bits.to_bytes(4, "big")


_CHIPS: Final[dict[Chip, tuple[Callable[[Sequence[Colour], float], bytes], int]]] = {
    Chip.APA102: (apa102_message, _APA102_HERTZ),
    Chip.WS2812: (ws2812_message, WS2812_HERTZ),
}


class LedStrip:
    """A strip as a lamp: all LEDs are white, or the first one is dim red while muted."""

    dims = True

    def __init__(self, strip: Strip, power_pin: int | None = None) -> None:
        """Prepare to use this strip, whose power may have to be turned on by a pin."""
        self.name = f"{strip.count} {strip.chip.upper()} on SPI {strip.bus}"
        self._strip = strip
        self._power_pin = power_pin
        self._message, self._hertz = _CHIPS[strip.chip]

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Use the strip during the block, from dark to dark; raises `UserError`."""
        with ExitStack() as stack:
            if self._power_pin is not None:
                from .gpio import powered  # noqa: PLC0415 - optional dependency

                stack.enter_context(powered(self._power_pin))
            try:
                self.show(Lamp.DARK, 1.0)
            except OSError as err:
                raise UserError(f"Cannot use the LEDs: {err}") from err
            try:
                yield
            finally:
                with suppress(OSError):
                    self.show(Lamp.DARK, 1.0)

    def show(self, lamp: Lamp, brightness: float) -> None:
        """Show something at once; raises `OSError`."""
        message = self._message(self._colours(lamp), brightness)
        try:
            send_bytes(self._strip.bus, message, self._hertz)
        except OSError as err:
            raise OSError(explanation(self._strip.bus, err)) from err

    def _colours(self, lamp: Lamp) -> list[Colour]:
        count = self._strip.count
        match lamp:
            case Lamp.DARK:
                return [_BLACK] * count
            case Lamp.STREAMING:
                return [_WHITE] * count
            case Lamp.MUTED:
                return [_DIM_RED] + [_BLACK] * (count - 1)
