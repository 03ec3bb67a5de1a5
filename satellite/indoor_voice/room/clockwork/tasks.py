"""Looks at the clock when something is due, and saves what has changed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from indoor_voice.errors import UserError

_LOGGER = logging.getLogger(__name__)

LOOK_SECONDS: Final = 30.0
"""The longest time between two looks at the clock.

asyncio's clock stands still during sleep, and the one on the wall can be set.
"""
AGAIN_SECONDS: Final = 20.0
"""After which saving is tried again."""
Save = Callable[[Callable[[], None]], Awaitable[None]]
"""Calls a function in a thread, which raises `UserError` if it cannot save something."""


class Clockwork:
    """Runs `look` when it is time, and `write` after changes, during an `async with` block."""

    def __init__(
        self,
        look: Callable[[], float | None],
        save: Save,
        snapshot: Callable[[], Callable[[], None]],
        on_change: Callable[[], None],
    ) -> None:
        """Prepare to run.

        `look` does what is due, and returns in how many seconds the next thing is. `snapshot`
        returns a function for a thread, which saves the present state and raises `UserError`.
        `on_change` is called after each change, when that is saved, so that nobody is told of what
        a power cut could undo; or when it can't be saved, which `save` reports.
        """
        self._look = look
        self._save_in_thread = save
        self._snapshot = snapshot
        self._on_change = on_change
        self._changed = asyncio.Event()
        self._unsaved = asyncio.Event()
        """Set by a change until it begins to be saved."""
        self._is_saved = True
        """Whether the latest attempt to save has succeeded."""
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start to look; what is due already is done at once."""
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._keep_saved())]
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop looking, and save what is unsaved."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._unsaved.is_set() or not self._is_saved:
            await self._save()

    def note_change(self) -> None:
        """Look again and save: something has changed."""
        self._changed.set()
        self._unsaved.set()

    async def _watch(self) -> None:
        while True:
            self._changed.clear()
            left = self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(
                    LOOK_SECONDS if left is None else min(left, LOOK_SECONDS)
                ):
                    await self._changed.wait()

    async def _keep_saved(self) -> None:
        while True:
            await self._unsaved.wait()
            self._unsaved.clear()
            await self._save()
            self._on_change()
            while not self._is_saved and not await self._changes_within(AGAIN_SECONDS):
                await self._save()

    async def _changes_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._unsaved.wait()
        except TimeoutError:
            return False
        return True

    async def _save(self) -> None:
        self._is_saved = False
        try:
            await self._save_in_thread(self._snapshot())
        except UserError as err:
            _LOGGER.debug("%s", err)
        else:
            self._is_saved = True
