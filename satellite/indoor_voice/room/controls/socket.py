"""The control socket: how commands on this machine press the satellite's buttons.

Only who owns the satellite's files can connect: the socket has mode 0600. One connection has one
request, a word on a line.
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
"""For a request to arrive."""
_ANSWER_SECONDS: Final = 10.0
"""For its answer: a microphone that hangs takes 3 s to be lent."""
LEND_SECONDS: Final = 60.0
"""How long a command may have the microphone for itself."""

Facts = dict[str, Any]
"""What the satellite says of itself; its keys stand where it is made."""


class BusyError(Exception):
    """A turn goes on."""


class DeviceControls(Protocol):
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
        room: DeviceControls,
        *,
        facts: Callable[[], Facts],
        reset: Callable[[], None],
    ) -> None:
        """Prepare to answer for `room` with `facts`; `reset` is called when one is asked for."""
        self._state_dir = state_dir
        self._room = room
        self._facts = facts
        self._reset = reset
        self._serving = serving(state_dir, _FILE, self._serve)

    async def __aenter__(self) -> Self:
        """Begin to answer; raises `UserError`."""
        if await asyncio.to_thread(is_running, self._state_dir):
            raise UserError(
                f"Another satellite runs with the state in {self._state_dir}. Stop it, or give "
                "this one a folder of its own with --state-dir."
            )
        try:
            await self._serving.__aenter__()
        except OSError as err:
            raise UserError(
                f"Cannot listen for buttons in {self._state_dir}: {err.strerror or err}. "
                "Choose a folder with --state-dir."
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
                write_answer(writer, await self._do(request))
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
                write_answer(writer, self._facts())
                await reader.read()
        except BusyError:
            write_answer(writer, {"error": "The satellite is in the middle of a turn."})


class NotRunningError(Exception):
    """No satellite runs with the state in this folder."""


@contextmanager
def asking(state_dir: Path, request: str) -> Iterator[Facts]:
    """Send a request to a satellite on this machine; what it lends is lent during the block.

    Raises:
        NotRunningError: there is no satellite.
        UserError: it does not answer, or says why it cannot do that.
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
                f"The satellite with the state in {state_dir} does not answer: {err}. Start it "
                "again, or run this as the user that it runs as."
            ) from err
        yield facts


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
