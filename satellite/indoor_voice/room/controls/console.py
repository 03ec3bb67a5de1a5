"""Uses keys of the console as the device's buttons: Space is the button, M mutes and unmutes."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

PRESS: Final = " "
MUTE: Final = "m"


@contextmanager
def keys(buttons: Mapping[str, Callable[[], object]]) -> Iterator[bool]:
    """Call the callback of a key when it is pressed, during the block.

    Yields whether there is an interactive console.
    """
    if not _is_interactive():
        yield False
        return
    stdin = sys.stdin.fileno()
    loop = asyncio.get_running_loop()
    attributes = termios.tcgetattr(stdin)

    def read() -> None:
        pressed = os.read(stdin, 16).decode(errors="replace")
        if not pressed:
            loop.remove_reader(stdin)
        for key in pressed:
            if key in buttons:
                buttons[key]()

    try:
        tty.setcbreak(stdin)
        loop.add_reader(stdin, read)
        yield True
    finally:
        loop.remove_reader(stdin)
        termios.tcsetattr(stdin, termios.TCSADRAIN, attributes)


def _is_interactive() -> bool:
    try:
        # Changing a terminal from a background job would stop the process.
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
