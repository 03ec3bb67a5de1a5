"""The folder in which a device keeps its state: whether anything can be kept there, and how."""

import os
from pathlib import Path


def fault(folder: Path) -> str | None:
    """Return why nothing can be kept in `folder`; None if something can, or as far as one sees.

    Looks without writing: it is asked again and again, and SD cards wear.
    """
    try:
        if not folder.is_dir():
            return None  # nothing was kept there yet
        if not os.access(folder, os.W_OK | os.X_OK):
            read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
            return "the file system is read-only" if read_only else "it may not be written to"
        room = os.statvfs(folder)
    except OSError as err:
        return err.strerror or str(err)
    # What is set aside for root is no room for others; a file system may count nothing at all.
    free = room.f_bfree if os.geteuid() == 0 else room.f_bavail
    return "the disk is full" if room.f_blocks and not free else None


def notice(folder: Path, why: str) -> str:
    """Say to the owner that nothing can be kept; `why` is what `fault` found."""
    return (
        f"Nothing can be kept in {folder}: {why}. What is changed now is lost at the next start. "
        "Make room, replace the card, or choose a folder with --state-dir."
    )


def write(path: Path, content: bytes) -> None:
    """Replace a file by a whole one that only its owner can read; raises `OSError`.

    When it returns, the new one outlasts a power cut; until then the former one may be found.
    """
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def is_kept(path: Path) -> bool:
    """Tell whether there is a file.

    Raises `ValueError` for a link that leads nowhere, as to a disk that is not mounted: to begin
    anew in its place would make another device of this one.
    """
    if not os.path.lexists(path):
        return False
    if not path.exists():
        raise ValueError("a link that leads nowhere")
    return True


def sync(folder: Path) -> None:
    """Have the names of the files in a folder outlast a power cut; raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
