"""Keeps over restarts whether a satellite is muted: in the name of an empty file.

There is one such file, and what it is called says who muted. To mute is to rename it, which is done
whole or not at all and needs no room: it works on a full disk. Where the file is missing although
the satellite has run before, nobody knows any more, so the microphone stays closed.
"""

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from indoor_voice.state_folder import sync

from .mute import Mute

_LOGGER = logging.getLogger(__name__)

_NAMES: Final = {
    Mute(): "microphone-open",
    Mute(by_home_assistant=True): "muted-by-home-assistant",
    Mute(on_device=True): "muted-on-device",
    Mute(by_home_assistant=True, on_device=True): "muted-by-both",
}
_UNKNOWN: Final = Mute(on_device=True)
"""What holds when it is not known: somebody at the device must say that it may listen."""
_OTHERS: Final = ("id", "link", "settings.json")
"""By which one sees that the satellite has run before."""


def read_mute(folder: Path) -> Mute:
    """Return how the satellite will be muted when it is started."""
    mute, _ = _read(folder)
    return mute


def load_mute(folder: Path) -> Mute:
    """Return the same at a start, and note in a new folder that the microphone may be open."""
    mute, known = _read(folder)
    if not known:
        _LOGGER.warning(
            "Whether the satellite was muted is not readable in %s, so it is muted. "
            "To unmute: indoor-voice button unmute",
            folder,
        )
    elif not mute.muted and not _found(folder):
        # Where this fails, nothing else of a new satellite can be kept either, which is said.
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(folder, mute)
            sync(folder)
    return mute


def keep_mute(folder: Path, mute: Mute) -> None:
    """Keep it; when this returns, it outlasts a power cut.

    Raises:
        OSError: it cannot be kept. Then what is kept opens the microphone no more than before.
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
                (folder / _NAMES[mute]).rename(folder / _NAMES[_UNKNOWN])
        raise


def forget_mute(folder: Path) -> None:
    """Begin anew at the next start; raises `OSError`."""
    for name in _NAMES.values():
        (folder / name).unlink(missing_ok=True)


def _read(folder: Path) -> tuple[Mute, bool]:
    """Return how it is muted, and whether that is known."""
    try:
        names = {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        return Mute(), True
    except OSError:
        return _UNKNOWN, False
    found = [mute for mute, name in _NAMES.items() if name in names]
    if len(found) == 1:
        return found[0], True
    if found or not names.isdisjoint(_OTHERS):
        return _UNKNOWN, False
    return Mute(), True


def _found(folder: Path) -> list[Mute]:
    return [mute for mute, name in _NAMES.items() if os.path.lexists(folder / name)]


def _replace(folder: Path, found: list[Mute], mute: Mute) -> None:
    # One that mutes stays to the last, so that at no time what is kept is more open than it was.
    found = sorted(found, key=lambda one: one.muted)
    if not found:
        _create(folder, mute)
        return
    for one in found[:-1]:
        (folder / _NAMES[one]).unlink()
    try:
        (folder / _NAMES[found[-1]]).rename(folder / _NAMES[mute])
    except OSError:
        if not mute.muted or found[-1].muted:
            raise
        # Some file systems of layers need room to rename; to mute it is enough that it is gone.
        (folder / _NAMES[found[-1]]).unlink()


def _create(folder: Path, mute: Mute) -> None:
    os.close(os.open(folder / _NAMES[mute], os.O_WRONLY | os.O_CREAT, 0o600))
