"""The control socket: how commands on this machine press the satellite's buttons.

Only who owns the satellite's files can connect: the socket has mode 0600. One connection has one
request, a word on a line; the answer is one line of JSON, an object with `error` if it failed.
Where the folder of the state takes no socket, as on a card that has become read-only, it is in a
folder of the same user's for what need not outlast a restart.
"""

import asyncio
import hashlib
import json
import os
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from indoor_voice.errors import UserError

_FILE: Final = "control"
_MAX_LINE_BYTES: Final = 64 * 1024
_REQUEST_SECONDS: Final = 5.0
"""For a request to arrive."""
_ANSWER_SECONDS: Final = 10.0
"""For its answer: a microphone that hangs takes 3 s to be lent."""
LEND_SECONDS: Final = 60.0
"""How long a command may have the microphone for itself."""

Facts = dict[str, Any]
"""What the satellite says of itself; its keys stand where it is made."""


class BusyError(Exception):
    """A turn goes on."""


class Room(Protocol):
    """What has the buttons."""

    def press(self) -> None:
        """Take in a press of the button."""
        ...

    async def mute_on_device(self, muted: bool) -> None:  # noqa: FBT001 - what its users have in hand
        """Close the microphone, or open it; raises `UserError`."""
        ...

    def microphone_lent(self) -> Any:  # noqa: ANN401 - an asynchronous context manager of nothing
        """Leave the microphone to somebody else during a block; raises `BusyError`."""
        ...


class ControlSocket:
    """Answers commands on this machine while its `async with` block runs."""

    def __init__(
        self,
        state_dir: Path,
        room: Room,
        *,
        facts: Callable[[], Facts],
        reset: Callable[[], None],
    ) -> None:
        """Prepare to answer for `room` with `facts`; `reset` is called when one is asked for."""
        self._state_dir = state_dir
        self._path = state_dir / _FILE
        self._room = room
        self._facts = facts
        self._reset = reset
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Begin to answer; raises `UserError`."""
        if await asyncio.to_thread(is_running, self._state_dir):
            raise UserError(
                f"Another satellite runs with the state in {self._state_dir}. Stop it, or give "
                "this one a folder of its own with --state-dir."
            )
        self._server = await asyncio.start_unix_server(
            self._serve, sock=self._listening(), limit=_MAX_LINE_BYTES
        )
        return self

    def _listening(self) -> socket.socket:
        try:
            return _listening(self._path)
        except OSError as err:
            try:
                self._path = _volatile(self._state_dir) / _FILE
                return _listening(self._path)
            except OSError:
                raise UserError(
                    f"Cannot listen for buttons in {self._state_dir}: {err.strerror or err}. "
                    "Choose a folder with --state-dir."
                ) from err

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                request = (await reader.readline()).decode(errors="replace").strip()
            if request == "lend":
                await self._lend(reader, writer)
            else:
                _answer(writer, await self._do(request))
        except (OSError, ValueError):
            pass  # who asked is gone, or never asked
        finally:
            writer.close()

    async def _do(self, request: str) -> Facts:
        try:
            match request:
                case "press":
                    self._room.press()
                case "mute" | "unmute":
                    await self._room.mute_on_device(request == "mute")
                case "status":
                    pass
                case "reset":
                    self._reset()
                case _:
                    return {"error": "There is no such button."}
        except UserError as err:
            return {"error": str(err)}
        return self._facts()

    async def _lend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Leave the microphone to who asks, until the connection is closed."""
        try:
            async with self._room.microphone_lent(), asyncio.timeout(LEND_SECONDS):
                _answer(writer, self._facts())
                await reader.read()
        except BusyError:
            _answer(writer, {"error": "The satellite is in the middle of a turn."})


class NotRunningError(Exception):
    """No satellite runs with the state in this folder."""


@contextmanager
def asking(state_dir: Path, request: str) -> Iterator[Facts]:
    """Send a request to a satellite on this machine; what it lends is lent during the block.

    Raises:
        NotRunningError: there is no satellite.
        UserError: it does not answer, or says why it cannot do that.
    """
    try:
        with _connected(state_dir) as connection:
            try:
                connection.sendall(f"{request}\n".encode())
                with connection.makefile("rb") as answers:
                    facts = json.loads(answers.readline(_MAX_LINE_BYTES))
            except (OSError, ValueError) as err:
                raise _silent(state_dir, err) from err
            if "error" in facts:
                raise UserError(facts["error"])
            yield facts
    except (FileNotFoundError, ConnectionRefusedError) as err:
        raise NotRunningError from err


def ask(state_dir: Path, request: str) -> Facts:
    """Send a request to a satellite on this machine, and raise what `asking` does."""
    with asking(state_dir, request) as facts:
        return facts


def is_running(state_dir: Path) -> bool:
    """Tell whether a satellite runs with the state in `state_dir`."""
    try:
        ask(state_dir, "status")
    except NotRunningError:
        return False
    except UserError:
        pass
    return True


def _connected(state_dir: Path) -> socket.socket:
    """Connect to a satellite.

    Raises:
        FileNotFoundError, ConnectionRefusedError: there is none.
        UserError: it cannot be connected to.
    """
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_ANSWER_SECONDS)
        try:
            _connect(connection, state_dir)
        except (FileNotFoundError, ConnectionRefusedError):
            _connect(connection, _volatile(state_dir))
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        raise
    except OSError as err:
        connection.close()
        raise _silent(state_dir, err) from err
    return connection


def _connect(connection: socket.socket, folder: Path) -> None:
    with _short(folder) as short:
        connection.connect(f"{short}/{_FILE}")


def _silent(state_dir: Path, err: Exception) -> UserError:
    return UserError(
        f"The satellite with the state in {state_dir} does not answer: {err}. Start it "
        "again, or run this as the user that it runs as."
    )


def _volatile(state_dir: Path) -> Path:
    """Return a folder that only this user can use; raises `OSError`, also if it is another's."""
    user = os.geteuid()
    system = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(system) / f"indoor-voice-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != user or seen.st_mode & 0o077:
        raise PermissionError(f"{folder} is not this user's alone")
    # As many satellites as there are folders with a state.
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


def _listening(path: Path) -> socket.socket:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    try:
        # Before it has a name, so that at no time anybody else can connect.
        os.fchmod(listening.fileno(), 0o600)
        with _short(path.parent) as folder:
            listening.bind(f"{folder}/{_FILE}")
    except OSError:
        listening.close()
        raise
    return listening


def _answer(writer: asyncio.StreamWriter, facts: Facts) -> None:
    writer.write(json.dumps(facts).encode() + b"\n")
