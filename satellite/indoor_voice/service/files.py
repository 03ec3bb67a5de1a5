"""Replaces text files of the system."""

from pathlib import Path
from typing import Final

from indoor_voice.state_folder import write

_READABLE: Final = 0o644


def replace(path: Path, text: str) -> bool:
    """Give a file that everybody may read this text, at once or not at all; raises `OSError`.

    Returns:
        Whether that changed it.
    """
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, text.encode(), mode=_READABLE)
    return True
