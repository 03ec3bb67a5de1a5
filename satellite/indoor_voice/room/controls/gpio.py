"""Buttons and LEDs on Raspberry Pi pins, through the package gpiozero (extra `gpio`).

Pins have Broadcom numbers.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any, Final

from indoor_voice.errors import UserError
from indoor_voice.installation import command_to_add

from .buttons import Button
from .lamp import Lamp

try:
    import gpiozero
except ImportError as err:
    raise UserError(
        f"Pins need the package {err.name}. Install it with: {command_to_add('gpio')}"
    ) from err

_BOUNCE_SECONDS: Final = 0.05


class PinButtons:
    """Buttons that connect their pins to ground."""

    def __init__(self, pins: Mapping[int, Button]) -> None:
        """Prepare to use these pins."""
        self._pins = pins

    @contextmanager
    def opened(self, pressed: Callable[[Button], None]) -> Iterator[None]:
        """Call `pressed` in the event loop for each press during the block; raises `UserError`."""
        loop = asyncio.get_running_loop()
        with ExitStack() as stack:
            for pin, button in self._pins.items():
                device = stack.enter_context(
                    _claimed(gpiozero.Button, pin, bounce_time=_BOUNCE_SECONDS)
                )
                device.when_pressed = partial(_call_in_loop, loop, pressed, button)
            yield


class PinLamp:
    """One LED on a pin: it is lit, dark, or blinks briefly while muted."""

    dims = False

    def __init__(self, pin: int) -> None:
        """Prepare to use this pin."""
        self.name = f"LED on pin {pin}"
        self._pin = pin
        self._led: Any = None

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Use the pin during the block, from dark to dark; raises `UserError`."""
        with _claimed(gpiozero.LED, self._pin) as self._led:
            yield

    def show(self, lamp: Lamp, brightness: float) -> None:  # noqa: ARG002 - it cannot be dimmed
        """Show something at once; raises `OSError`."""
        try:
            match lamp:
                case Lamp.DARK:
                    self._led.off()
                case Lamp.STREAMING:
                    self._led.on()
                case Lamp.MUTED:
                    self._led.blink(on_time=0.1, off_time=2.9)
        except Exception as err:
            # Each library that reaches pins has errors of its own.
            raise OSError(str(err)) from err


def powered(pin: int) -> AbstractContextManager[object]:
    """Turn something on by a pin, during a block; raises `UserError`."""
    return _claimed(gpiozero.OutputDevice, pin, initial_value=True)


@contextmanager
def _claimed(device_class: Any, pin: int, **options: Any) -> Iterator[Any]:  # noqa: ANN401 - no types
    try:
        device = device_class(pin, **options)
    except Exception as err:
        # Each library that reaches pins has errors of its own.
        raise UserError(
            f"Cannot use the pins: {err}. Is {pin} correct, and does nothing else use it?"
        ) from err
    with device:
        yield device


def _call_in_loop(
    loop: asyncio.AbstractEventLoop, pressed: Callable[[Button], None], button: Button
) -> None:
    loop.call_soon_threadsafe(pressed, button)
