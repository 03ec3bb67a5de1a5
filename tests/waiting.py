"""Waits for slow conditions; a test that gives up reports the last value."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeVar, overload

import pytest
from wyoming.event import Event

T = TypeVar("T")

PATIENCE_SECONDS: Final = 30.0
"""A busy machine may need this long for what otherwise takes a moment."""
_PAUSE_SECONDS: Final = 0.02


class Receives(Protocol):
    """A connection that receives events."""

    async def receive(self) -> Event:
        """Return the next event."""
        ...


@overload
async def until(
    look: Callable[[], Awaitable[T]],
    good: Callable[[T], bool] = ...,
    *,
    seconds: float = ...,
    pause_seconds: float = ...,
) -> T: ...
@overload
async def until(
    look: Callable[[], T],
    good: Callable[[T], bool] = ...,
    *,
    seconds: float = ...,
    pause_seconds: float = ...,
) -> T: ...
async def until(
    look: Callable[[], Any],
    good: Callable[[Any], bool] = bool,
    *,
    seconds: float = PATIENCE_SECONDS,
    pause_seconds: float = _PAUSE_SECONDS,
) -> Any:
    """Call `look` until `good` accepts its result, and return that result.

    Fails the test after `seconds` and shows the last result, which must therefore contain nothing
    that somebody said.
    """
    __tracebackhide__ = True
    seen: object = None
    timeout = asyncio.timeout(seconds)
    try:
        async with timeout:
            while True:
                looked = look()
                found = await looked if inspect.isawaitable(looked) else looked
                if good(found):
                    return found
                seen = found
                await asyncio.sleep(pause_seconds)
    except TimeoutError:
        if not timeout.expired():
            raise
    pytest.fail(f"after {seconds:g} s it is still {seen!r}")


async def events_until(
    connection: Receives, *types: str, seconds: float = PATIENCE_SECONDS
) -> list[Event]:
    """Return the events up to the first of one of the types.

    Fails the test if none arrives within `seconds`, and shows the types of those that arrived.
    """
    __tracebackhide__ = True
    events: list[Event] = []
    timeout = asyncio.timeout(seconds)
    try:
        async with timeout:
            while not events or events[-1].type not in types:
                events.append(await connection.receive())
            return events
    except TimeoutError:
        if not timeout.expired():
            raise
    came = [event.type for event in events]
    pytest.fail(f"after {seconds:g} s no {' or '.join(types)} has come, but {came[-20:]}")
