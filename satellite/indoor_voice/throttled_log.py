"""Limits how often repeated events are logged, so that peers cannot flood the log."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

EVERY_SECONDS: Final = 60.0


class ThrottledLog:
    """Logs one line per kind and minute: the first at once, then the latest with a count."""

    def __init__(self, log: Callable[[int, str], None], *, at_once: int = 1) -> None:
        """Prepare to call `log` with a count and the latest text.

        The first `at_once` lines are logged immediately; later ones are counted.
        """
        self._log = log
        self._at_once = at_once
        self._limiters: dict[str, _Limiter] = {}

    def note(self, text: str, kind: str = "") -> None:
        """Log or count one event; `kind` must be one of a few values that no peer controls."""
        if kind not in self._limiters:
            self._limiters[kind] = _Limiter(self._log, self._at_once)
        self._limiters[kind].note(text)

    def close(self) -> None:
        """Log the events that were only counted so far."""
        for limiter in self._limiters.values():
            limiter.close()
        self._limiters.clear()


class _Limiter:
    def __init__(self, log: Callable[[int, str], None], at_once: int) -> None:
        self._log = log
        self._at_once = self._remaining = at_once
        self._count = 0
        self._latest = ""
        self._timer: asyncio.TimerHandle | None = None

    def note(self, text: str) -> None:
        self._latest = text
        self._count += 1
        if self._remaining:
            self._remaining -= 1
            self._flush()
        if self._timer is None:
            self._start_timer()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._count:
            self._flush()

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(EVERY_SECONDS, self._end_of_minute)

    def _end_of_minute(self) -> None:
        self._timer = None
        if self._count:
            self._flush()
            self._start_timer()
        else:
            self._remaining = self._at_once

    def _flush(self) -> None:
        self._log(self._count, self._latest)
        self._count = 0


def log_with_count(logger: logging.Logger, level: int) -> Callable[[int, str], None]:
    """Return a function that logs a text, and its count if it is more than one."""

    def log(count: int, text: str) -> None:
        if count == 1:
            logger.log(level, "%s", text)
        else:
            logger.log(level, "%s (latest of %d times)", text, count)

    return log
