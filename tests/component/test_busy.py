"""A busy speech server does not count as absent."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from homeassistant.components import stt
from homeassistant.exceptions import HomeAssistantError
from wyoming.event import Event, async_write_event

from .speech_engines import STT, TTS, engines, recognise, speak
from .waiting import reaches, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite, FakeSpeech, Peer

__all__ = ["engines"]


async def test_that_it_is_busy_is_said_at_once(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def refuse(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(Event(type="error", data={"code": "busy", "text": ""}), writer)
        writer.close()

    speech.recognise = refuse
    turn = await satellite.begin_turn()
    await satellite.speak()
    assert (await satellite.wait_for("error")).data["turn"] == turn
    await satellite.wait_for("audio-stop")
    await reaches(house, "idle")
    assert "busy" in speech.of_type("synthesize-chunk")[0].data["text"]


async def test_that_speech_is_busy_is_said_when_it_can(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def refuse(peer: Peer, writer: asyncio.StreamWriter) -> None:
        speech.synthesise = None
        await async_write_event(Event(type="error", data={"code": "busy", "text": ""}), writer)
        writer.close()

    speech.synthesise = refuse
    await satellite.begin_turn()
    await satellite.speak()
    assert (await satellite.wait_for("error")).data["code"] == "tts-failed"
    await satellite.wait_for("audio-stop")
    assert "busy" in speech.of_type("synthesize-chunk")[-1].data["text"]
    await shows(house, "sensor.kitchen_kitchen_satellite_last_turn", lambda s: s == "failed")


async def test_who_is_busy_stays_available(
    engines: HomeAssistant, speech: FakeSpeech, caplog: pytest.LogCaptureFixture
) -> None:
    speech.busy = True
    for _ in range(5):
        assert (await recognise(engines)).result is stt.SpeechResultState.ERROR
        with pytest.raises(HomeAssistantError, match="is busy right now"):
            await speak(engines, preferred_format="wav")
    await engines.async_block_till_done(wait_background_tasks=True)
    coordinator = engines.data["entity_components"]["tts"].get_entity(TTS).coordinator
    await coordinator.async_refresh()
    assert coordinator.last_update_success
    assert "not protected" not in caplog.text
    assert caplog.text.count(f"{STT} did not recognise speech: busy") == 1


async def test_a_probe_that_is_refused_as_busy_is_an_answer(
    engines: HomeAssistant, speech: FakeSpeech
) -> None:
    coordinator = engines.data["entity_components"]["tts"].get_entity(TTS).coordinator
    description, before = speech.description, coordinator.data
    speech.description = lambda: Event(type="error", data={"code": "busy"})  # type: ignore[method-assign]
    for _ in range(10):
        await coordinator.async_refresh()
        assert coordinator.last_update_success
    assert coordinator.data is before
    speech.description = description  # type: ignore[method-assign]


@pytest.mark.parametrize("when", ["before TLS", "after TLS"])
async def test_who_hangs_up_under_load_is_neither_absent_at_once_nor_called_unprotected(
    engines: HomeAssistant, speech: FakeSpeech, caplog: pytest.LogCaptureFixture, when: str
) -> None:
    coordinator = engines.data["entity_components"]["tts"].get_entity(TTS).coordinator
    port = speech.port
    await speech.stop()

    if when == "before TLS":

        async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.abort()

        server = await asyncio.start_server(hang_up, "127.0.0.1", port)
    else:

        async def leave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        assert speech.protection is not None
        server = await asyncio.start_server(
            leave, "127.0.0.1", port, ssl=speech.protection.context()
        )
    async with server:
        for _ in range(2):
            await coordinator.async_refresh()
            assert coordinator.last_update_success
        assert (await recognise(engines)).result is stt.SpeechResultState.ERROR
        for _ in range(2):
            await coordinator.async_refresh()
        assert not coordinator.last_update_success
    assert "not protected" not in caplog.text
    await speech.start()
    await coordinator.async_refresh()
    assert coordinator.last_update_success
