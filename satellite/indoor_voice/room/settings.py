"""What a satellite keeps over restarts: the wake words chosen, and whether it is muted."""

import json
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from indoor_voice.errors import UserError
from indoor_voice.state_folder import fault, write

from .kept_mute import forget_mute, keep_mute, load_mute, read_mute
from .mute import Mute

_LOGGER = logging.getLogger(__name__)

_FILE: Final = "settings.json"


class Settings:
    """The settings, in files that are always whole. Safe to use from several threads."""

    def __init__(self, state_dir: Path, asked_for: Sequence[str]) -> None:
        """Read what is kept in `state_dir`, before anything else is kept there.

        A choice made in Home Assistant lasts until the command line, `asked_for`, changes.
        """
        self.state_dir: Final = state_dir
        self._path = state_dir / _FILE
        self._asked_for = list(asked_for)
        self._lock = threading.Lock()
        self.wake_words: list[str] | None = None
        """The chosen names; None before a choice."""
        self.mute = load_mute(state_dir)
        """Whether the satellite is muted after a restart, and by whom."""
        try:
            self._read(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as err:
            _LOGGER.warning("The wake words chosen are not readable in %s: %s", self._path, err)

    def keep(self) -> None:
        """Keep the wake words as they are now; raises `UserError` when they cannot be kept."""
        with self._lock:
            kept = {"wake_words": self.wake_words, "asked_for": self._asked_for}
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write(self._path, json.dumps(kept).encode("utf-8"))
            except OSError as err:
                raise self._cannot_keep(err) from err

    def keep_mute(self, mute: Mute) -> None:
        """Have the satellite muted, or not, after a restart too.

        Raises:
            UserError: it cannot be kept. Then the microphone is not open after a restart if it
                would not have been open before.
        """
        with self._lock:
            if mute == self.mute and not self.mute_is_lost():
                return
            try:
                keep_mute(self.state_dir, mute)
            except OSError as err:
                raise self._cannot_keep(err) from err
            self.mute = mute

    def mute_is_lost(self) -> bool:
        """Tell whether a restart would open the microphone although that it is muted was kept.

        So it is where somebody removed the folder meanwhile.
        """
        return self.mute.muted and not read_mute(self.state_dir).muted

    def fault(self) -> str | None:
        """Return why nothing can be kept at present; None if something can."""
        return fault(self.state_dir)

    def _cannot_keep(self, err: OSError) -> UserError:
        return UserError(
            f"Cannot keep settings in {self.state_dir}: {err}. Choose a folder with --state-dir."
        )

    def _read(self, kept: Any) -> None:  # noqa: ANN401 - JSON
        if kept["asked_for"] == self._asked_for and kept["wake_words"] is not None:
            self.wake_words = [str(name) for name in kept["wake_words"]]


def forget_settings(state_dir: Path) -> None:
    """Begin anew at the next start; raises `OSError`."""
    (state_dir / _FILE).unlink(missing_ok=True)
    forget_mute(state_dir)
