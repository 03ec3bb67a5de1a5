"""What a satellite keeps over restarts: the wake words chosen, and whether it is muted."""

import json
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from indoor_voice.errors import UserError

from .mute import Mute

_LOGGER = logging.getLogger(__name__)

_FILE: Final = "settings.json"


class Settings:
    """The settings, in a file that is always whole. Safe to use from several threads."""

    def __init__(self, state_dir: Path, asked_for: Sequence[str]) -> None:
        """Read what is kept in `state_dir`.

        A choice made in Home Assistant lasts until the command line, `asked_for`, changes.
        """
        self._path = state_dir / _FILE
        self._asked_for = list(asked_for)
        self._lock = threading.Lock()
        self.wake_words: list[str] | None = None
        """The chosen names; None before a choice."""
        self.mute = Mute()
        """Whether the satellite is muted, and by whom."""
        try:
            self._read(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, LookupError, TypeError) as err:
            # Nobody knows any more whether it was muted, so it is.
            self.mute = Mute(on_device=True)
            _LOGGER.warning(
                "The settings in %s are not readable, starting anew and muted: %s", self._path, err
            )

    def keep(self) -> None:
        """Keep the settings as they are now; raises `UserError` when they cannot be kept."""
        beside = self._path.with_suffix(".new")
        with self._lock:
            kept = {
                "wake_words": self.wake_words,
                "asked_for": self._asked_for,
                "mute": {
                    "by_home_assistant": self.mute.by_home_assistant,
                    "on_device": self.mute.on_device,
                },
            }
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with beside.open("w", encoding="utf-8") as file:
                    json.dump(kept, file)
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(self._path)
            except OSError as err:
                raise UserError(
                    f"Cannot keep settings in {self._path.parent}: {err}. "
                    "Choose a folder with --state-dir."
                ) from err

    def _read(self, kept: Any) -> None:  # noqa: ANN401 - JSON
        mute = kept["mute"]
        self.mute = Mute(
            by_home_assistant=_truth(mute["by_home_assistant"]), on_device=_truth(mute["on_device"])
        )
        if kept["asked_for"] == self._asked_for and kept["wake_words"] is not None:
            self.wake_words = [str(name) for name in kept["wake_words"]]


def kept_mute(state_dir: Path) -> bool:
    """Tell whether the satellite will be muted when it is started."""
    return Settings(state_dir, []).mute.muted


def forget_settings(state_dir: Path) -> None:
    """Begin anew at the next start; raises `OSError`."""
    (state_dir / _FILE).unlink(missing_ok=True)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("a truth is neither true nor false")
    return value
