"""Tells of faults without their messages, which may hold what somebody said."""

import asyncio
import logging
import traceback
from typing import Any

from .throttled_log import ThrottledLog, log_with_count

_LOGGER = logging.getLogger(__name__)


def kind_and_place(err: BaseException) -> str:
    """Return an exception's type and where it was raised."""
    frames = traceback.extract_tb(err.__traceback__)
    if not frames:
        return type(err).__name__
    return f"{type(err).__name__} in {frames[-1].filename}, line {frames[-1].lineno}"


def log_faults_of(loop: asyncio.AbstractEventLoop) -> ThrottledLog:
    """Log what nobody waited for, until what is returned is closed.

    The loop's own handler would print messages and values, and whatever a flood makes happen as
    often as it happens.
    """
    log = ThrottledLog(log_with_count(_LOGGER, logging.ERROR))

    def note(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        err = context.get("exception")
        what = kind_and_place(err) if isinstance(err, BaseException) else "no exception"
        fault = f"{context.get('message')}: {what}"
        log.note(fault, what)

    loop.set_exception_handler(note)
    return log
