"""What a satellite keeps for Sendspin: its key, and how late its loudspeaker sounds.

The key makes it the same player after a restart. Its public half is all that a server learns of who
the satellite is; the id by which Home Assistant knows it is another.
"""

import asyncio
import base64
import json
import secrets
from functools import partial
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.room.clockwork.tasks import Save
from indoor_voice.room.music.saving import save_changes
from indoor_voice.state_folder import is_kept, write

_FILE: Final = "sendspin.json"
_KEY_BYTES: Final = 32
_MOST_DELAY_MS: Final = 5_000.0


class SendspinState:
    """The key and the delay, kept in the satellite's state folder."""

    def __init__(self, folder: Path) -> None:
        """Load what is saved in `folder`, or make a key the first time; raises `UserError`."""
        self._folder = folder
        self._changed = asyncio.Event()
        self.output_delay_ms = 0.0
        """How much later the loudspeaker sounds than this machine knows, as set in the server."""
        path = folder / _FILE
        try:
            if is_kept(path):
                self._read(json.loads(path.read_text(encoding="utf-8")))
                return
            self.key: bytes = secrets.token_bytes(_KEY_BYTES)
            _write(folder, self._content())
        except (ValueError, LookupError, TypeError, RecursionError) as err:
            raise UserError(
                f"The key for Sendspin in {path} is damaged. Delete that file; the satellite is "
                "then a new player for its Sendspin server."
            ) from err
        except OSError as err:
            raise UserError(
                f"Cannot store settings in {folder}: {err}. Choose a folder with --state-dir."
            ) from err

    def set_output_delay(self, milliseconds: float) -> None:
        """Remember another delay."""
        self.output_delay_ms = milliseconds
        self._changed.set()

    async def keep_saved(self, save: Save) -> None:
        """Save the delay after each change, until cancelled."""
        await save_changes(
            self._changed, save, lambda: partial(_save, self._folder, self._content())
        )

    def _read(self, content: dict[str, object]) -> None:
        self.key = base64.b64decode(str(content["key"]), validate=True)
        if len(self.key) != _KEY_BYTES:
            raise ValueError("no key")
        delay = content["output_delay_ms"]
        if not isinstance(delay, int | float):
            raise TypeError("no delay")
        self.output_delay_ms = min(max(float(delay), 0.0), _MOST_DELAY_MS)

    def _content(self) -> str:
        key = base64.b64encode(self.key).decode("ascii")
        return json.dumps({"key": key, "output_delay_ms": self.output_delay_ms})


def forget_sendspin(folder: Path) -> None:
    """Delete the key, so that the satellite is a new player; raises `OSError`."""
    (folder / _FILE).unlink(missing_ok=True)


def _save(folder: Path, content: str) -> None:
    try:
        _write(folder, content)
    except OSError as err:
        raise UserError(f"Cannot save the delay of the loudspeaker in {folder}: {err}") from err


def _write(folder: Path, content: str) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(folder / _FILE, content.encode("utf-8"))
