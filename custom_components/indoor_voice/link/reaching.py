"""Reaching a device that has several addresses, of which some may lead nowhere."""

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
"""So many are tried; anybody can announce any number."""


async def first_that_answers(
    addresses: Sequence[Address], ask: Callable[[Address], Awaitable[object]]
) -> Address:
    """Return the address at which `ask` succeeds first; earlier ones have a head start.

    Raises the `LinkError` of the first one when it succeeds at none.
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
        raise UnreachableError("it has no address")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
