"""Counts a satellite's timers down, keeps them across restarts, and rings when one ends."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from indoor_voice.room.clockwork.clock import Moment, running_seconds
from indoor_voice.room.clockwork.tasks import Clockwork, Save

from .file import load_timers, save_timers
from .timer import Timer, Timers


class Counting:
    """The timers of one satellite, during an `async with` block."""

    def __init__(
        self, folder: Path, save: Save, ring: Callable[[], None], on_change: Callable[[], None]
    ) -> None:
        """Prepare to count the timers kept in `folder`.

        `ring` is called when one ends, and `on_change` after each change.
        """
        self._folder = folder
        self._ring = ring
        self._timers = Timers(load_timers(folder, Moment.now()))
        self._ringing: list[Timer] = []
        self._clockwork = Clockwork(self._count, save, self._snapshot, on_change)

    async def __aenter__(self) -> Self:
        """Start to count; a timer that has ended in the meantime rings at once."""
        await self._clockwork.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop counting, and save what is unsaved."""
        await self._clockwork.__aexit__(exc_type, exc, traceback)

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
        self._clockwork.note_change()

    def change(self, timer_id: str, left: float, *, running: bool) -> None:
        """Set how many seconds are left of a timer; raises `UnknownTimerError`."""
        self._timers.change(timer_id, left, running=running, now_seconds=running_seconds())
        self._clockwork.note_change()

    def cancel(self, timer_id: str) -> None:
        """Forget a timer, if it is there."""
        if self._timers.remove(timer_id) is not None:
            self._clockwork.note_change()

    def finish(self, timer_id: str) -> None:
        """Ring for a timer that has ended by Home Assistant's count, unless it has rung."""
        timer = self._timers.remove(timer_id)
        if timer is not None:
            self._end([timer])

    def silence(self) -> None:
        """Forget the timers that ring: somebody has stopped them, or nobody is there."""
        if self._ringing:
            self._ringing.clear()
            self._clockwork.note_change()

    def _end(self, timers: list[Timer]) -> None:
        self._ringing += timers
        self._ring()
        self._clockwork.note_change()

    def _count(self) -> float | None:
        if ended := self._timers.take_ended(running_seconds()):
            self._end(ended)
        return self._timers.next_end_seconds(running_seconds())

    def _snapshot(self) -> Callable[[], None]:
        # What rings is saved, too: it rings on after a restart.
        timers = [*self._timers, *self._ringing]
        return partial(save_timers, self._folder, timers, Moment.now())
