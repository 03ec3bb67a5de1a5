"""Fixtures: real models, loaded once, and a real server on a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from indoor_voice.link.pairing.identity import DeviceKind, Identity
from indoor_voice.link.server.server import LinkServer
from indoor_voice.speech.models import find_model, find_voice
from indoor_voice.speech.recognition.smart_turn import SmartTurn
from indoor_voice.speech.recognition.whisper import Whisper
from indoor_voice.speech.server import CONNECTIONS, Models, SpeechServer
from indoor_voice.speech.synthesis.piper import Synthesiser
from tests.speech.speaking import (
    RATE,
    Audio,
    Client,
    Connect,
    Say,
    Serve,
    connected,
    silence,
    trimmed,
)


@pytest.fixture(scope="session")
def recogniser() -> Whisper:
    return Whisper(find_model("tiny.en", "en", Path("unused")))


@pytest.fixture(scope="session")
def synthesiser() -> Synthesiser:
    synthesiser = Synthesiser([find_voice("en_US-joe-medium", "en", Path("unused"))])
    # Without its random variation, the voice and so the tests are deterministic.
    config = synthesiser.choose(None).voice.config
    config.noise_scale = config.noise_w_scale = 0.0
    return synthesiser


@pytest.fixture(scope="session")
def say(synthesiser: Synthesiser) -> Say:
    """Return a function that speaks sentences with gaps, as a microphone would record them."""
    spoken: dict[str, Audio] = {}

    def speak(
        *sentences: str, gap_seconds: float = 0.0, before_seconds: float = 0.3, after_seconds: float
    ) -> Audio:
        parts = [silence(before_seconds)]
        for sentence in sentences:
            if sentence not in spoken:
                voice = synthesiser.choose(None)
                spoken_pieces = [
                    synthesiser.speak(piece, voice)
                    for piece in synthesiser.prepare(sentence, voice)
                ]
                audio = np.concatenate(spoken_pieces) * np.float32(0.3)
                spoken[sentence] = trimmed(soxr.resample(audio, voice.rate, RATE))
            if len(parts) > 1:
                parts.append(silence(gap_seconds))
            parts.append(spoken[sentence])
        return np.concatenate([*parts, silence(after_seconds)])

    return speak


@pytest.fixture(scope="session")
def smart_turn() -> SmartTurn:
    return SmartTurn()


@pytest.fixture
def serve(recogniser: Whisper, synthesiser: Synthesiser, smart_turn: SmartTurn) -> Serve:
    """Return a context manager that runs a server with custom parts or limits; yields its port."""

    @asynccontextmanager
    async def run(**parts: Any) -> AsyncIterator[int]:
        connections = parts.pop("connections", CONNECTIONS)
        server = SpeechServer(
            Models(
                parts.pop("recogniser", recogniser),
                parts.pop("synthesiser", synthesiser),
                parts.pop("smart_turn", smart_turn),
            ),
            Identity(id="0" * 32, kind=DeviceKind.SPEECH),
            **parts,
        )
        async with LinkServer(
            "127.0.0.1",
            0,
            server.handle,
            trust=None,
            places=connections,
            turn_away=server.turn_away,
        ) as link:
            yield link.port

    return run


@pytest.fixture
def connect() -> Connect:
    return connected


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[Client]:
    """Return a client of a server with default settings."""
    async with serve() as port, connected(port) as client:
        yield client
