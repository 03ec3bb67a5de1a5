"""A speech server that is away: the satellite is told, and says so in the language it was told."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from homeassistant.components import conversation
from homeassistant.helpers import intent
from wyoming.audio import AudioChunk, AudioStart
from wyoming.event import Event, async_write_event

from .engines import converse_with, use
from .waiting import CONNECTION, reaches, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from .peers import FakeSatellite, FakeSpeech, Peer

SERVER = "binary_sensor.speech_server_tiny_en_connection"


class Killer(conversation.ConversationEntity):
    """Stops a speech server before it can speak the answer."""

    _attr_name = "Killer"
    _attr_unique_id = "killer"
    supported_languages = "*"

    def __init__(self, speech: FakeSpeech) -> None:
        self.speech = speech

    async def _async_handle_message(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,  # noqa: ARG002 - Home Assistant's signature
    ) -> conversation.ConversationResult:
        await self.speech.stop()
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech("Done.")
        return conversation.ConversationResult(response=response)


@pytest.fixture
async def home(house: HomeAssistant, satellite: FakeSatellite) -> HomeAssistant:
    """The satellite has recorded sentences."""
    await shows(house, CONNECTION, lambda state: state == "on")
    await satellite.report_settings(language="en")
    return house


async def begun(satellite: FakeSatellite) -> int:
    turn = await satellite.begin_turn()
    await satellite.speak()
    return turn


async def fails_with(
    house: HomeAssistant, satellite: FakeSatellite, code: str, *, turn: int, says_more: bool
) -> None:
    """Check the error that the satellite is sent, and whether a sentence follows."""
    error = await satellite.wait_for("error")
    assert (error.data["code"], error.data["turn"]) == (code, turn)
    if says_more:
        await satellite.wait_for("audio-stop")
    await reaches(house, "idle")
    await house.async_block_till_done()
    assert len(satellite.of_type("error")) == 1
    assert bool(satellite.of_type("audio-start")) is says_more


async def test_a_speech_server_that_is_gone_is_told_at_once_and_the_next_turn_works(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await speech.stop()
    await fails_with(home, satellite, "speech-away", turn=await begun(satellite), says_more=False)
    await shows(home, SERVER, lambda state: state == "off")
    await speech.start()
    await shows(home, SERVER, lambda state: state == "on")
    await begun(satellite)
    await satellite.wait_for("audio-stop")
    assert len(satellite.of_type("error")) == 1


async def test_a_speech_server_that_goes_away_during_a_command(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def die(peer: Peer, writer: asyncio.StreamWriter) -> None:
        asyncio.get_running_loop().create_task(speech.stop())

    speech.recognise = die
    await fails_with(home, satellite, "speech-away", turn=await begun(satellite), says_more=False)


async def test_a_speech_server_that_goes_away_before_the_answer(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await converse_with(home, Killer(speech))
    await fails_with(home, satellite, "speech-away", turn=await begun(satellite), says_more=False)


async def test_a_speech_server_that_goes_away_in_an_answer(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def die(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(AudioStart(16000, 2, 1).event(), writer)
        await async_write_event(AudioChunk(16000, 2, 1, bytes(32_000)).event(), writer)
        asyncio.get_running_loop().create_task(speech.stop())

    speech.synthesise = die
    turn = await begun(satellite)
    error = await satellite.wait_for("error")
    assert (error.data["code"], error.data["turn"]) == ("speech-away", turn)
    await reaches(home, "idle")
    assert "audio-stop" not in satellite.of_turn(turn)


async def test_a_speech_server_that_is_away_since_the_start(
    home: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    speech_entry: MockConfigEntry,
) -> None:
    await speech.stop()
    await home.config_entries.async_reload(speech_entry.entry_id)
    assert speech_entry.state.value == "setup_retry"
    await fails_with(home, satellite, "speech-away", turn=await begun(satellite), says_more=False)


@pytest.mark.parametrize("refusal", ["failed", "busy", "too-late"])
async def test_a_speech_server_that_only_refuses_is_not_away(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, refusal: str
) -> None:
    async def refuse(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(Event(type="error", data={"code": refusal, "text": ""}), writer)

    speech.recognise = refuse
    await fails_with(
        home, satellite, "stt-stream-failed", turn=await begun(satellite), says_more=True
    )


async def test_a_speech_server_that_only_hangs_up_is_not_away(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def hang_up(peer: Peer, writer: asyncio.StreamWriter) -> None:
        writer.close()

    speech.recognise = hang_up
    await fails_with(
        home, satellite, "stt-stream-failed", turn=await begun(satellite), says_more=True
    )


async def test_a_satellite_without_recorded_sentences_gets_home_assistants_code(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await shows(house, CONNECTION, lambda state: state == "on")
    await satellite.report_settings(volume=1.0)
    await speech.stop()
    await fails_with(
        house, satellite, "stt-stream-failed", turn=await begun(satellite), says_more=False
    )


# The language


def told(satellite: FakeSatellite) -> list[object]:
    return [event.data["settings"] for event in satellite.of_type("change-settings")]


async def test_the_satellite_is_told_the_language_of_its_assistant_once(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await use(house, tts_language="de_CH")
    await satellite.report_settings(language="en")
    await satellite.wait_for("change-settings")
    await house.async_block_till_done()
    assert satellite.settings["language"] == "de-CH"
    await use(house, tts_language="fr")
    await begun(satellite)
    await satellite.wait_for("pipeline-ended")
    await satellite.wait_for("change-settings", 2)
    await house.async_block_till_done()
    assert told(satellite) == [{"language": "de-CH"}, {"language": "fr"}]


async def test_a_satellite_that_knows_the_language_or_has_none_is_not_told(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.report_settings(volume=0.5)
    await satellite.report_settings(language="en")
    await satellite.report_status(muted=True)
    await house.async_block_till_done()
    assert told(satellite) == []


async def test_a_language_that_cannot_be_kept_is_told_again_after_a_connection_only(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.refuses_settings = "failed"
    await satellite.report_settings(language="it")
    await satellite.wait_for("change-settings")
    await satellite.report_status(muted=True)
    await satellite.report_settings(volume=0.5)
    await house.async_block_till_done()
    assert told(satellite) == [{"language": "en"}]
    satellite.drop()
    await satellite.wait_for("run-satellite", 2)
    await satellite.wait_for("change-settings", 2)


async def test_without_an_assistant_the_language_is_home_assistants(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await use(house, tts_engine=None, tts_language=None)
    house.config.language = "nl"
    await satellite.report_settings(language="de")
    await satellite.wait_for("change-settings")
    assert told(satellite) == [{"language": "en"}]
