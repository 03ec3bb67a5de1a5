"""Mutes and unmutes the satellite, now and after a restart."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from indoor_voice.completing import Completing
from indoor_voice.errors import UserError

from .mute import Mute

_LOGGER: Final = logging.getLogger(__name__)


class Muting:
    """Changes who has muted the satellite, in a safe order.

    A mute takes effect before it is saved, and an unmute only afterwards.
    """

    def __init__(
        self,
        mute: Mute,
        save: Callable[[Mute], Awaitable[None]],
        apply: Callable[[], None],
        report: Callable[[bool], None],
    ) -> None:
        """Begin with `mute`.

        `save` raises `UserError` if it cannot. `apply` is called when `mute` has changed, and
        `report` at the end of each change, with whether it was saved.
        """
        self.mute = mute
        """What is in effect."""
        self._save = save
        self._apply = apply
        self._report = report
        self._changes = 0
        self._completing = Completing()

    async def change(self, mute: Mute) -> None:
        """Complete a change even if the caller is cancelled; raises `UserError`."""
        await self._completing.run(self._change(mute))

    async def _change(self, mute: Mute) -> None:
        self._changes += 1
        change = self._changes
        if mute.muted:
            self._set(mute)
        try:
            await self._save(mute)
        except UserError as err:
            _LOGGER.error(  # noqa: TRY400 - the message is for users
                "The microphone %s: %s",
                "is closed, but opens after a restart" if mute.muted else "stays closed",
                err,
            )
            self._report(False)
            raise
        # A mute requested while this was being saved takes precedence.
        if not mute.muted and change == self._changes:
            self._set(mute)
        self._report(True)

    def _set(self, mute: Mute) -> None:
        self.mute = mute
        self._apply()
