"""Announcements, questions and conversations that Home Assistant starts."""

import asyncio
import io
import wave
from typing import TYPE_CHECKING, Literal
from unittest.mock import patch

import pytest
from aiohttp import web
from homeassistant.components import conversation
from homeassistant.components.assist_satellite import SatelliteBusyError
from homeassistant.components.conversation.models import AbstractConversationAgent
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import intent
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.audio import AudioChunk
from wyoming.event import Event

from custom_components.indoor_voice import assist_satellite as platform
from custom_components.indoor_voice.turn import playback, speaking_queue
from custom_components.indoor_voice.turn.sound import SoundError

from .announcing import announce, ask
from .engines import use
from .waiting import SATELLITE as ENTITY
from .waiting import reaches

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from .peers import FakeSatellite, FakeSpeech


@pytest.fixture
async def media(socket_enabled: None) -> AsyncGenerator[str]:
    """Serve half a second of sound at `URL/tone.wav`, and half of that file at `URL/cut.wav`."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setframerate(48000)
        wav.setsampwidth(2)
        wav.setnchannels(2)
        wav.writeframes(b"\x05\0\x05\0" * 24000)

    async def tone(_request: web.Request) -> web.Response:
        return web.Response(body=file.getvalue(), content_type="audio/wav")

    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(file.getvalue()))})
        await response.prepare(request)
        await response.write(file.getvalue()[: len(file.getvalue()) // 2])
        assert request.transport is not None
        request.transport.close()
        return response

    app = web.Application()
    app.router.add_get("/cut.wav", cut)
    app.router.add_get("/tone.wav", tone)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


async def test_a_message_is_spoken_and_waited_for(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.plays = False
    task = asyncio.create_task(announce(house, message="Dinner is ready"))
    await satellite.wait_for("audio-stop")
    await reaches(house, "responding")
    assert not task.done()
    await satellite.send(Event(type="played"))
    await task
    await reaches(house, "idle")
    assert satellite.sound() == b"\x01\x02" * 4410
    assert "turn" not in satellite.of_type("audio-start")[0].data


async def test_an_announcement_takes_the_place_of_an_answer(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.plays = False
    await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("audio-stop")
    await reaches(house, "responding")
    task = asyncio.create_task(announce(house, message="Dinner is ready"))
    await satellite.wait_for("audio-stop", 2)
    state = house.states.get(ENTITY)
    assert state is not None
    assert state.state == "responding"
    assert not task.done()
    await satellite.send(Event(type="played"))
    await task
    await reaches(house, "idle")


async def test_media_is_played_after_the_tone(
    house: HomeAssistant, satellite: FakeSatellite, media: str
) -> None:
    await announce(
        house,
        media_id=f"{media}/tone.wav",
        preannounce=True,
        preannounce_media_id=f"{media}/tone.wav",
    )
    assert len(satellite.of_type("audio-start")) == 2
    assert satellite.of_type("audio-start")[1].data["rate"] == 16000
    assert abs(len(satellite.sound()) - 2 * 16000) < 1000


async def test_media_that_cannot_be_had_is_an_error(
    house: HomeAssistant, satellite: FakeSatellite, media: str
) -> None:
    with pytest.raises(HomeAssistantError, match="couldn't be played"):
        await announce(house, media_id=f"{media}/nothing.mp3")
    with pytest.raises(HomeAssistantError, match="couldn't be played"):
        await announce(house, media_id="file:///etc/hostname")
    await reaches(house, "idle")
    assert not satellite.of_type("audio-start")


async def test_media_that_breaks_off_is_an_error_there_and_here(
    house: HomeAssistant, satellite: FakeSatellite, media: str
) -> None:
    with pytest.raises(HomeAssistantError, match="couldn't be played"):
        await announce(house, media_id=f"{media}/cut.wav")
    assert (await satellite.wait_for("error")).data["code"] == "announcement-failed"
    assert satellite.sound()
    assert not satellite.of_type("audio-stop")


async def test_what_drips_keeps_nobody_waiting() -> None:
    async def drip() -> AsyncGenerator[AudioChunk]:
        while True:
            await asyncio.sleep(0.05)
            yield AudioChunk(16000, 2, 1, bytes(32))

    async def send(_: object) -> None: ...

    patience = playback.Patience(source=5, length=10, dry=0.5)
    async with asyncio.timeout(20):  # this amount of sound would take 500 s
        with pytest.raises(SoundError, match="too slowly"):
            await playback.Playback(send, patience).play(drip(), None)
    kinds = (playback.TONE, playback.MEDIA, playback.SPEECH, playback.ANSWER)
    assert [kind.dry for kind in kinds] == sorted(kind.dry for kind in kinds)
    assert playback.TONE.dry <= 5


async def test_endless_media_is_cut(
    house: HomeAssistant, satellite: FakeSatellite, media: str
) -> None:
    with patch.object(platform, "MEDIA", playback.Patience(source=15, length=0.2)):
        await announce(house, media_id=f"{media}/tone.wav")
    assert len(satellite.sound()) < 32000 * 0.45


async def test_a_wake_word_stops_an_announcement(
    house: HomeAssistant, satellite: FakeSatellite, media: str
) -> None:
    satellite.plays = False
    task = asyncio.create_task(
        announce(
            house, message="Dinner", preannounce=True, preannounce_media_id=f"{media}/tone.wav"
        )
    )
    await satellite.wait_for("audio-stop")
    satellite.plays = True
    turn = await satellite.begin_turn()
    await task
    await satellite.speak()
    await satellite.wait_for("pipeline-ended")
    await satellite.wait_for("audio-stop", 2)
    assert "audio-stop" in satellite.of_turn(turn)
    await reaches(house, "idle")


async def test_an_announcement_that_has_not_begun_does_not_break_into_a_turn(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(speech: FakeSpeech, writer: asyncio.StreamWriter) -> None:
        speech.synthesise = None
        asked.set()
        await go_on.wait()
        await speech.speak_tone(writer)

    speech.synthesise = slowly
    task = asyncio.create_task(announce(house, message="Dinner is ready"))
    await asked.wait()
    turn = await satellite.begin_turn()
    await reaches(house, "listening")
    go_on.set()
    await task
    await satellite.speak()
    await satellite.wait_for("pipeline-ended")
    await satellite.wait_for("audio-stop")
    assert "audio-stop" in satellite.of_turn(turn)
    assert len(satellite.of_type("audio-start")) == 1
    await reaches(house, "idle")


async def test_the_sound_is_not_sent_far_ahead_of_the_loudspeaker(
    house: HomeAssistant, satellite: FakeSatellite, media: str
) -> None:
    satellite.plays = False
    with patch.object(playback, "AHEAD_SECONDS", 0.1):
        task = asyncio.create_task(announce(house, media_id=f"{media}/tone.wav"))
        await satellite.wait_for("audio-chunk")
        await asyncio.sleep(0.1)
        assert len(satellite.sound()) < 32000 * 0.5
        await satellite.wait_for("audio-stop")
        await satellite.send(Event(type="played"))
        await task


async def test_an_absent_satellite_cannot_announce(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    satellite.plays = False
    task = asyncio.create_task(announce(house, message="Dinner is ready"))
    await satellite.wait_for("audio-stop")
    await satellite.stop()
    with pytest.raises(HomeAssistantError, match="became unavailable"):
        await task
    await reaches(house, "unavailable")
    entity = house.data["entity_components"]["assist_satellite"].get_entity(ENTITY)
    with pytest.raises(HomeAssistantError, match="Nothing answers"):
        await entity.async_internal_announce("Dinner is ready", preannounce=False)


async def test_a_question_is_answered(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    speech.transcript = "Yes, please."
    task = asyncio.create_task(ask(house))
    await satellite.wait_for("run-pipeline")
    await satellite.speak()
    assert await task == {"id": "yes", "sentence": "Yes, please.", "slots": {}}
    await reaches(house, "idle")
    assert (await satellite.wait_for("pipeline-ended")).data["answer"] is False


async def test_a_question_may_stay_without_an_answer(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    speech.transcript = ""
    task = asyncio.create_task(ask(house))
    await satellite.wait_for("run-pipeline")
    await satellite.speak()
    with pytest.raises(HomeAssistantError):
        await task
    await reaches(house, "idle")


async def test_a_satellite_lost_before_the_answer_ends_the_question(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    task = asyncio.create_task(ask(house))
    await satellite.wait_for("run-pipeline")
    await asyncio.sleep(0.05)
    satellite.drop()
    with pytest.raises(HomeAssistantError):
        await task
    await satellite.wait_for("run-satellite", 2)


async def test_a_satellite_that_does_not_listen_ends_the_question(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.starts_turns = False
    with (
        patch.object(platform, "OPEN_MICROPHONE_SECONDS", 0.1),
        pytest.raises(HomeAssistantError, match="didn't open its microphone"),
    ):
        await ask(house)
    await reaches(house, "idle")


async def test_speaking_into_a_question_answers_it(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    speech.transcript = "no"
    satellite.plays = False
    task = asyncio.create_task(ask(house))
    await satellite.wait_for("audio-stop")
    await satellite.begin_turn()
    await satellite.speak()
    assert (await task)["id"] == "no"
    assert not satellite.of_type("run-pipeline")


async def test_a_conversation_is_begun(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    class Listener(AbstractConversationAgent):
        heard = ""

        @property
        def supported_languages(self) -> Literal["*"]:
            return "*"

        async def async_process(
            self, user_input: conversation.ConversationInput
        ) -> conversation.ConversationResult:
            self.heard = user_input.text
            response = intent.IntentResponse(language="en")
            response.async_set_speech("Good.")
            return conversation.ConversationResult(response=response)

    agent = Listener()
    entry = MockConfigEntry()
    entry.add_to_hass(house)
    conversation.async_set_agent(house, entry, agent)
    await use(house, conversation_engine=entry.entry_id)
    speech.transcript = "fine thanks"
    await house.services.async_call(
        "assist_satellite",
        "start_conversation",
        {"entity_id": ENTITY, "start_message": "How are you?", "preannounce": False},
        blocking=True,
    )
    await satellite.speak()
    await satellite.wait_for("audio-stop", 2)
    await reaches(house, "idle")
    assert agent.heard == "fine thanks"


async def _hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(1024):
        pass
    writer.close()


@pytest.mark.parametrize("tone", ["missing", "unreachable", "hanging", "unknown", "broken"])
async def test_an_announcement_is_spoken_without_a_tone_that_cannot_be_had(
    house: HomeAssistant,
    satellite: FakeSatellite,
    media: str,
    caplog: pytest.LogCaptureFixture,
    tone: str,
) -> None:
    hanging = await asyncio.start_server(_hanging, "127.0.0.1", 0)
    port = hanging.sockets[0].getsockname()[1]
    media_id = {
        "missing": f"{media}/nothing.wav",
        "unreachable": "http://127.0.0.1:9/tone.wav",
        "hanging": f"http://127.0.0.1:{port}/tone.wav",
        "unknown": "media-source://nobody/tone.wav",
        "broken": "data:audio/wav;base64,AAAA",
    }[tone]
    impatient = playback.Patience(source=0.5, length=10)
    with patch.object(platform, "TONE", impatient):
        async with asyncio.timeout(30):
            await announce(house, message="Dinner", preannounce=True, preannounce_media_id=media_id)
    hanging.close()
    await hanging.wait_closed()
    assert playback.TONE.source <= 5
    assert satellite.sound() == b"\x01\x02" * 4410
    assert "announces without the tone" in caplog.text


async def test_announcements_and_questions_wait_for_each_other(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    speech.transcript = "Yes, please."
    satellite.plays = False
    first = asyncio.create_task(announce(house, message="Dinner is ready"))
    await satellite.wait_for("audio-stop")
    question = asyncio.create_task(ask(house))
    await asyncio.sleep(0.1)
    last = asyncio.create_task(announce(house, message="It is on the table"))
    await asyncio.sleep(0.1)
    assert len(satellite.of_type("audio-start")) == 1
    assert not question.done()
    satellite.plays = True
    await satellite.send(Event(type="played"))
    await first
    await satellite.wait_for("run-pipeline")
    assert not last.done()
    await satellite.speak()
    assert (await question)["id"] == "yes"
    await last
    texts = [event.data["text"] for event in speech.of_type("synthesize-chunk")]
    assert texts == ["Dinner is ready", "Shall I turn off the light?", "It is on the table"]


async def test_two_tests_of_the_connection_at_once_both_succeed(
    house: HomeAssistant, satellite: FakeSatellite, hass_ws_client: WebSocketGenerator
) -> None:
    """Home Assistant's own set-up of voice assistants begins in this way."""
    client = await hass_ws_client(house)
    house.config.internal_url = str(client.client.make_url("/")).rstrip("/")
    for _ in range(2):
        await client.send_json_auto_id(
            {"type": "assist_satellite/test_connection", "entity_id": ENTITY}
        )
    for _ in range(2):
        assert (await client.receive_json())["result"] == {"status": "success"}
    await satellite.wait_for("audio-stop", 2)
    await reaches(house, "idle")


@pytest.mark.parametrize("how", ["lost", "unloaded"])
async def test_a_waiting_announcement_fails_when_the_satellite_goes(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry, how: str
) -> None:
    satellite.plays = False
    first = asyncio.create_task(announce(house, message="Dinner is ready"))
    await satellite.wait_for("audio-stop")
    entity = house.data["entity_components"]["assist_satellite"].get_entity(ENTITY)
    waiting = asyncio.create_task(
        entity.async_internal_announce("It is on the table", preannounce=False)
    )
    await asyncio.sleep(0)  # takes its place in the queue
    if how == "lost":
        await satellite.stop()
    else:
        assert await house.config_entries.async_unload(satellite_entry.entry_id)
    with pytest.raises(HomeAssistantError, match="became unavailable"):
        await first
    with pytest.raises(HomeAssistantError, match="Nothing answers"):
        await waiting
    assert len(satellite.of_type("audio-start")) == 1


async def test_no_more_announcements_wait_than_anybody_wants_to_hear(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.plays = False
    tasks = [asyncio.create_task(announce(house, message=f"Number {n}")) for n in range(9)]
    await satellite.wait_for("audio-stop")
    await asyncio.sleep(0.1)
    with pytest.raises(SatelliteBusyError):
        await announce(house, message="One too many")
    with patch.object(speaking_queue, "WAIT_SECONDS", 0.1):
        tasks[-1].cancel()
        await asyncio.sleep(0)
        with pytest.raises(SatelliteBusyError):
            await announce(house, message="Waited for too long")
    satellite.plays = True
    await satellite.send(Event(type="played"))
    await asyncio.gather(*tasks[:-1])
    assert len(satellite.of_type("audio-start")) == 8
