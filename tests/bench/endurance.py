"""Memory and threads of a speech server after many texts and turns."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.tts import Synthesize

from tests.process_status import status_number

from .commands import COMMANDS
from .speech_server import answers, connected, speech_server
from .usage import Usage

TEXTS_PER_ROUND: Final = 50
TURNS_PER_ROUND: Final = 150
"""The default of 20 rounds makes 1,000 texts and 3,000 turns."""
_FIRST_TEXTS: Final = 150
"""By then a server that keeps the most it ever needed has nearly reached its peak."""
_POINTS: Final = 3
_RATE: Final = 16_000
_REST_SECONDS: Final = 3.0
_ORDINARY: Final = (
    "Done.",
    "The kitchen light is on.",
    "I have set a timer for 5 minutes.",
    "It is 21 degrees in the living room, and the window has been open for ten minutes.",
)
_ODD: Final = (
    "0171 2345678, " * 5,
    "the lamp in the hall and " * 12,
    "the lamp in the hall, " * 40,
    "7" * 300,
    "电" * 40,
    "." * 10_000,
    "Oh! " * 50,
    "$9,999,999.99 " * 4,
)


@dataclass(slots=True)
class Point:
    """The server's memory and threads at rest."""

    after: str
    rss_mb: float
    threads: int


@dataclass(slots=True)
class Endurance:
    """The measurements, in order."""

    points: list[Point] = field(default_factory=list)
    peak_mb: float = 0.0
    first_sound_seconds: list[float] = field(default_factory=list)
    """Of ordinary answers, one at a time."""
    real_time_factors: list[float] = field(default_factory=list)
    """Of the same answers: seconds of work for a second of sound."""


async def measure(folder: Path, rounds: int, say: Callable[[str], None]) -> Endurance:
    """Start a server with the smallest models, and measure it over texts, then turns."""
    measured = Endurance()
    rng = random.Random(1)  # noqa: S311 - the same texts in each run
    async with speech_server(folder) as (pid, port):

        async def note(after: str) -> None:
            await asyncio.sleep(_REST_SECONDS)
            point = Point(after, Usage.of(pid).rss_mb, status_number(pid, "Threads"))
            measured.points.append(point)
            say(f"After {after}: {point.rss_mb:.0f} MB, {point.threads} threads")

        await note("its start")
        for text in _ORDINARY * rounds:
            began = time.perf_counter()
            sound, first = await _speak(port, text)
            took = time.perf_counter() - began
            measured.first_sound_seconds.append(first - began)
            measured.real_time_factors.append(took / (len(sound) / 2 / _RATE))
        await note(f"{len(_ORDINARY) * rounds} ordinary answers")
        for number in range(1, rounds * TEXTS_PER_ROUND + 1):
            await _speak(port, rng.choice(_ORDINARY if rng.random() < 0.6 else _ODD))
            if number in (_FIRST_TEXTS, rounds * TEXTS_PER_ROUND):
                await note(f"{number} mixed texts")
        commands = [
            (await _speak(port, command.sentence))[0] + bytes(2 * _RATE) for command in COMMANDS
        ]
        for point in range(1, _POINTS + 1):
            for number in range(rounds * TURNS_PER_ROUND // _POINTS):
                await _recognise(port, commands[number % len(commands)])
                await _speak(port, _ORDINARY[number % len(_ORDINARY)])
            await note(f"{point * rounds * TURNS_PER_ROUND // _POINTS} turns")
        measured.peak_mb = status_number(pid, "VmHWM") * 1024 / 1e6
    return measured


async def _speak(port: int, text: str) -> tuple[bytes, float]:
    """Return the sound, and the time at which it began."""
    sound, first = bytearray(), 0.0
    async with connected(port) as connection:
        await connection.send(Synthesize(text=text, context={"rate": _RATE}))
        async for event in answers(connection, "audio-stop"):
            first = first or (time.perf_counter() if event.payload else 0.0)
            sound += event.payload or b""
    return bytes(sound), first


async def _recognise(port: int, sound: bytes) -> None:
    async with connected(port) as connection:
        await connection.send(Transcribe())
        await connection.send(AudioStart(_RATE, 2, 1))
        step = 2 * _RATE // 10
        for start in range(0, len(sound), step):
            await connection.send(AudioChunk(_RATE, 2, 1, sound[start : start + step]))
        await connection.send(AudioStop())
        async for _ in answers(connection, "transcript"):
            pass
