"""Tells of faults without their messages, which may hold what somebody said."""

import asyncio
import logging
import traceback
from typing import Any

_LOGGER = logging.getLogger(__name__)


def kind_and_place(err: BaseException) -> str:
    """Return an exception's type and where it was raised."""
    frames = traceback.extract_tb(err.__traceback__)
    if not frames:
        return type(err).__name__
    return f"{type(err).__name__} in {frames[-1].filename}, line {frames[-1].lineno}"


def log_fault_of_loop(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody waited for; the loop's own handler would print messages and values."""
    err = context.get("exception")
    what = kind_and_place(err) if isinstance(err, BaseException) else "no exception"
    _LOGGER.error("%s: %s", context.get("message"), what)
