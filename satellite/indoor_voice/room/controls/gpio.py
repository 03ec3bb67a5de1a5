"""Buttons and a lamp on Raspberry Pi pins, through the package gpiozero (extra `gpio`)."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Self

from indoor_voice.errors import UserError
from indoor_voice.installation import command_to_add

from .lamp import Lamp

try:
    import gpiozero
except ImportError as err:
    raise UserError(
        f"Pins need the package {err.name}. Install it with: {command_to_add('gpio')}"
    ) from err

_BOUNCE_SECONDS = 0.05


class Pins:
    """Buttons and a lamp, during a `with` block; pins have Broadcom numbers."""

    def __init__(self, buttons: dict[int, Callable[[], object]], lamp: int | None) -> None:
        """Claim the pins; a pressed button calls its callback in the event loop.

        A button connects its pin to ground. Raises `UserError`.
        """
        self._stack = ExitStack()
        self._lamp: gpiozero.LED | None = None
        loop = asyncio.get_running_loop()

        try:
            for pin, callback in buttons.items():
                button = self._stack.enter_context(
                    gpiozero.Button(pin, bounce_time=_BOUNCE_SECONDS)
                )
                button.when_pressed = partial(_call_in_loop, loop, callback)
            if lamp is not None:
                self._lamp = self._stack.enter_context(gpiozero.LED(lamp))
        except (gpiozero.GPIOZeroError, OSError) as err:
            self._stack.close()
            raise UserError(f"Cannot use the pins: {err}. Are their numbers correct?") from err

    def __enter__(self) -> Self:
        """Enter the block."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Release the pins."""
        self._stack.close()

    def show(self, lamp: Lamp) -> None:
        """Set the lamp, if there is one."""
        if self._lamp is not None:
            match lamp:
                case Lamp.DARK:
                    self._lamp.off()
                case Lamp.STREAMING:
                    self._lamp.on()
                case Lamp.MUTED:
                    self._lamp.blink(on_time=0.1, off_time=2.9)


def _call_in_loop(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    loop.call_soon_threadsafe(callback)
