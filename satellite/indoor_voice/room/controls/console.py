"""Uses keys of the console as the device's buttons: Space is the button, M mutes and unmutes."""

import asyncio
import logging
import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from .buttons import Button

_KEYS: Final[Mapping[str, Button]] = {" ": Button.PRESS, "m": Button.MUTE}
_LOGGER: Final = logging.getLogger(__name__)


class Keyboard:
    """The keys of the terminal that the satellite runs in, if it runs in one."""

    @contextmanager
    def opened(self, pressed: Callable[[Button], None]) -> Iterator[None]:
        """Call `pressed` in the event loop for each key during the block."""
        if not _is_interactive():
            yield
            return
        stdin = sys.stdin.fileno()
        loop = asyncio.get_running_loop()
        attributes = termios.tcgetattr(stdin)

        def read() -> None:
            keys = os.read(stdin, 16).decode(errors="replace")
            if not keys:
                loop.remove_reader(stdin)
            for key in keys:
                if key in _KEYS:
                    pressed(_KEYS[key])

        try:
            tty.setcbreak(stdin)
            loop.add_reader(stdin, read)
            _LOGGER.info("Keys: Space presses the button, M mutes and unmutes")
            yield
        finally:
            loop.remove_reader(stdin)
            termios.tcsetattr(stdin, termios.TCSADRAIN, attributes)


def _is_interactive() -> bool:
    try:
        # Changing a terminal from a background job would stop the process.
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
