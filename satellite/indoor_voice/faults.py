"""Reports exceptions without their messages, which may contain what somebody said."""

import asyncio
import logging
import traceback
from typing import Any

from .throttled_log import ThrottledLog, log_with_count

_LOGGER = logging.getLogger(__name__)


def kind_and_place(err: BaseException) -> str:
    """Return the type of an exception and where it was raised."""
    frames = traceback.extract_tb(err.__traceback__)
    if not frames:
        return type(err).__name__
    return f"{type(err).__name__} in {frames[-1].filename}, line {frames[-1].lineno}"


def log_faults_of(loop: asyncio.AbstractEventLoop) -> ThrottledLog:
    """Log unhandled exceptions in the loop until the returned log is closed.

    The loop's default handler would print messages and values, and log every exception in a flood.
    """
    log = ThrottledLog(log_with_count(_LOGGER, logging.ERROR))

    def note(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        err = context.get("exception")
        origin = kind_and_place(err) if isinstance(err, BaseException) else "no exception"
        log.note(f"{context.get('message')}: {origin}", origin)

    loop.set_exception_handler(note)
    return log
