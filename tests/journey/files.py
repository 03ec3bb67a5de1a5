"""Searches all files of a folder, and of the archives in it, for what must not be there."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

WRITTEN_SECONDS = 6.0
"""After this time everything is on disk: the demo's recorder commits every five seconds."""


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a folder and of the archives in it, at any depth."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield from unpacked(str(path.relative_to(folder)), path.read_bytes())


def unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, data
    if name.endswith((".tar", ".tar.gz")):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                if member.isfile() and (file := archive.extractfile(member)) is not None:
                    yield from unpacked(f"{name}/{member.name}", file.read())


def forms_of(word: str) -> list[bytes]:
    return [word.encode(), word.encode("utf-16-le"), word.upper().encode()]


def files_containing(folder: Path, needles: list[bytes]) -> list[str]:
    return [
        name
        for name, data in contents(folder)
        for needle in needles
        if needle in data or needle in data.lower()
    ]
