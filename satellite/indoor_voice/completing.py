"""Completes work even if whoever waits for it is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Completing:
    """Runs work that must not stay half done, for example when a connection ends."""

    def __init__(self) -> None:
        """Start without work."""
        self._tasks: set[asyncio.Task[None]] = set()
        """Held until they end, because the loop itself holds tasks only weakly."""

    async def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` to its end and wait for it; raises what it raises."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)
