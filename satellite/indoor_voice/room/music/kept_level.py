"""Keeps the volume of music across restarts, in the satellite's state folder."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.state_folder import write

from .level import Level

_LOGGER = logging.getLogger(__name__)

_FILE: Final = "music.json"

Save = Callable[[Callable[[], None]], Awaitable[None]]
"""Calls a function in a thread, which raises `UserError` if it cannot save something."""


class KeptLevel(Level):
    """The level of all music, whose volume outlasts a restart."""

    def __init__(self, folder: Path) -> None:
        """Start with what is saved in `folder`, or else at full volume."""
        super().__init__()
        self._folder = folder
        self._changed = asyncio.Event()
        path = folder / _FILE
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            self.volume = min(1.0, max(0.0, float(content["volume"])))
            self.muted = content["muted"] is True
        except FileNotFoundError:
            pass
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as err:
            _LOGGER.warning("Cannot read the volume of music from %s: %s", path, err)

    def change(self, volume: float, *, muted: bool) -> None:
        """Play at another volume, 0 to 1, or not audibly."""
        self.volume = volume
        self.muted = muted
        self._changed.set()

    async def keep_saved(self, save: Save) -> None:
        """Save the latest volume after each change, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            content = {"volume": self.volume, "muted": self.muted}
            try:
                await save(partial(_write, self._folder, json.dumps(content)))
            except UserError as err:
                _LOGGER.debug("%s", err)  # the satellite's status tells it


def forget_level(folder: Path) -> None:
    """Delete the saved volume; raises `OSError`."""
    (folder / _FILE).unlink(missing_ok=True)


def _write(folder: Path, content: str) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(folder / _FILE, content.encode("utf-8"))
    except OSError as err:
        raise UserError(f"Cannot save the volume of music in {folder}: {err}") from err
