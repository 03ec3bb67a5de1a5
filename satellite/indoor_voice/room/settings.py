"""A satellite's saved settings: wake words, what can be adjusted, and who muted it."""

import json
import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from indoor_voice.errors import UserError
from indoor_voice.state_folder import fault, write

from .adjustments import Adjustments
from .mute import Mute
from .mute_file import forget_mute, load_mute, read_mute, save_mute
from .sound.wake_rules import sensitivity_number

_LOGGER = logging.getLogger(__name__)

_FILE: Final = "settings.json"


class Settings:
    """Reads and atomically writes the settings. Thread-safe."""

    def __init__(
        self,
        state_dir: Path,
        requested: Sequence[str],
        sensitivities: Mapping[str, float] | None = None,
        adjustments: Adjustments | None = None,
    ) -> None:
        """Load the settings from `state_dir`, before anything else is saved there.

        `requested` are the wake words of the command line, and `sensitivities` those that it names,
        0 to 1. `adjustments` has the values of the command line, or else the defaults. When one
        of these changes, the choice made in Home Assistant is dropped.
        """
        self.state_dir: Final = state_dir
        self._path = state_dir / _FILE
        self.adjustments = adjustments or Adjustments()
        """What can be adjusted in Home Assistant."""
        self._requested = {
            "asked_for": list(requested),
            "sensitivity": dict(sensitivities or {}),
            "adjustments_asked_for": self.adjustments.as_data(),
        }
        self._lock = threading.Lock()
        self.wake_words: list[str] | None = None
        """The names chosen in Home Assistant; None before the first choice."""
        self.sensitivities: dict[str, float] = dict(sensitivities or {})
        """Sensitivities by wake word, 0 to 1, where they are not the default."""
        self.mute = load_mute(state_dir)
        """The saved mute state, which applies after a restart."""
        try:
            self._read(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as err:
            _LOGGER.warning("Cannot read the settings from %s: %s", self._path, err)

    def save_choices(self) -> None:
        """Save all but the mute state; raises `UserError` if that fails."""
        with self._lock:
            content = {
                **self._requested,
                "wake_words": self.wake_words,
                "sensitivities": self.sensitivities,
                "adjustments": self.adjustments.as_data(),
            }
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write(self._path, json.dumps(content).encode("utf-8"))
            except OSError as err:
                raise self._save_error(err) from err

    def save_mute(self, mute: Mute) -> None:
        """Save the mute state for the next start.

        Raises:
            UserError: it cannot be saved. A restart then opens the microphone only if it would
                have done so before.
        """
        with self._lock:
            if mute == self.mute and not self.mute_is_lost():
                return
            try:
                save_mute(self.state_dir, mute)
            except OSError as err:
                raise self._save_error(err) from err
            self.mute = mute

    def mute_is_lost(self) -> bool:
        """Return whether a restart would unmute the satellite although a mute was saved.

        This happens if somebody deleted the folder in the meantime.
        """
        return self.mute.muted and not read_mute(self.state_dir).muted

    def fault(self) -> str | None:
        """Return why settings cannot be saved at present; None if they can."""
        return fault(self.state_dir)

    def _save_error(self, err: OSError) -> UserError:
        return UserError(
            f"Cannot save settings in {self.state_dir}: {err}. "
            "Choose another folder with --state-dir."
        )

    def _read(self, content: Any) -> None:  # noqa: ANN401 - JSON
        if (
            content["asked_for"] == self._requested["asked_for"]
            and content["wake_words"] is not None
        ):
            self.wake_words = [str(name) for name in content["wake_words"]]
        # Without these keys, an older version saved the file.
        if content.get("sensitivity", {}) == self._requested["sensitivity"]:
            self.sensitivities |= {
                str(name): sensitivity_number(value)
                for name, value in content.get("sensitivities", {}).items()
            }
        self.adjustments = self.adjustments.with_choices(
            dict(content.get("adjustments", {})), dict(content.get("adjustments_asked_for", {}))
        )


def forget_settings(state_dir: Path) -> None:
    """Delete the saved settings; raises `OSError`."""
    (state_dir / _FILE).unlink(missing_ok=True)
    forget_mute(state_dir)
