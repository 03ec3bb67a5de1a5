"""The Unix socket on which `indoor-voice pair` asks a device on this machine for a code."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.local_socket import connected, read_answer, serving, write_answer

_FILE: Final = "pair"
_ANSWER_SECONDS: Final = 10.0
_MAX_BYTES: Final = 4096


@asynccontextmanager
async def giving_codes(state_dir: Path, make_code: Callable[[], str]) -> AsyncIterator[None]:
    """Answer each connection with a code from `make_code` during the block; raises `OSError`.

    When `make_code` raises `UserError`, the command shows its message.
    """

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = {"code": make_code()}
        except UserError as err:
            answer = {"error": str(err)}
        write_answer(writer, answer)
        writer.close()

    async with serving(state_dir, _FILE, serve):
        yield


def ask_for_code(state_dir: Path) -> str:
    """Make the device that uses `state_dir` open a pairing window, and return its code.

    Raises `UserError`.
    """
    try:
        with connected(state_dir, _FILE, _ANSWER_SECONDS) as connection:
            return str(read_answer(connection, _MAX_BYTES)["code"])
    except (FileNotFoundError, ConnectionRefusedError) as err:
        raise UserError(
            f"No satellite or speech server runs on this machine with its state in {state_dir}. "
            "Start it, or specify its folder with --state-dir."
        ) from err
    except (OSError, ValueError) as err:
        raise UserError(
            f"The satellite or speech server with its state in {state_dir} doesn't answer: {err}. "
            "Restart it, or run this command as the same user."
        ) from err
