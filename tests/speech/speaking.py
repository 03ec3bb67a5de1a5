"""A client that speaks to the server, and helpers for its audio."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable

from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection
from tests.waiting import events_until

RATE = 16_000
Audio: TypeAlias = NDArray[np.float32]
Say = Callable[..., Audio]
Serve = Callable[..., AbstractAsyncContextManager[int]]
Connect = Callable[..., AbstractAsyncContextManager["Client"]]


def silence(seconds: float) -> Audio:
    """Return the sound of a quiet room, as a microphone's samples are never all zero."""
    rng = np.random.default_rng(0)
    return rng.normal(0, 0.001, round(seconds * RATE)).astype(np.float32)


def trimmed(audio: Audio) -> Audio:
    loud = np.flatnonzero(np.abs(audio) > 0.01)
    return audio[loud[0] : loud[-1] + 1]


def pcm(audio: Audio) -> bytes:
    return (np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes()


class Client:
    """A client of the speech server."""

    def __init__(self, connection: Connection, writer: asyncio.StreamWriter) -> None:
        self.connection = connection
        self.writer = writer
        """Sends what is not an event."""

    async def send(self, *messages: Event | Eventable) -> None:
        for message in messages:
            await self.connection.send(message)

    async def receive(self, *types: str, seconds: float = 60) -> Event:
        """Return the next event of one of `types`, skipping others."""
        return (await self.receive_until(*types, seconds=seconds))[-1]

    async def receive_until(self, *types: str, seconds: float = 60) -> list[Event]:
        """Return all events up to and including the first of one of `types`."""
        return await events_until(self.connection, *types, seconds=seconds)

    async def begin_speaking(self, **request: Any) -> None:
        await self.send(Transcribe(**request), AudioStart(rate=RATE, width=2, channels=1))

    async def stream(self, audio: Audio, *, stop: bool = False) -> None:
        for piece in pieces(pcm(audio), 2048):
            await self.send(AudioChunk(rate=RATE, width=2, channels=1, audio=piece))
        if stop:
            await self.send(AudioStop())

    async def transcribe(self, audio: Audio, *, stop: bool = False, **request: Any) -> str:
        """Return the transcript; raises `AssertionError` on an error."""
        await self.begin_speaking(**request)
        await self.stream(audio, stop=stop)
        event = await self.receive("transcript", "error")
        assert event.type == "transcript", event.data
        text: str = event.data["text"]
        return text


def pieces(data: bytes, size: int) -> Iterable[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MAX_HEADER_BYTES)
    connection = Connection(reader, writer)
    try:
        yield Client(connection, writer)
    finally:
        await connection.close()
