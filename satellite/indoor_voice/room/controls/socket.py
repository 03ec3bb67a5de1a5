"""The control socket, through which commands on this machine press the satellite's buttons.

It has mode 0600, so only the user who owns the satellite's files can connect. Each connection makes
one request: a line with a single word.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from indoor_voice.errors import UserError
from indoor_voice.local_socket import connected, read_answer, serving, write_answer

_FILE: Final = "control"
_MAX_LINE_BYTES: Final = 64 * 1024
_REQUEST_SECONDS: Final = 5.0
"""Timeout for a request to arrive."""
_ANSWER_SECONDS: Final = 10.0
"""Timeout for its answer: lending a microphone that hangs takes 3 s."""
LEND_SECONDS: Final = 60.0
"""How long a command may borrow the microphone."""

Facts = dict[str, Any]
"""The satellite's status; `daemon.py` defines its keys."""


class BusyError(Exception):
    """The microphone cannot be lent, because it is in use."""


class DeviceControls(Protocol):
    """The room as seen by its buttons."""

    def press(self) -> None:
        """Handle a press of the button."""
        ...

    async def mute_on_device(self, muted: bool) -> None:  # noqa: FBT001 - the state of a switch
        """Mute or unmute at the device; raises `UserError`."""
        ...

    def microphone_lent(self) -> Any:  # noqa: ANN401 - an asynchronous context manager
        """Release the microphone to another process during the block; raises `BusyError`."""
        ...


class ControlSocket:
    """Answers commands on this machine, during an `async with` block."""

    def __init__(
        self,
        state_dir: Path,
        room: DeviceControls,
        *,
        facts: Callable[[], Facts],
        reset: Callable[[], None],
    ) -> None:
        """Prepare to answer for `room` with `facts`; the request `reset` calls `reset`."""
        self._state_dir = state_dir
        self._room = room
        self._facts = facts
        self._reset = reset
        self._serving = serving(state_dir, _FILE, self._serve)

    async def __aenter__(self) -> Self:
        """Start answering; raises `UserError`."""
        if await asyncio.to_thread(is_running, self._state_dir):
            raise UserError(
                f"Another satellite is running with the state folder {self._state_dir}. Stop it, "
                "or choose another folder for this one with --state-dir."
            )
        try:
            await self._serving.__aenter__()
        except OSError as err:
            raise UserError(
                f"Cannot create a socket in {self._state_dir}: {err.strerror or err}. "
                "Choose another folder with --state-dir."
            ) from err
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop answering."""
        await self._serving.__aexit__(exc_type, exc, traceback)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                request = (await reader.readline()).decode(errors="replace").strip()
            if request == "lend":
                await self._lend(reader, writer)
            else:
                write_answer(writer, await self._handle(request))
        except (OSError, ValueError):
            pass  # the client disconnected, or sent no request
        finally:
            writer.close()

    async def _handle(self, request: str) -> Facts:
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
        """Lend the microphone to the client until it disconnects."""
        try:
            async with self._room.microphone_lent(), asyncio.timeout(LEND_SECONDS):
                write_answer(writer, self._facts())
                await reader.read()
        except BusyError:
            write_answer(writer, {"error": "The satellite is in the middle of a turn."})


class NotRunningError(Exception):
    """No satellite is running with this state folder."""


@contextmanager
def held_request(state_dir: Path, request: str) -> Iterator[Facts]:
    """Send a request to a satellite on this machine, and stay connected during the block.

    Raises:
        NotRunningError: the satellite is not running.
        UserError: it does not answer, or it answers with an error.
    """
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(connected(state_dir, _FILE, _ANSWER_SECONDS))
            connection.sendall(f"{request}\n".encode())
            facts = read_answer(connection, _MAX_LINE_BYTES)
        except (FileNotFoundError, ConnectionRefusedError) as err:
            raise NotRunningError from err
        except (OSError, ValueError) as err:
            raise UserError(
                f"The satellite with the state folder {state_dir} does not answer: {err}. Restart "
                "it, or run this command as the same user."
            ) from err
        yield facts


def ask(state_dir: Path, request: str) -> Facts:
    """Send a request to a satellite on this machine; raises the same as `held_request`."""
    with held_request(state_dir, request) as facts:
        return facts


def is_running(state_dir: Path) -> bool:
    """Return whether a satellite is running with this state folder."""
    try:
        ask(state_dir, "status")
    except NotRunningError:
        return False
    except UserError:
        pass
    return True
