"""The buttons of a satellite, and what each kind of button can do."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol


class Button(StrEnum):
    """What a button is for."""

    PRESS = "press"
    """Pairs, begins a turn, or stops what is going on."""
    MUTE = "mute"
    """Mutes and unmutes."""


class ButtonDriver(Protocol):
    """Some buttons or keys."""

    def opened(self, pressed: Callable[[Button], None]) -> AbstractContextManager[None]:
        """Call `pressed` in the event loop for each press during the block; raises `UserError`."""
        ...
