"""The console's keys as the device's buttons: space is the button, m mutes and unmutes."""

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
    """Call what belongs to a key when it is pressed, during the block.

    Yields whether there is somebody at a console who can press keys.
    """
    if not _is_interactive():
        yield False
        return
    stdin = sys.stdin.fileno()
    loop = asyncio.get_running_loop()
    before = termios.tcgetattr(stdin)

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
        termios.tcsetattr(stdin, termios.TCSADRAIN, before)


def _is_interactive() -> bool:
    try:
        # In the background the terminal belongs to others, and changing it stops the process.
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
