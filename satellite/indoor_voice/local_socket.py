"""Sockets in the folder of a device's state, by which commands on this machine reach it.

An answer is one line of JSON: an object, with `error` where what was asked for cannot be done.

Only who owns the folder's files can connect: a socket has mode 0600. Where the folder takes no
socket, as on a card that has become read-only, it is in a folder of the same user's for what need
not outlast a restart.
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
    """Serve each connection to the socket `name` during the block; raises `OSError`.

    A socket of that name that an earlier process left behind is replaced.
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
    """Connect to what listens, and wait at most so long for each answer.

    Raises:
        FileNotFoundError, ConnectionRefusedError: nothing listens.
        OSError: it cannot be connected to.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        try:
            _connect(connection, state_dir / name)
        except (FileNotFoundError, ConnectionRefusedError):
            _connect(connection, _volatile(state_dir) / name)
        yield connection


def write_answer(writer: asyncio.StreamWriter, answer: Mapping[str, object]) -> None:
    """Answer a connection."""
    writer.write(json.dumps(answer).encode() + b"\n")


def read_answer(connection: socket.socket, max_bytes: int) -> dict[str, Any]:
    """Wait for the answer, which has at most so many bytes.

    Raises:
        UserError: the answer is an error.
        OSError, ValueError: there is none, or none that can be read.
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
            return _listen_at(_volatile(state_dir) / name)
        except OSError:
            raise err from None


def _listen_at(path: Path) -> tuple[socket.socket, Path]:
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
    return made, path


def _connect(connection: socket.socket, path: Path) -> None:
    with _short(path.parent) as folder:
        connection.connect(f"{folder}/{path.name}")


def _volatile(state_dir: Path) -> Path:
    """Return a folder that only this user can use; raises `OSError`, also if it is another's."""
    user = os.geteuid()
    system = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(system) / f"indoor-voice-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != user or seen.st_mode & 0o077:
        raise PermissionError(f"{folder} is not this user's alone")
    # As many devices as there are folders with a state.
    mine = folder / hashlib.sha256(os.fsencode(state_dir.resolve())).hexdigest()[:16]
    mine.mkdir(mode=0o700, exist_ok=True)
    return mine


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    """Give a folder a name that fits a socket's address, which is 108 bytes long."""
    number = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{number}"
    finally:
        os.close(number)
