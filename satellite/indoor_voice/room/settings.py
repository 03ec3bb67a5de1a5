"""What a satellite keeps over restarts: which wake words Home Assistant chose."""

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError

_LOGGER = logging.getLogger(__name__)

_FILE: Final = "settings.json"


class Settings:
    """The choice of wake words, in a file that is always whole."""

    def __init__(self, state_dir: Path, asked_for: Sequence[str]) -> None:
        """Read what is kept in `state_dir`.

        A choice made in Home Assistant lasts until the command line, `asked_for`, changes.
        """
        self._path = state_dir / _FILE
        self._asked_for = list(asked_for)
        self.wake_words: list[str] | None = None
        """The chosen names; None before a choice."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if kept["asked_for"] == self._asked_for:
                self.wake_words = [str(name) for name in kept["wake_words"]]
        except FileNotFoundError:
            pass
        except (OSError, ValueError, LookupError, TypeError) as err:
            _LOGGER.warning(
                "The settings in %s are not readable, starting anew: %s", self._path, err
            )

    def choose(self, wake_words: Sequence[str]) -> None:
        """Keep a choice; raises `UserError` when it cannot be kept."""
        self.wake_words = list(wake_words)
        kept = {"wake_words": self.wake_words, "asked_for": self._asked_for}
        beside = self._path.with_suffix(".new")
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
