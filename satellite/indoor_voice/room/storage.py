"""Saves a satellite's settings, tracks whether that works, and retries to save a mute."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from indoor_voice.errors import UserError
from indoor_voice.state_folder import notice

from .mute import Mute
from .settings import Settings

_LOGGER = logging.getLogger(__name__)

LOOK_SECONDS: Final = 20.0
"""Interval between checks of the folder."""


class Storage:
    """Saves settings one at a time, and watches whether the folder is writable."""

    def __init__(self, settings: Settings, on_change: Callable[[], None]) -> None:
        """Prepare to call `on_change` in the event loop when the status changes."""
        self.works = True
        """Whether settings can be saved, as of the last attempt or check."""
        self._settings = settings
        self._on_change = on_change
        self._lock = asyncio.Lock()
        self._unsaved_mute: Mute | None = None
        """A mute that is in effect, but would be lost at a restart."""
        self._watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start watching the folder."""
        await self._check()
        self._watcher = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop watching."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)

    async def save_choices(self) -> None:
        """Save all settings but the mute state; raises `UserError`."""
        await self.save(self._settings.save_choices)

    async def save(self, write: Callable[[], None]) -> None:
        """Call `write` in a thread, which raises `UserError` if it cannot save something."""
        async with self._lock:
            await self._save(asyncio.to_thread(write))

    async def save_mute(self, mute: Mute) -> None:
        """Save the mute state; on failure, raises `UserError` and keeps retrying to save a mute."""
        async with self._lock:
            await self._save_mute(mute)

    async def _save_mute(self, mute: Mute) -> None:
        try:
            await self._save(asyncio.to_thread(self._settings.save_mute, mute))
        except UserError:
            if mute.muted:
                self._unsaved_mute = mute
            raise
        self._unsaved_mute = None

    async def _save(self, saving: Awaitable[None]) -> None:
        try:
            await saving
        except UserError:
            self._report(await asyncio.to_thread(self._settings.fault) or "writing failed")
            raise

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._check()

    async def _check(self) -> None:
        async with self._lock:
            fault = await asyncio.to_thread(self._settings.fault)
            if self._unsaved_mute is None and await asyncio.to_thread(self._settings.mute_is_lost):
                self._unsaved_mute = self._settings.mute
            if self._unsaved_mute is not None:
                with suppress(UserError):
                    await self._save_mute(self._unsaved_mute)
                    fault = None
                    _LOGGER.info("Saved that the satellite is muted")
                    self._on_change()
                if self._unsaved_mute is not None:
                    return
            self._report(fault)

    def _report(self, fault: str | None) -> None:
        if self.works is (fault is None):
            return
        self.works = fault is None
        if fault is None:
            _LOGGER.info("Settings can be saved again")
        else:
            _LOGGER.error("%s", notice(self._settings.state_dir, fault))
        self._on_change()
