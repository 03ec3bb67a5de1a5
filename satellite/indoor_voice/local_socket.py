"""Unix sockets in a device's state folder, which connect commands on this machine to the device.

An answer is one line of JSON: an object, which has the key `error` if the request failed.

Sockets have mode 0600, so only the user who owns the state folder can connect. If a socket cannot
be created there, as on a read-only card, it is created in the user's runtime folder.
"""

import asyncio
import hashlib
import json
import os
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from .errors import UserError

_MAX_LINE_BYTES: Final = 4096


@asynccontextmanager
async def serving(
    state_dir: Path,
    name: str,
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[None]:
    """Serve connections to the socket `name` during the block; raises `OSError`.

    Replaces a socket of that name left behind by an earlier process.
    """
    listener, path = _listen(state_dir, name)
    server = await asyncio.start_unix_server(serve, sock=listener, limit=_MAX_LINE_BYTES)
    try:
        yield
    finally:
        server.close()
        with suppress(OSError):
            path.unlink(missing_ok=True)


@contextmanager
def connected(state_dir: Path, name: str, seconds: float) -> Iterator[socket.socket]:
    """Connect to the socket `name`, with a timeout of `seconds` for each answer.

    Raises:
        FileNotFoundError, ConnectionRefusedError: nothing listens on it.
        OSError: the connection failed.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        try:
            _connect(connection, state_dir / name)
        except (FileNotFoundError, ConnectionRefusedError):
            _connect(connection, _runtime_folder(state_dir) / name)
        yield connection


def write_answer(writer: asyncio.StreamWriter, answer: Mapping[str, object]) -> None:
    """Write an answer to a connection."""
    writer.write(json.dumps(answer).encode() + b"\n")


def read_answer(connection: socket.socket, max_bytes: int) -> dict[str, Any]:
    """Wait for an answer of at most `max_bytes` and return it.

    Raises:
        UserError: the answer is an error.
        OSError, ValueError: no valid answer arrived.
    """
    with connection.makefile("rb") as lines:
        answer: dict[str, Any] = json.loads(lines.readline(max_bytes))
    if "error" in answer:
        raise UserError(answer["error"])
    return answer


def _listen(state_dir: Path, name: str) -> tuple[socket.socket, Path]:
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _listen_at(state_dir / name)
    except OSError as err:
        try:
            return _listen_at(_runtime_folder(state_dir) / name)
        except OSError:
            raise err from None


def _listen_at(path: Path) -> tuple[socket.socket, Path]:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        # Restrict access before binding, so that other users can never connect.
        os.fchmod(listener.fileno(), 0o600)
        with _short_path(path.parent) as folder:
            listener.bind(f"{folder}/{path.name}")
    except OSError:
        listener.close()
        raise
    return listener, path


def _connect(connection: socket.socket, path: Path) -> None:
    with _short_path(path.parent) as folder:
        connection.connect(f"{folder}/{path.name}")


def _runtime_folder(state_dir: Path) -> Path:
    """Return this device's folder for runtime files; raises `OSError` if others could use it."""
    user = os.geteuid()
    parent = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(parent) / f"indoor-voice-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != user or status.st_mode & 0o077:
        raise PermissionError(f"{folder} can be used by other users")
    # One folder per state folder, because each belongs to a different device.
    own = folder / hashlib.sha256(os.fsencode(state_dir.resolve())).hexdigest()[:16]
    own.mkdir(mode=0o700, exist_ok=True)
    return own


@contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """Provide a path to the folder that fits into the 108 bytes of a socket address."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
