"""Finds the address at which a device answers, if it has several."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from .client import UnreachableError
from .wire import LinkError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from .client import Address

AHEAD_SECONDS: Final = 0.4
"""How long an address is tried before the next one is tried as well."""
MAX_ADDRESSES: Final = 8
"""How many addresses are tried; anyone can announce any number."""


async def first_that_answers(
    addresses: Sequence[Address], ask: Callable[[Address], Awaitable[object]]
) -> Address:
    """Return the address at which `ask` succeeds first; earlier addresses have a head start.

    If all fail, raises the `LinkError` of the first.
    """

    async def ask_later(address: Address, pause_seconds: float) -> Address:
        await asyncio.sleep(pause_seconds)
        await ask(address)
        return address

    tasks = [
        asyncio.create_task(ask_later(address, place * AHEAD_SECONDS))
        for place, address in enumerate(addresses[:MAX_ADDRESSES])
    ]
    try:
        for answer in asyncio.as_completed(tasks):
            with suppress(LinkError):
                return await answer
        for task in tasks:
            task.result()
        raise UnreachableError("the device has no address")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
