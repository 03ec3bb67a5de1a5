"""A speech server's engines, as other parts of Home Assistant use them."""

from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from homeassistant.components import stt
from homeassistant.components.tts.helper import get_engine_instance
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from wyoming.audio import AudioStart, AudioStop
from wyoming.event import Event, async_write_event

from custom_components.indoor_voice.link import synthesis

from .entries import data_of
from .peers import FakeSpeech, Peer, speech_info
from .speech_engines import SECRET, STT, TTS, engines, recognise, speak, wav_of
from .waiting import shows

if TYPE_CHECKING:
    import asyncio

    from homeassistant.core import HomeAssistant

__all__ = ["engines"]


async def test_recognition_for_any_satellite(engines: HomeAssistant, speech: FakeSpeech) -> None:
    result = await recognise(engines)
    assert result == stt.SpeechResult(speech.transcript, stt.SpeechResultState.SUCCESS)
    assert speech.of_type("transcribe")[0].data == {"language": "en"}
    engine = stt.async_get_speech_to_text_entity(engines, STT)
    assert engine is not None
    assert engine.supported_languages == ["en"]
    assert engine.audio_processing.requires_external_vad is False


async def test_a_transcript_counts_even_when_the_server_hangs_up_at_once(
    engines: HomeAssistant, speech: FakeSpeech
) -> None:
    speech.ends_early_after_bytes = 1

    async def answer_and_close(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(Event(type="transcript", data={"text": "yes"}), writer)
        writer.close()

    speech.recognise = answer_and_close
    assert (await recognise(engines, 2)).text == "yes"


@pytest.mark.parametrize(
    "answer",
    [
        Event(type="error", data={"code": "busy", "text": SECRET}),
        Event(type="error", data={"code": 5}),
        Event(type="transcript", data={"text": 5}),
        Event(type="transcript"),
        None,
    ],
)
async def test_a_failed_recognition_says_nothing_of_what_was_said(
    engines: HomeAssistant,
    speech: FakeSpeech,
    caplog: pytest.LogCaptureFixture,
    answer: Event | None,
) -> None:
    async def script(peer: Peer, writer: asyncio.StreamWriter) -> None:
        if answer is None:
            writer.transport.abort()
        else:
            await async_write_event(answer, writer)

    speech.recognise = script
    result = await recognise(engines)
    assert result == stt.SpeechResult(None, stt.SpeechResultState.ERROR)
    assert SECRET not in caplog.text


async def test_speech_streams_and_takes_the_rate_that_is_wanted(
    engines: HomeAssistant, speech: FakeSpeech
) -> None:
    data = await speak(
        engines,
        preferred_format="wav",
        preferred_sample_rate=16000,
        preferred_sample_channels=1,
        preferred_sample_bytes=2,
        voice="lessac",
        speaker="2",
    )
    assert wav_of(data) == (16000, 2, 1, b"\x01\x02" * 3200)
    start = speech.of_type("synthesize-start")[0].data
    assert start == {"voice": {"name": "lessac", "speaker": "2"}, "context": {"rate": 16000}}
    assert [e.data["text"] for e in speech.of_type("synthesize-chunk")] == [SECRET]


@pytest.mark.parametrize(("container", "magic"), [("mp3", b"\xff"), ("flac", b"fLaC")])
async def test_other_containers_are_converted(
    engines: HomeAssistant, speech: FakeSpeech, container: str, magic: bytes
) -> None:
    data = await speak(engines, preferred_format=container, preferred_sample_rate=44100)
    assert data.startswith((magic, b"ID3"))


async def test_stereo_is_made_by_home_assistant(engines: HomeAssistant, speech: FakeSpeech) -> None:
    data = await speak(engines, preferred_format="wav", preferred_sample_channels=2)
    assert wav_of(data)[:3] == (22050, 2, 2)


async def test_a_server_without_streaming_gets_the_whole_text(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    speech.info = speech_info(streaming=False)
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    data = await speak(hass, preferred_format="wav")
    assert wav_of(data) == (22050, 2, 1, b"\x01\x02" * 4410)
    assert speech.of_type("synthesize")[0].data["voice"] == {"name": "joe"}


async def test_others_servers_leave_the_rate_to_home_assistant(
    hass: HomeAssistant, plain_speech: FakeSpeech
) -> None:
    speech = plain_speech
    entry = MockConfigEntry(
        domain="indoor_voice", title="Speech server (tiny.en)", data=data_of(speech)
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    data = await speak(hass, preferred_format="wav", preferred_sample_rate=8000)
    assert wav_of(data)[:3] == (8000, 2, 1)
    assert "context" not in speech.of_type("synthesize-start")[0].data


@pytest.mark.parametrize(
    "answers",
    [
        [Event(type="error", data={"code": "text-too-long", "text": SECRET})],
        [Event(type="error")],
        [Event(type="audio-start", data={"rate": "x", "width": 2, "channels": 1})],
        [Event(type="synthesize-stopped")],
        [Event(type="audio-start", data={"rate": 16000, "width": 2, "channels": 1}), None],
        [],
    ],
)
async def test_a_failed_synthesis_is_an_error_that_does_not_repeat_the_text(
    engines: HomeAssistant, speech: FakeSpeech, answers: list[Event | None]
) -> None:
    async def script(peer: Peer, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            if answer is None:
                writer.transport.abort()
            else:
                await async_write_event(answer, writer)

    speech.synthesise = script
    with (
        patch.object(synthesis, "SILENCE_SECONDS", 0.2),
        pytest.raises(HomeAssistantError) as failure,
    ):
        await speak(engines, preferred_format="wav")
    assert SECRET not in str(failure.value)


async def test_silence_is_sound_too(engines: HomeAssistant, speech: FakeSpeech) -> None:
    async def nothing(peer: Peer, writer: asyncio.StreamWriter) -> None:
        for message in (AudioStart(16000, 2, 1), AudioStop()):
            await async_write_event(message.event(), writer)
        await async_write_event(Event(type="synthesize-stopped"), writer)

    speech.synthesise = nothing
    assert wav_of(await speak(engines, "…", preferred_format="wav"))[3] == b""


async def test_voices_follow_the_server(engines: HomeAssistant, speech: FakeSpeech) -> None:
    engine = get_engine_instance(engines, TTS)
    assert engine is not None
    assert [v.voice_id for v in engine.async_get_supported_voices("en") or []] == ["joe", "lessac"]
    assert engine.default_language == "en"
    speech.info = speech_info("de")
    async_fire_time_changed(engines, dt_util.utcnow() + timedelta(seconds=31))
    await engines.async_block_till_done(wait_background_tasks=True)
    assert engine.supported_languages == ["de"]
    assert engine.async_get_supported_voices("en") is None


async def speech_is(hass: HomeAssistant, *, available: bool) -> None:
    await shows(hass, STT, lambda state: (state != "unavailable") is available)


async def test_a_server_that_goes_is_shown_and_logged_once(
    engines: HomeAssistant, speech: FakeSpeech, caplog: pytest.LogCaptureFixture
) -> None:
    await speech.stop()
    assert (await recognise(engines)).result is stt.SpeechResultState.ERROR
    await speech_is(engines, available=False)
    for minutes in (1, 2):
        async_fire_time_changed(engines, dt_util.utcnow() + timedelta(minutes=minutes))
        await engines.async_block_till_done()
    await speech.start()
    async_fire_time_changed(engines, dt_util.utcnow() + timedelta(minutes=3))
    await speech_is(engines, available=True)
    assert caplog.text.count("Error fetching speech server") == 1
    assert caplog.text.count("Fetching speech server") == 1


async def test_another_server_at_the_address_is_not_used(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    speech.id = "0" * 32
    assert not await hass.config_entries.async_setup(speech_entry.entry_id)
    assert speech_entry.state is ConfigEntryState.SETUP_RETRY


async def test_an_absent_server_is_waited_for(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    await speech.stop()
    assert not await hass.config_entries.async_setup(speech_entry.entry_id)
    assert speech_entry.state is ConfigEntryState.SETUP_RETRY


@pytest.mark.parametrize("missing", ["asr", "tts"])
async def test_half_a_server_has_one_engine(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry, missing: str
) -> None:
    setattr(speech.info, missing, [])
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    domains = {state.domain for state in hass.states.async_all()} & {"stt", "tts"}
    assert domains == {"stt", "tts"} - {"stt" if missing == "asr" else "tts"}
