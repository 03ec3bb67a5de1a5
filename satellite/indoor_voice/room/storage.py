"""Whether a satellite can keep its settings: told when it changes, and tried again until it can."""

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
"""Between two looks at the folder."""


class Storage:
    """Keeps the settings, one change after the other, and watches whether that is possible."""

    def __init__(self, settings: Settings, on_change: Callable[[], None]) -> None:
        """Prepare to call `on_change` in the loop when `works` changes."""
        self.works = True
        """Whether something can be kept, as far as one knows."""
        self._settings = settings
        self._on_change = on_change
        self._one_at_a_time = asyncio.Lock()
        self._unkept: Mute | None = None
        """Holds at present, and will not after a restart."""
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        await self._look()
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Watch no more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def keep(self) -> None:
        """Keep the wake words; raises `UserError`."""
        async with self._one_at_a_time:
            await self._try(asyncio.to_thread(self._settings.keep))

    async def keep_mute(self, mute: Mute) -> None:
        """Keep who muted; raises `UserError`, and goes on trying if it was muted."""
        async with self._one_at_a_time:
            await self._try_mute(mute)

    async def _try_mute(self, mute: Mute) -> None:
        try:
            await self._try(asyncio.to_thread(self._settings.keep_mute, mute))
        except UserError:
            if mute.muted:
                self._unkept = mute
            raise
        self._unkept = None

    async def _try(self, keeping: Awaitable[None]) -> None:
        try:
            await keeping
        except UserError:
            self._note(await asyncio.to_thread(self._settings.fault) or "it failed")
            raise

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        async with self._one_at_a_time:
            fault = await asyncio.to_thread(self._settings.fault)
            if self._unkept is None and await asyncio.to_thread(self._settings.mute_is_lost):
                self._unkept = self._settings.mute
            if self._unkept is not None:
                with suppress(UserError):
                    await self._try_mute(self._unkept)
                    fault = None
                    _LOGGER.info("That the satellite is muted is kept now")
                    self._on_change()
                if self._unkept is not None:
                    return
            self._note(fault)

    def _note(self, fault: str | None) -> None:
        if self.works is (fault is None):
            return
        self.works = fault is None
        if fault is None:
            _LOGGER.info("What is changed can be kept again")
        else:
            _LOGGER.error("%s", notice(self._settings.state_dir, fault))
        self._on_change()
