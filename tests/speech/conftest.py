"""Real models, loaded once; a real server on a real socket; and somebody who speaks to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable

from indoor_voice.link.identity import Identity, Kind
from indoor_voice.link.server import LinkServer
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection
from indoor_voice.speech.models import find_model, find_voice
from indoor_voice.speech.recogniser import Recogniser
from indoor_voice.speech.server import SpeechServer
from indoor_voice.speech.synthesiser import Synthesiser

RATE = 16_000
Audio: TypeAlias = NDArray[np.float32]
Say = Callable[..., Audio]


@pytest.fixture(scope="session")
def recogniser() -> Recogniser:
    return Recogniser(find_model("tiny.en", "en", Path("unused")))


@pytest.fixture(scope="session")
def synthesiser() -> Synthesiser:
    return Synthesiser([find_voice("en_US-joe-medium", "en", Path("unused"))])


@pytest.fixture(scope="session")
def say(synthesiser: Synthesiser) -> Say:
    """Speak some sentences with the given gaps between them, as heard by a microphone."""
    spoken: dict[str, Audio] = {}

    def speak(
        *sentences: str, gap_seconds: float = 0.0, before_seconds: float = 0.3, after_seconds: float
    ) -> Audio:
        parts = [silence(before_seconds)]
        for sentence in sentences:
            if sentence not in spoken:
                voice = synthesiser.choose(None)
                audio = synthesiser.speak(sentence, voice) * np.float32(0.3)
                spoken[sentence] = trimmed(soxr.resample(audio, voice.rate, RATE))
            if len(parts) > 1:
                parts.append(silence(gap_seconds))
            parts.append(spoken[sentence])
        return np.concatenate([*parts, silence(after_seconds)])

    return speak


def silence(seconds: float) -> Audio:
    """Return a quiet room: a microphone is never at zero."""
    rng = np.random.default_rng(0)
    return rng.normal(0, 0.001, round(seconds * RATE)).astype(np.float32)


def trimmed(audio: Audio) -> Audio:
    loud = np.flatnonzero(np.abs(audio) > 0.01)
    return audio[loud[0] : loud[-1] + 1]


def pcm(audio: Audio) -> bytes:
    return (np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes()


class Client:
    """A client at the other end of a socket."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def send(self, *messages: Event | Eventable) -> None:
        for message in messages:
            await self.connection.send(message)

    async def receive(self, *types: str, seconds: float = 20) -> Event:
        """Return the next event of one of `types`, passing over others."""
        async with asyncio.timeout(seconds):
            while True:
                event = await self.connection.receive()
                if event.type in types:
                    return event

    async def receive_until(self, *types: str, seconds: float = 60) -> list[Event]:
        """Return all events up to the first of one of `types`."""
        events: list[Event] = []
        async with asyncio.timeout(seconds):
            while not events or events[-1].type not in types:
                events.append(await self.connection.receive())
        return events

    async def begin_speaking(self, **request: Any) -> None:
        await self.send(Transcribe(**request), AudioStart(rate=RATE, width=2, channels=1))

    async def stream(self, audio: Audio, *, stop: bool = False) -> None:
        for piece in pieces(pcm(audio), 2048):
            await self.send(AudioChunk(rate=RATE, width=2, channels=1, audio=piece))
        if stop:
            await self.send(AudioStop())

    async def transcribe(self, audio: Audio, *, stop: bool = False, **request: Any) -> str:
        """Return the text; raises `AssertionError` on an error."""
        await self.begin_speaking(**request)
        await self.stream(audio, stop=stop)
        event = await self.receive("transcript", "error")
        assert event.type == "transcript", event.data
        text: str = event.data["text"]
        return text


def pieces(data: bytes, size: int) -> Iterable[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


Serve = Callable[..., AbstractAsyncContextManager[int]]
Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def serve(recogniser: Recogniser, synthesiser: Synthesiser) -> Serve:
    """Serve with other parts or bounds than usual; gives the port."""

    @asynccontextmanager
    async def run(**parts: Any) -> AsyncIterator[int]:
        server = SpeechServer(
            parts.pop("recogniser", recogniser),
            parts.pop("synthesiser", synthesiser),
            Identity(id="0" * 32, kind=Kind.SPEECH),
            **parts,
        )
        async with LinkServer("127.0.0.1", 0, server.handle) as link:
            yield link.port

    return run


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MAX_HEADER_BYTES)
    connection = Connection(reader, writer)
    try:
        yield Client(connection)
    finally:
        await connection.close()


@pytest.fixture
def connect() -> Connect:
    return connected


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[Client]:
    """A client of an ordinary server."""
    async with serve() as port, connected(port) as client:
        yield client
