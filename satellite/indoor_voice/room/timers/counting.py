"""Counts a satellite's timers down, keeps them across restarts, and rings when one ends."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from indoor_voice.errors import UserError

from .clock import Moment, running_seconds
from .file import load_timers, save_timers
from .timer import Timer, Timers

_LOGGER = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 30.0
"""The longest time between two looks at the clock, as asyncio's stands still during sleep."""
_AGAIN_SECONDS: Final = 20.0
"""After which saving is tried again."""
Save = Callable[[Callable[[], None]], Awaitable[None]]
"""Calls a function in a thread, which raises `UserError` if it cannot save something."""


class Counting:
    """The timers of one satellite, during an `async with` block."""

    def __init__(
        self, folder: Path, save: Save, ring: Callable[[], None], on_change: Callable[[], None]
    ) -> None:
        """Prepare to count the timers kept in `folder`.

        `ring` is called when one ends, and `on_change` after each change.
        """
        self._folder = folder
        self._save_in_thread = save
        self._ring = ring
        self._on_change = on_change
        self._timers = Timers(load_timers(folder, Moment.now()))
        self._ringing: list[Timer] = []
        self._changed = asyncio.Event()
        self._unsaved = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start to count; a timer that has ended in the meantime rings at once."""
        self._tasks = [asyncio.create_task(self._count()), asyncio.create_task(self._keep_saved())]
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop counting, and save what is unsaved."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._unsaved.is_set():
            await self._save()

    @property
    def running_and_paused(self) -> list[Timer]:
        """The timers that have not ended."""
        return list(self._timers)

    @property
    def ringing(self) -> list[Timer]:
        """The timers that have ended, and that nobody has stopped."""
        return list(self._ringing)

    def start(self, timer: Timer) -> None:
        """Start a timer, or replace the one with its id; raises `TooManyTimersError`."""
        self._timers.add(timer)
        self._note_change()

    def change(self, timer_id: str, left: float, *, running: bool) -> None:
        """Set how many seconds are left of a timer; raises `UnknownTimerError`."""
        self._timers.change(timer_id, left, running=running, now_seconds=running_seconds())
        self._note_change()

    def cancel(self, timer_id: str) -> None:
        """Forget a timer, if it is there."""
        if self._timers.remove(timer_id) is not None:
            self._note_change()

    def finish(self, timer_id: str) -> None:
        """Ring for a timer that has ended by Home Assistant's count, unless it has rung."""
        timer = self._timers.remove(timer_id)
        if timer is not None:
            self._end([timer])

    def silence(self) -> None:
        """Forget the timers that ring: somebody has stopped them, or nobody is there."""
        self._ringing.clear()
        self._note_change()

    def _end(self, timers: list[Timer]) -> None:
        self._ringing += timers
        self._ring()
        self._note_change()

    def _note_change(self) -> None:
        self._changed.set()
        self._unsaved.set()
        self._on_change()

    async def _count(self) -> None:
        while True:
            self._changed.clear()
            if ended := self._timers.take_ended(running_seconds()):
                self._end(ended)
            left = self._timers.next_end_seconds(running_seconds())
            with suppress(TimeoutError):
                async with asyncio.timeout(
                    _LOOK_SECONDS if left is None else min(left, _LOOK_SECONDS)
                ):
                    await self._changed.wait()

    async def _keep_saved(self) -> None:
        while True:
            await self._unsaved.wait()
            self._unsaved.clear()
            if not await self._save():
                self._unsaved.set()
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _save(self) -> bool:
        # What rings is saved, too: it rings on after a restart.
        timers = [*self._timers, *self._ringing]
        try:
            await self._save_in_thread(partial(save_timers, self._folder, timers, Moment.now()))
        except UserError as err:
            _LOGGER.debug("%s", err)
            return False
        return True
