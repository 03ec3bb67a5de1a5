"""Plays music in sync with other loudspeakers, from a Sendspin server such as Music Assistant."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from indoor_voice.errors import UserError

if TYPE_CHECKING:
    from indoor_voice.room.music.player import MusicPlayer
    from indoor_voice.room.sound.loudspeaker import Loudspeaker

    from .speaker import SendspinSpeaker

_OLDEST_PYTHON: Final = (3, 12)


def sendspin_speaker(
    choice: str,
    *,
    name: str,
    state_dir: Path,
    music: "MusicPlayer | None",
    loudspeaker: "Loudspeaker",
) -> "SendspinSpeaker | None":
    """Return a Sendspin player for the choice off, auto or the URL of a server; None for off.

    Raises:
        UserError: something that it needs is missing.
    """
    if choice == "off":
        return None
    if sys.version_info < _OLDEST_PYTHON:
        raise UserError(
            "--sendspin needs Python 3.12 or newer, and this is Python "
            f"{sys.version_info.major}.{sys.version_info.minor}. Install Indoor Voice with a newer "
            "Python, or leave the option out."
        )
    if find_spec("aiosendspin") is None or music is None:
        raise UserError(
            "--sendspin needs the extra music and libmpv. Install indoor-voice[music], and on "
            "Debian: sudo apt install libmpv2"
        )
    from .address import find_server  # noqa: PLC0415 - heavy, like those below
    from .speaker import SendspinSpeaker  # noqa: PLC0415
    from .state import SendspinState  # noqa: PLC0415

    async def given() -> str:
        return choice

    return SendspinSpeaker(
        name=name,
        find=find_server if choice == "auto" else given,
        state=SendspinState(state_dir),
        music=music,
        loudspeaker=loudspeaker,
    )


def shown_name(name: str, area: str | None) -> str:
    """Return the player's name: the satellite's, after the name of its area, if it has one."""
    return name if area is None else f"{area} {name}"
