"""Keeps a household's verifiers of wake words across restarts, in the satellite's state folder.

The file is deleted with the last of them, and a copy of it never stays, not even of a damaged one:
whoever withdraws what a verifier was learned from can rely on its being gone.
"""

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.state_folder import sync, write

from .sound.household_verifier import (
    HouseholdVerifier,
    household_verifier_json,
    parse_household_verifiers,
)

_LOGGER = logging.getLogger(__name__)

FILE: Final = "household_verifiers.json"
_UNFINISHED: Final = "household_verifiers.new"
"""Left behind if the power fails while the file is written."""
_ABOUT: Final = (
    "These numbers help the satellite to tell its wake words from what sounds like them in this "
    "home. Home Assistant worked them out from recordings whose people approved that as a lesson. "
    "They hold no sound and no words, and can only make the satellite wake less easily. To get rid "
    "of one, end its lesson in Home Assistant's panel. To get rid of all, stop the satellite and "
    "delete this file; while their lessons last, Home Assistant sends them again."
)


def load_verifiers(folder: Path) -> dict[str, HouseholdVerifier]:
    """Return the saved verifiers by wake word; a damaged file is logged and ignored."""
    path = folder / FILE
    try:
        return parse_household_verifiers(json.loads(path.read_bytes())["verifiers"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as err:
        _LOGGER.error(  # noqa: TRY400 - the message is for users
            "The household's verifiers of wake words in %s cannot be read, and are not used until "
            "Home Assistant sends them again: %s",
            path,
            err,
        )
        return {}


def save_verifiers(folder: Path, verifiers: Mapping[str, HouseholdVerifier]) -> None:
    """Save the verifiers, or delete the file if there are none.

    Raises:
        UserError: they cannot be saved. The former ones are deleted if possible.
    """
    try:
        if not verifiers:
            forget_verifiers(folder)
            return
        saved = _content(verifiers)
        if not _holds(folder, saved):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write(folder / FILE, saved)
    except OSError as err:
        with suppress(OSError):
            forget_verifiers(folder)
        raise UserError(
            f"Cannot save the household's verifiers of wake words in {folder}: {err}"
        ) from err


def forget_verifiers(folder: Path) -> None:
    """Delete the saved verifiers; raises `OSError`."""
    for name in (FILE, _UNFINISHED):
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir():
        sync(folder)


def _content(verifiers: Mapping[str, HouseholdVerifier]) -> bytes:
    entries = {word: household_verifier_json(verifiers[word]) for word in sorted(verifiers)}
    return json.dumps({"about": _ABOUT, "verifiers": entries}, indent=2).encode("utf-8")


def _holds(folder: Path, content: bytes) -> bool:
    """Return whether the file need not be written, as whenever Home Assistant connects again."""
    try:
        return (folder / FILE).read_bytes() == content
    except OSError:
        return False
