"""Uses the engines of a speech server."""

import io
import wave
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components import stt, tts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import (
        MockConfigEntry,
    )

    from .peers import FakeSpeech

STT = "stt.speech_server_tiny_en_speech_to_text"


TTS = "tts.speech_server_tiny_en_text_to_speech"


SECRET = "the elephant is in the cellar"  # noqa: S105 - a sentence that must not be logged


@pytest.fixture
async def engines(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> HomeAssistant:
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    await hass.async_block_till_done()
    return hass


async def recognise(hass: HomeAssistant, chunks: int = 3) -> stt.SpeechResult:
    async def sound() -> AsyncGenerator[bytes]:
        for _ in range(chunks):
            yield bytes(3200)

    engine = stt.async_get_speech_to_text_entity(hass, STT)
    assert engine is not None
    return await engine.async_process_audio_stream(
        stt.SpeechMetadata(
            language="en",
            format=stt.AudioFormats.WAV,
            codec=stt.AudioCodecs.PCM,
            bit_rate=stt.AudioBitRates.BITRATE_16,
            sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
            channel=stt.AudioChannels.CHANNEL_MONO,
        ),
        sound(),
    )


async def speak(hass: HomeAssistant, text: str = SECRET, **options: Any) -> bytes:
    stream = tts.async_create_stream(hass, TTS, language="en", options=options)
    stream.async_set_message(text)
    return b"".join([part async for part in stream.async_stream_result()])


def wav_of(data: bytes) -> tuple[int, int, int, bytes]:
    with wave.open(io.BytesIO(data)) as wav:
        sound = wav.readframes(10_000_000)
        return wav.getframerate(), wav.getsampwidth(), wav.getnchannels(), sound
