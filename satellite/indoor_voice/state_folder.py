"""The folder that holds a device's state: checks whether it is writable, and writes its files."""

import os
from pathlib import Path

import platformdirs


def default_state_dir(device: str) -> Path:
    """Return the state folder of the satellite or speech server (`device`) on this machine.

    It is that of the service that the installer set up, unless the user runs one of their own.
    """
    own = platformdirs.user_state_path("indoor-voice") / device
    service = service_state_dir(device)
    # The service's folder is a link that only root can follow.
    if os.path.lexists(service) and (os.geteuid() == 0 or not own.exists()):
        return service
    return own


def service_state_dir(device: str) -> Path:
    """Return the state folder of the service, which systemd makes."""
    return Path(f"/var/lib/indoor-voice-{device}")


def fault(folder: Path) -> str | None:
    """Return why `folder` cannot be written to; None if it seems writable.

    Checks without writing, because it is called often and SD cards wear out.
    """
    try:
        if not folder.is_dir():
            return None  # created when something is first saved
        if not os.access(folder, os.W_OK | os.X_OK):
            read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
            return "the file system is read-only" if read_only else "it is not writable"
        space = os.statvfs(folder)
    except OSError as err:
        return err.strerror or str(err)
    # Only root can use the reserved blocks. Some file systems report no block counts at all.
    free = space.f_bfree if os.geteuid() == 0 else space.f_bavail
    return "the disk is full" if space.f_blocks and not free else None


def notice(folder: Path, why: str) -> str:
    """Return a message that state cannot be saved; `why` is the result of `fault`."""
    return (
        f"Cannot save anything in {folder}: {why}. Changes will be lost at the next start. "
        "Free some space, replace the card, or choose another folder with --state-dir."
    )


def write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Atomically replace a file, by default readable only by its owner; raises `OSError`.

    The new content survives a power cut once this returns; until then, either version may remain.
    """
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def is_kept(path: Path) -> bool:
    """Return whether the file exists.

    Raises `ValueError` for a dangling symlink, as to a disk that is not mounted. Creating a new
    file in its place would give the device a new identity.
    """
    if not os.path.lexists(path):
        return False
    if not path.exists():
        raise ValueError("it is a link to a missing file")
    return True


def sync(folder: Path) -> None:
    """Flush a folder's entries to disk, so that they survive a power cut; raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
