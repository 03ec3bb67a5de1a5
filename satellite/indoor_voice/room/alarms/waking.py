"""Waits for a satellite's alarms, keeps them across restarts, and rings when one is due."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from indoor_voice.room.clockwork.clock import Moment
from indoor_voice.room.clockwork.tasks import Clockwork, Save

from .alarm import Alarm
from .alarms import Entry, Happening
from .file import content_of, load_alarms, save_alarms


class Waking:
    """The alarms of one satellite, during an `async with` block."""

    def __init__(
        self,
        folder: Path,
        save: Save,
        ring: Callable[[], None],
        hush: Callable[[], None],
        on_change: Callable[[], None],
    ) -> None:
        """Prepare to wait for the alarms kept in `folder`.

        `ring` is called when one is due, `hush` when the last that rang does no more, unless
        `silence` was called, and `on_change` after each change.
        """
        self._folder = folder
        self._ring = ring
        self._hush = hush
        self._alarms = load_alarms(folder, Moment.now())
        self._clockwork = Clockwork(self._look, save, self._snapshot, on_change)

    async def __aenter__(self) -> Self:
        """Start to wait; an alarm that was due a short time ago rings at once."""
        await self._clockwork.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop waiting, and save what is unsaved."""
        await self._clockwork.__aexit__(exc_type, exc, traceback)

    @property
    def entries(self) -> list[Entry]:
        """All alarms."""
        return list(self._alarms)

    @property
    def happenings(self) -> list[Happening]:
        """What Home Assistant may not know yet, oldest first."""
        return self._alarms.happenings

    @property
    def rings(self) -> bool:
        """Whether an alarm rings."""
        return bool(self._alarms.ringing)

    def set(self, alarm: Alarm) -> None:
        """Set an alarm, or replace the one with its id.

        Raises `TooManyAlarmsError`, `PassedError` or `UnknownZoneError`.
        """
        self._change(lambda now: self._alarms.set(alarm, now))

    def remove(self, alarm_id: str) -> None:
        """Forget an alarm, if it is there."""
        self._change(lambda now: self._alarms.remove(alarm_id, now))

    def snooze(self) -> None:
        """Let what rings, or has just been stopped, ring again later.

        Raises `UnknownAlarmError` if there is nothing to snooze.
        """
        self._change(self._alarms.snooze)

    def silence(self, *, nobody_there: bool) -> None:
        """Stop what rings; `nobody_there` if it has rung for so long that nobody can be."""
        if self._alarms.silence(Moment.now(), nobody_there=nobody_there):
            self._clockwork.note_change()

    def forget_happenings(self, number: int) -> None:
        """Forget what happened up to a number: Home Assistant knows it."""
        self._alarms.forget_happenings(number)
        self._clockwork.note_change()

    def _change(self, change: Callable[[Moment], object]) -> None:
        rang = self.rings
        change(Moment.now())
        if rang and not self.rings:
            self._hush()
        self._clockwork.note_change()

    def _look(self) -> float | None:
        before = self.entries
        now = Moment.now()
        if self._alarms.look(now):
            self._ring()
        if self.entries != before:
            self._clockwork.note_change()
        return self._alarms.seconds_to_next(now)

    def _snapshot(self) -> Callable[[], None]:
        now = Moment.now()
        return partial(save_alarms, self._folder, content_of(self._alarms, now), now)
