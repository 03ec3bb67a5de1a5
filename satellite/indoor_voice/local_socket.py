"""Sockets in a folder of ours, by which commands on this machine reach what runs here.

Only who owns the folder's files can connect: a socket has mode 0600.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def listening(path: Path) -> socket.socket:
    """Return a socket that listens at `path`, in place of an old one; raises `OSError`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX)
    try:
        # Before it has a name, so that at no time anybody else can connect.
        os.fchmod(made.fileno(), 0o600)
        with _short(path.parent) as folder:
            made.bind(f"{folder}/{path.name}")
    except OSError:
        made.close()
        raise
    return made


@contextmanager
def connected(path: Path, seconds: float) -> Iterator[socket.socket]:
    """Connect to what listens at `path`, and wait at most so long for each answer.

    Raises `OSError`.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        with _short(path.parent) as folder:
            connection.connect(f"{folder}/{path.name}")
        yield connection


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    """Give a folder a name that fits a socket's address, which is 108 bytes long."""
    number = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{number}"
    finally:
        os.close(number)
