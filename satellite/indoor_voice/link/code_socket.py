"""The socket at which `indoor-voice pair` asks a device on this machine for a code."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from indoor_voice.errors import UserError
from indoor_voice.local_socket import connected, listening

_FILE: Final = "pair"
_ANSWER_SECONDS: Final = 10.0
_MAX_BYTES: Final = 4096


class CodeSocket:
    """Answers who connects with a code, while its `async with` block runs."""

    def __init__(self, state_dir: Path, make_code: Callable[[], str]) -> None:
        """Prepare to answer; `make_code` raises `UserError` when there is none to give."""
        self._state_dir = state_dir
        self._path = state_dir / _FILE
        self._make_code = make_code
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Begin to answer; raises `OSError`."""
        made, self._path = listening(self._state_dir, _FILE)
        self._server = await asyncio.start_unix_server(self._serve, sock=made)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.close()
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    async def _serve(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = {"code": self._make_code()}
        except UserError as err:
            answer = {"error": str(err)}
        writer.write(json.dumps(answer).encode("utf-8") + b"\n")
        writer.close()


def ask_for_code(state_dir: Path) -> str:
    """Have the device whose state is in a folder make a code that counts at once; return it.

    Raises `UserError`.
    """
    try:
        with (
            connected(state_dir, _FILE, _ANSWER_SECONDS) as connection,
            connection.makefile("rb") as answers,
        ):
            answer = json.loads(answers.readline(_MAX_BYTES))
    except (FileNotFoundError, ConnectionRefusedError) as err:
        raise UserError(
            f"Nothing that can be paired runs on this machine with the state in {state_dir}. "
            "Start it, or name its folder with --state-dir."
        ) from err
    except (OSError, ValueError) as err:
        raise UserError(
            f"What runs with the state in {state_dir} does not answer: {err}. Start it again, or "
            "run this as the user that it runs as."
        ) from err
    if "error" in answer:
        raise UserError(answer["error"])
    return str(answer["code"])
