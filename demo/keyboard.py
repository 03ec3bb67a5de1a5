"""Reads what is typed, without a thread that a stopped program would have to wait for."""

import asyncio
import os


async def typed_line(terminal: int) -> str:
    """Wait for a line from a terminal's file descriptor; empty at its end (Ctrl-D)."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[bytes] = loop.create_future()

    def read() -> None:
        # A terminal hands over a whole line at a time.
        if not line.done():
            line.set_result(os.read(terminal, 4096))

    loop.add_reader(terminal, read)
    try:
        return (await line).decode(errors="replace").strip()
    finally:
        loop.remove_reader(terminal)
