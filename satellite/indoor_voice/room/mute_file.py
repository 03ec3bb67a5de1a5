"""Saves across restarts who muted a satellite, in the name of an empty file.

Exactly one such file exists, and muting renames it. A rename is atomic and needs no space, so it
works on a full disk. If the file is missing although the satellite has run before, the state is
unknown and the microphone stays closed.
"""

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from indoor_voice.state_folder import sync

from .mute import Mute

_LOGGER = logging.getLogger(__name__)

FILE_NAMES: Final = {
    Mute(): "microphone-open",
    Mute(by_home_assistant=True): "muted-by-home-assistant",
    Mute(on_device=True): "muted-on-device",
    Mute(by_home_assistant=True, on_device=True): "muted-by-both",
}
_UNKNOWN: Final = Mute(on_device=True)
"""Assumed if the state is lost: only somebody at the device can allow it to listen again."""
_OTHER_FILES: Final = ("id", "link", "settings.json")
"""Any of these shows that the satellite has run before."""


def read_mute(folder: Path) -> Mute:
    """Return the mute state that a satellite started now would have."""
    mute, _ = _read(folder)
    return mute


def load_mute(folder: Path) -> Mute:
    """Return the mute state at startup; a new folder is marked as unmuted."""
    mute, known = _read(folder)
    if not known:
        _LOGGER.warning(
            "Cannot tell from %s whether the satellite was muted, so it is muted. "
            "To unmute: indoor-voice button unmute",
            folder,
        )
    elif not mute.muted and not _found(folder):
        # If this fails, nothing else can be saved either, and that is reported elsewhere.
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(folder, mute)
            sync(folder)
    return mute


def save_mute(folder: Path, mute: Mute) -> None:
    """Save the mute state; it survives a power cut once this returns.

    Raises:
        OSError: it cannot be saved. The saved state is then no less muted than before.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = _found(folder)
    if found != [mute]:
        _replace(folder, found, mute)
    try:
        sync(folder)
    except OSError:
        if not mute.muted:
            with suppress(OSError):
                (folder / FILE_NAMES[mute]).rename(folder / FILE_NAMES[_UNKNOWN])
        raise


def forget_mute(folder: Path) -> None:
    """Delete the saved mute state; raises `OSError`."""
    for name in FILE_NAMES.values():
        (folder / name).unlink(missing_ok=True)


def _read(folder: Path) -> tuple[Mute, bool]:
    """Return the saved mute state, and whether it is known."""
    try:
        names = {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        return Mute(), True
    except OSError:
        return _UNKNOWN, False
    found = [mute for mute, name in FILE_NAMES.items() if name in names]
    if len(found) == 1:
        return found[0], True
    if found or not names.isdisjoint(_OTHER_FILES):
        return _UNKNOWN, False
    return Mute(), True


def _found(folder: Path) -> list[Mute]:
    return [mute for mute, name in FILE_NAMES.items() if os.path.lexists(folder / name)]


def _replace(folder: Path, found: list[Mute], mute: Mute) -> None:
    # Remove muted states last, so that the saved state is never less muted than before.
    found = sorted(found, key=lambda state: state.muted)
    if not found:
        _create(folder, mute)
        return
    *contradicting, last = found
    for state in contradicting:
        (folder / FILE_NAMES[state]).unlink()
    try:
        (folder / FILE_NAMES[last]).rename(folder / FILE_NAMES[mute])
    except OSError:
        if not mute.muted or last.muted:
            raise
        # Overlay file systems may need space to rename. Without a file the satellite is muted, too.
        (folder / FILE_NAMES[last]).unlink()


def _create(folder: Path, mute: Mute) -> None:
    os.close(os.open(folder / FILE_NAMES[mute], os.O_WRONLY | os.O_CREAT, 0o600))
