"""Changes a satellite's settings: checks them, saves them, and applies them at once."""

import asyncio
from collections.abc import Mapping, Sequence

from indoor_voice.completing import Completing
from indoor_voice.errors import UserError

from .adjustments import Adjustable, Adjustments
from .settings import Settings
from .storage import Storage


class Adjusting:
    """Keeps the parts of a satellite in step with its settings."""

    def __init__(
        self, settings: Settings, storage: Storage, adjustables: Sequence[Adjustable | None]
    ) -> None:
        """Apply the current settings to all parts; None stands for one that is not there."""
        self._settings = settings
        self._storage = storage
        self._adjustables = [part for part in adjustables if part is not None]
        self._completing = Completing()
        self._one_at_a_time = asyncio.Lock()
        self._apply()

    @property
    def adjustments(self) -> Adjustments:
        """The settings that are in effect, and after a restart."""
        return self._settings.adjustments

    async def change(self, data: Mapping[str, object]) -> None:
        """Change these settings, now and after restarts, even if the caller is cancelled.

        Raises:
            ValueError: one of them does not exist or has an impossible value. None is changed.
            UserError: they cannot be saved. None is changed.
        """
        await self._completing.run(self._change(data))

    async def _change(self, data: Mapping[str, object]) -> None:
        async with self._one_at_a_time:
            previous = self._settings.adjustments
            self._settings.adjustments = previous.changed(data)
            try:
                await self._storage.save_choices()
            except UserError:
                self._settings.adjustments = previous
                raise
            self._apply()

    def _apply(self) -> None:
        for part in self._adjustables:
            part.adjust(self._settings.adjustments)
