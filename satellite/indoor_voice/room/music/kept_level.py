"""Keeps the volume of music across restarts, in the satellite's state folder."""

import asyncio
import json
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.room.clockwork.tasks import Save
from indoor_voice.state_folder import write

from .level import Level
from .saving import save_changes

_LOGGER = logging.getLogger(__name__)

_FILE: Final = "music.json"


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
        await save_changes(self._changed, save, self._snapshot)

    def _snapshot(self) -> Callable[[], None]:
        content = {"volume": self.volume, "muted": self.muted}
        return partial(_write, self._folder, json.dumps(content))


def forget_level(folder: Path) -> None:
    """Delete the saved volume; raises `OSError`."""
    (folder / _FILE).unlink(missing_ok=True)


def _write(folder: Path, content: str) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(folder / _FILE, content.encode("utf-8"))
    except OSError as err:
        raise UserError(f"Cannot save the volume of music in {folder}: {err}") from err
