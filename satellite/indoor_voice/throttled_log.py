"""Keeps the log readable, whatever others do how often."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

EVERY_SECONDS: Final = 60.0


class ThrottledLog:
    """Logs a line of each kind a minute: the first at once, then the latest with a count."""

    def __init__(self, tell: Callable[[int, str], None], *, at_once: int = 1) -> None:
        """Log by `tell`, which gets how many there were and the latest text.

        `at_once` lines are logged before there is a count.
        """
        self._tell = tell
        self._at_once = at_once
        self._kinds: dict[str, _Kind] = {}

    def note(self, text: str, kind: str = "") -> None:
        """Take note of one more; `kind` is one of few, and nothing that others choose."""
        if kind not in self._kinds:
            self._kinds[kind] = _Kind(self._tell, self._at_once)
        self._kinds[kind].note(text)

    def close(self) -> None:
        """Log what was not logged yet."""
        for kind in self._kinds.values():
            kind.close()
        self._kinds.clear()


class _Kind:
    def __init__(self, tell: Callable[[int, str], None], at_once: int) -> None:
        self._tell = tell
        self._at_once = self._left = at_once
        self._count = 0
        self._latest = ""
        self._timer: asyncio.TimerHandle | None = None

    def note(self, text: str) -> None:
        self._latest = text
        self._count += 1
        if self._left:
            self._left -= 1
            self._say()
        if self._timer is None:
            self._wait()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._count:
            self._say()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(EVERY_SECONDS, self._end_of_minute)

    def _end_of_minute(self) -> None:
        self._timer = None
        if self._count:
            self._say()
            self._wait()
        else:
            self._left = self._at_once

    def _say(self) -> None:
        self._tell(self._count, self._latest)
        self._count = 0


def log_with_count(logger: logging.Logger, level: int) -> Callable[[int, str], None]:
    """Return what logs a text, and how often there was reason for it."""

    def tell(count: int, text: str) -> None:
        if count == 1:
            logger.log(level, "%s", text)
        else:
            logger.log(level, "%s (the last of %d times)", text, count)

    return tell
