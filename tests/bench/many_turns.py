"""Memory and threads of a satellite after many turns, which must not grow."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wyoming.event import Event

from demo.house import COMMAND
from demo.ports import free_port
from demo.processes import Program
from demo.sound import RATE, SoundServer
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection

from .usage import Usage

_FORMAT: Final = {"rate": RATE, "width": 2, "channels": 1}
_ANSWER_BYTES: Final = 320
_STUCK_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Point:
    """Memory and threads of a process after a number of turns."""

    turns: int
    rss_mb: float
    """In 10**6 bytes."""
    threads: int


async def measure(
    folder: Path, turns: int, every: int, progress: Callable[[Point], None] = lambda _: None
) -> list[Point]:
    """Take turns that end at once and have an answer of 10 ms; measure after each `every`.

    Raises `ProcessFailedError`, or `TimeoutError` if a turn does not end.
    """
    points = []
    server = SoundServer(folder / "sound")
    async with server.running():
        room, port = await server.room("cellar"), free_port()
        program = Program(
            "The satellite",
            (COMMAND, "satellite", "--host=127.0.0.1", f"--port={port}", "--insecure-wyoming",
             f"--state-dir={folder / 'state'}"),
            log=folder / "satellite.log",
            env=room.env,
        )  # fmt: skip
        async with program:
            await program.wait_for_output("Listening", 30)
            streams = await asyncio.open_connection("127.0.0.1", port, limit=MAX_HEADER_BYTES)
            connection = Connection(*streams)
            await connection.send(Event("run-satellite"))
            for number in range(turns + 1):
                if number % every == 0:
                    points.append(measure_process(program.pid, number))
                    progress(points[-1])
                await _take_turn(connection)
            await connection.close()
    return points


async def _take_turn(connection: Connection) -> None:
    await connection.send(Event("run-pipeline"))
    turn = {"turn": (await _next(connection, "run-pipeline")).data["turn"]}
    await connection.send(Event("voice-stopped", turn))
    await _next(connection, "audio-stop")
    await connection.send(Event("audio-start", _FORMAT | turn))
    await connection.send(Event("audio-chunk", _FORMAT | turn, bytes(_ANSWER_BYTES)))
    await connection.send(Event("audio-stop", turn))
    await _next(connection, "played")


async def _next(connection: Connection, event_type: str) -> Event:
    async with asyncio.timeout(_STUCK_SECONDS):
        while (event := await connection.receive()).type != event_type:
            pass
    return event


def measure_process(pid: int, turns: int) -> Point:
    """Measure a process."""
    threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    return Point(turns, Usage.of(pid).rss_mb, threads)
