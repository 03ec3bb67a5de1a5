"""Keeps what a household learned about its wake words in the satellite's state folder.

The file is deleted with the last of it, and a copy of it never stays, not even of a damaged one:
whoever withdraws what a verifier was learned from can rely on its being gone.
"""

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.state_folder import sync, write

from .sound.household_verifier import (
    MAX_VERIFIERS,
    HouseholdVerifier,
    household_verifier_json,
    parse_household_verifiers,
)

_LOGGER = logging.getLogger(__name__)

FILE: Final = "household_verifiers.json"
MAX_STEPS: Final = 3
_UNFINISHED: Final = "household_verifiers.new"
"""Left behind if the power fails while the file is written."""
_ABOUT: Final = (
    "These numbers help the satellite to tell its wake words from what sounds like them in this "
    "home. Home Assistant worked them out from recordings whose people approved that as a lesson. "
    "They hold no sound and no words, and can only make the satellite wake less easily. To get rid "
    "of one, end its lesson in Home Assistant's panel. To get rid of all, stop the satellite and "
    "delete this file; while their lessons last, Home Assistant sends them again."
)


@dataclass(frozen=True, slots=True)
class Learned:
    """What a household learned about its wake words, by their names."""

    verifiers: Mapping[str, HouseholdVerifier] = field(default_factory=dict)
    stricter: Mapping[str, int] = field(default_factory=dict)
    """By how many steps to wake less easily than chosen."""


def parse_learned(content: object) -> Learned:
    """Read what was learned from its JSON; raises `ValueError` if any of it is impossible."""
    if not isinstance(content, dict):
        raise ValueError("expected an object")  # noqa: TRY004 - callers catch one class
    stricter = content.get("stricter", {})
    if not isinstance(stricter, dict) or len(stricter) > MAX_VERIFIERS:
        raise ValueError(f"stricter must be an object of at most {MAX_VERIFIERS}")
    for steps in stricter.values():
        if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= MAX_STEPS:
            raise ValueError(f"steps must be whole numbers from 1 to {MAX_STEPS}")
    return Learned(parse_household_verifiers(content.get("verifiers")), stricter)


def load_learned(folder: Path) -> Learned:
    """Return what was saved; a damaged file is logged and ignored."""
    path = folder / FILE
    try:
        return parse_learned(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return Learned()
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as err:
        _LOGGER.error(  # noqa: TRY400 - the message is for users
            "The household's verifiers of wake words in %s cannot be read, and are not used until "
            "Home Assistant sends them again: %s",
            path,
            err,
        )
        return Learned()


def save_learned(folder: Path, learned: Learned) -> None:
    """Save what was learned, or delete the file if there is nothing.

    Raises:
        UserError: it cannot be saved. What was saved before is deleted if possible.
    """
    try:
        if learned == Learned():
            forget_verifiers(folder)
            return
        saved = _content(learned)
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


def _content(learned: Learned) -> bytes:
    verifiers = learned.verifiers
    content = {
        "about": _ABOUT,
        "verifiers": {word: household_verifier_json(verifiers[word]) for word in sorted(verifiers)},
        "stricter": dict(sorted(learned.stricter.items())),
    }
    return json.dumps(content, indent=2).encode("utf-8")


def _holds(folder: Path, content: bytes) -> bool:
    """Return whether the file need not be written, as whenever Home Assistant connects again."""
    try:
        return (folder / FILE).read_bytes() == content
    except OSError:
        return False
