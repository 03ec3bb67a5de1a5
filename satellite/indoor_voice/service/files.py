"""Replaces text files of the system."""

import os
from pathlib import Path


def replace(path: Path, text: str) -> bool:
    """Give a file that everybody may read this text, at once or not at all; raises `OSError`.

    Returns:
        Whether that changed it.
    """
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text)
    temporary.chmod(0o644)
    descriptor = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.replace(path)
    return True
