"""A broken or hostile paired speech server does no harm."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from homeassistant.components import stt
from homeassistant.components.tts.const import DATA_TTS_MANAGER
from homeassistant.exceptions import HomeAssistantError
from wyoming.audio import AudioStop
from wyoming.event import Event, async_write_event

from custom_components.indoor_voice.link import synthesis
from custom_components.indoor_voice.turn import playback

from .hostile_speech import START, ascii_event, endless, raw, sending, start
from .memory import bounded
from .peers import speech_info
from .speech_engines import TTS, engines, recognise, speak, wav_of
from .waiting import SATELLITE, reaches

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from .peers import FakeSatellite, FakeSpeech, Peer

__all__ = ["engines"]

SHORT = "It is open"


def chunk(payload: bytes, **changed: Any) -> Event:
    return Event(type="audio-chunk", data=START | changed, payload=payload)


async def flood(peer: Peer, writer: asyncio.StreamWriter) -> None:
    while True:
        await async_write_event(Event(type="voice-started", data={"timestamp": 1}), writer)
        await asyncio.sleep(0)  # Home Assistant is in the same loop


async def heavy(peer: Peer, writer: asyncio.StreamWriter) -> None:
    """Send half a megabyte of JSON that needs thirty times as much memory, repeatedly."""
    while True:
        await async_write_event(Event(type="x", data={"a": [[]] * 160_000}), writer)
        await asyncio.sleep(0)  # Home Assistant is in the same loop


async def crumbs(peer: Peer, writer: asyncio.StreamWriter) -> None:
    await async_write_event(start(), writer)
    while True:
        await async_write_event(chunk(b"\0\0"), writer)
        await asyncio.sleep(0)  # Home Assistant is in the same loop


STOPPED = Event(type="synthesize-stopped")
WRONG = {
    "endless sound": endless,
    "a flood of events": flood,
    "events of half a megabyte": heavy,
    "sound in crumbs": crumbs,
    "a header without sound": sending(start(), AudioStop().event(), STOPPED),
    "nothing but a header": sending(start(), STOPPED),
    "no header": sending(chunk(bytes(4410)), STOPPED),
    "another format in the midst of it": sending(start(), chunk(bytes(4410), rate=48000), STOPPED),
    "another header in the midst of it": sending(start(), start(channels=2), STOPPED),
    "half a sample": sending(start(), chunk(bytes(4411)), STOPPED),
    "a rate that is none": sending(start(rate=1), chunk(bytes(4410), rate=1), STOPPED),
    "a rate beyond hearing": sending(start(rate=10**9), STOPPED),
    "a width that is none": sending(start(width=True), STOPPED),
    "many channels": sending(start(channels=64), STOPPED),
    "text for a number": sending(start(rate="22050"), STOPPED),
}


async def test_speech_that_cannot_be_that_of_the_text_is_refused(
    engines: HomeAssistant, speech: FakeSpeech, caplog: pytest.LogCaptureFixture
) -> None:
    manager = engines.data[DATA_TTS_MANAGER]
    for wrong, script in WRONG.items():
        speech.synthesise = script
        with bounded():
            async with asyncio.timeout(60):
                with pytest.raises(HomeAssistantError):
                    await speak(engines, SHORT, preferred_format="wav")
        assert not manager.mem_cache, wrong
    for _ in range(5):  # repeat the last step
        with pytest.raises(HomeAssistantError):
            await speak(engines, SHORT, preferred_format="wav")
    said = warnings(caplog)
    assert any("more sound than the text can have" in line for line in said)
    assert len(said) == len(set(said)) <= len(WRONG)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return everything that the integration logged at the normal level."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and "indoor_voice" in record.name
    ]


async def test_a_server_without_streaming_is_bounded_too(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    speech.info = speech_info(streaming=False)
    speech.synthesise = endless
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    with bounded():
        async with asyncio.timeout(60):
            with pytest.raises(HomeAssistantError):
                await speak(hass, SHORT, preferred_format="wav")


async def test_long_speech_of_a_long_text_is_heard(
    engines: HomeAssistant, speech: FakeSpeech
) -> None:
    sound = b"\x05\x00" * 22050 * 20

    async def slowly_spoken(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(start(), writer)
        for begin in range(0, len(sound), 8192):
            await async_write_event(chunk(sound[begin : begin + 8192]), writer)
        await async_write_event(AudioStop().event(), writer)
        await async_write_event(STOPPED, writer)

    speech.synthesise = slowly_spoken
    data = await speak(engines, "01723 456 7890 and", preferred_format="wav")
    assert wav_of(data)[3] == sound


async def test_a_transcript_that_nobody_can_have_said_is_refused(
    engines: HomeAssistant, speech: FakeSpeech, caplog: pytest.LogCaptureFixture
) -> None:
    for text in ("Hello " * 150_000, "a" * 14_000, "a" * 501, "\u200b" * 3_000, 5):
        speech.recognise = sending(Event(type="transcript", data={"text": text}))
        with bounded():
            result = await recognise(engines)
        assert result == stt.SpeechResult(None, stt.SpeechResultState.ERROR)
    assert caplog.text.count("longer than anyone can have spoken") == 1
    assert "Hello" not in caplog.text


async def test_a_transcript_is_one_line_of_what_can_be_seen(
    engines: HomeAssistant, speech: FakeSpeech
) -> None:
    for sent, heard in (
        ("turn on\nthe\tlight", "turn on the light"),
        ("turn \ud800on the light\udfff", "turn on the light"),
        ("\x1b[31mturn on\x07 the light\x00", "[31mturn on the light"),
        ("\u202eturn\u2066 on\u200b the light\ufeff", "turn on the light"),
        ("  ", ""),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",) * 2,
    ):
        speech.recognise = raw(ascii_event("transcript", sent))
        assert (await recognise(engines)).text == heard


async def test_floods_in_place_of_a_transcript_are_ended(
    engines: HomeAssistant, speech: FakeSpeech, caplog: pytest.LogCaptureFixture
) -> None:
    for script in (flood, heavy, raw(b'{"type": "transcript", "data_length": 100000000}\n')):
        speech.recognise = script
        caplog.clear()
        for _ in range(2):
            with bounded():
                async with asyncio.timeout(60):
                    result = await recognise(engines)
            assert result.result is stt.SpeechResultState.ERROR
        assert len(warnings(caplog)) <= 1


async def test_silence_is_bounded_from_the_first_moment(
    engines: HomeAssistant, speech: FakeSpeech
) -> None:
    async def hang(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def begin_and_chatter(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(start(), writer)
        while True:
            await async_write_event(Event(type="pong"), writer)
            await asyncio.sleep(0)  # Home Assistant is in the same loop
            await asyncio.sleep(0.05)

    for script in (hang, begin_and_chatter):
        speech.synthesise = script
        with patch.object(synthesis, "SILENCE_SECONDS", 0.3):
            async with asyncio.timeout(30):
                with pytest.raises(HomeAssistantError):
                    await speak(engines, SHORT, preferred_format="wav")


async def test_a_turn_whose_answer_never_ends_fails_aloud(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    speech.synthesise = endless
    # Sound is paced to the loudspeaker; without this the test would wait for it.
    with bounded(), patch.object(playback, "AHEAD_SECONDS", 60.0):
        turn = await satellite.begin_turn()
        await satellite.speak()
        failed = await satellite.wait_for("error")
        assert (failed.data["code"], failed.data["turn"]) == ("tts-failed", turn)
        await reaches(house, "idle")
    assert "audio-stop" not in satellite.of_turn(turn)
    state = house.states.get("sensor.kitchen_kitchen_satellite_last_turn")
    assert state is not None
    assert state.state == "failed"
    assert house.states.get(SATELLITE) is not None


async def test_a_swollen_description_is_not_read(
    engines: HomeAssistant, speech: FakeSpeech
) -> None:
    speech.description = lambda: Event(type="info", data={"a": [[]] * 160_000})  # type: ignore[method-assign]
    engine = engines.data["entity_components"]["tts"].get_entity(TTS)
    with bounded():
        for _ in range(5):
            await engine.coordinator.async_refresh()
    assert not engine.coordinator.last_update_success
