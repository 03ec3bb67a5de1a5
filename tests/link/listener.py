"""A process that listens like a satellite, so that a test can watch its memory."""

import asyncio
import sys
from pathlib import Path

from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.server.server import LinkServer
from indoor_voice.link.wire import Connection


async def main(state_dir: Path) -> None:
    async def handle(connection: Connection) -> None:
        while True:
            event = await connection.receive()
            await connection.send(event)

    async with LinkServer(
        "127.0.0.1", 0, handle, trust=Trust.load(state_dir), code="492173"
    ) as server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


asyncio.run(main(Path(sys.argv[1])))
