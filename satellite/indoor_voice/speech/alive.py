"""The Unix socket on which `indoor-voice health` asks the speech server for a sign of life."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.local_socket import connected, read_answer, serving, write_answer

_LOGGER = logging.getLogger(__name__)

_FILE: Final = "alive"
_ANSWER_SECONDS: Final = 10.0
_MAX_BYTES: Final = 4096


@asynccontextmanager
async def answering_health_checks(state_dir: Path) -> AsyncIterator[None]:
    """Answer each connection during the block; without a socket, health checks fail."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        write_answer(writer, {})
        writer.close()

    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(serving(state_dir, _FILE, serve))
        except OSError as err:
            _LOGGER.warning("The command `indoor-voice health` will not work: %s", err)
        yield


def check_alive(state_dir: Path) -> None:
    """Raise `UserError` unless the speech server that uses `state_dir` answers."""
    try:
        with connected(state_dir, _FILE, _ANSWER_SECONDS) as connection:
            read_answer(connection, _MAX_BYTES)
    except (OSError, ValueError) as err:
        raise UserError(
            f"The speech server with its state in {state_dir} does not answer: {err}."
        ) from err
