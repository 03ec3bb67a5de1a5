"""A turn from the wake word to the answer's last sample, and every way in which it can end."""

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from unittest.mock import patch

import pytest
from homeassistant.components import conversation
from homeassistant.components.assist_pipeline.const import DATA_LAST_WAKE_UP
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import intent
from wyoming.asr import Transcript
from wyoming.audio import AudioStart
from wyoming.event import Event, async_write_event

from custom_components.indoor_voice.assistant.phrases import async_failure_sentence
from custom_components.indoor_voice.link import recognition
from custom_components.indoor_voice.turn import microphone, playback
from tests.waiting import until

from .engines import converse_with, use
from .peers import SECOND_BYTES, FakeSatellite, FakeSpeech, Peer
from .waiting import SATELLITE as ENTITY
from .waiting import reaches

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant


async def test_a_turn_is_recognised_understood_and_answered(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    turn = await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("audio-stop")
    await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")

    types = satellite.of_turn(turn)
    assert types[:2] == ["transcribe", "transcript"]
    assert set(types[2:]) == {"audio-start", "audio-chunk", "audio-stop", "pipeline-ended"}
    assert satellite.of_type("transcript")[0].data["text"] == ""
    assert satellite.of_type("pipeline-ended")[0].data["answer"] is True
    start = satellite.of_type("audio-start")[0]
    assert (start.data["rate"], start.data["width"], start.data["channels"]) == (22050, 2, 1)
    assert satellite.sound() == b"\x01\x02" * 4410
    request = speech.of_type("transcribe")[0].data
    assert request["context"] == {"wake_word_phrase": "hey jarvis", "understands": True}
    assert request["vad_sensitivity"] == "default"


async def test_the_chosen_pause_reaches_the_recogniser(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await house.services.async_call(
        "select",
        "select_option",
        {
            "entity_id": "select.kitchen_kitchen_satellite_finished_speaking_detection",
            "option": "relaxed",
        },
        blocking=True,
    )
    await satellite.begin_turn(None)
    await satellite.speak()
    request = await speech.wait_for("transcribe")
    assert request.data["vad_sensitivity"] == "relaxed"
    assert "wake_word_phrase" not in request.data["context"]
    await satellite.wait_for("pipeline-ended")


async def test_a_server_that_finds_the_end_of_speech_closes_the_microphone(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    speech.ends_early_after_bytes = SECOND_BYTES // 2
    turn = await satellite.begin_turn()
    await satellite.speak(stop=False)
    await satellite.wait_for("pipeline-ended")
    assert satellite.of_turn(turn)[:4] == [
        "transcribe",
        "voice-started",
        "voice-stopped",
        "transcript",
    ]


async def test_a_new_turn_replaces_one_that_is_being_recognised(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def hang(peer: Peer, writer: asyncio.StreamWriter) -> None:
        speech.recognise = None
        await asyncio.Event().wait()

    speech.recognise = hang
    first = await satellite.begin_turn()
    await satellite.speak()
    await speech.wait_for("transcribe")
    second = await satellite.begin_turn("alexa")
    await satellite.speak()
    await satellite.wait_for("audio-stop")
    assert "audio-start" in satellite.of_turn(second)
    assert satellite.of_turn(first) == ["transcribe"]


async def test_a_new_turn_stops_the_answer(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    satellite.plays = False
    first = await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("audio-stop")
    await reaches(house, "responding")
    satellite.plays = True
    second = await satellite.begin_turn("alexa")
    await reaches(house, "listening")
    await satellite.speak()
    await satellite.wait_for("pipeline-ended", 2)
    await reaches(house, "idle")
    assert satellite.of_turn(first)[-1] != "error"
    assert "error" not in satellite.of_turn(second)


async def test_saying_nothing_ends_quietly(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    speech.transcript = ""
    turn = await satellite.begin_turn()
    await satellite.speak()
    ended = await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")
    await house.async_block_till_done()
    assert ended.data == {"answer": False, "turn": turn}
    assert satellite.of_type("error")[0].data["code"] == "stt-no-text-recognized"
    assert not satellite.of_type("audio-start")


async def test_a_turn_without_an_answer_ends(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    speech.transcript = "never mind"
    await satellite.begin_turn()
    await satellite.speak()
    ended = await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")
    assert ended.data["answer"] is False


async def test_a_failed_recognition_is_spoken_of(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def refuse(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(Event(type="error", data={"code": "failed", "text": ""}), writer)

    speech.recognise = refuse
    turn = await satellite.begin_turn()
    await satellite.speak()
    assert (await satellite.wait_for("error")).data["code"] == "stt-stream-failed"
    await satellite.wait_for("audio-stop")
    await reaches(house, "idle")
    assert satellite.of_turn(turn)[-1] == "pipeline-ended"
    assert "Sorry" in speech.of_type("synthesize-chunk")[0].data["text"]


async def test_a_language_without_a_sentence_leaves_it_at_the_cue(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def refuse(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(Event(type="error", data={"code": "busy", "text": ""}), writer)

    speech.recognise = refuse
    await use(house, tts_language="de")
    speech.info.tts[0].voices[0].languages = ["de"]
    await (
        house.data["entity_components"]["tts"]
        .get_entity("tts.speech_server_tiny_en_text_to_speech")
        .coordinator.async_refresh()
    )
    await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("pipeline-ended")
    await house.async_block_till_done()
    assert not satellite.of_type("audio-start")


@pytest.mark.parametrize("constant", ["AFTER_AUDIO_SECONDS", "TOTAL_SECONDS"])
async def test_a_hung_recogniser_ends_the_turn(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, constant: str
) -> None:
    async def hang(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    speech.recognise = hang
    with patch.object(recognition, constant, 0.2):
        await satellite.begin_turn()
        await satellite.speak()
        assert (await satellite.wait_for("error")).data["code"] == "stt-stream-failed"
        await satellite.wait_for("pipeline-ended")
    await satellite.wait_for("audio-stop")
    await reaches(house, "idle")


async def test_nothing_comes_of_a_turn_that_the_satellite_gave_up(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    asked, wakes_up = asyncio.Event(), asyncio.Event()

    async def late(peer: Peer, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await wakes_up.wait()
        await async_write_event(Transcript(text=speech.transcript).event(), writer)

    speech.recognise = late
    turn = await satellite.begin_turn()
    await satellite.speak()
    await asyncio.wait_for(asked.wait(), 5)
    await satellite.send(
        Event(type="error", data={"text": "", "code": "turn-given-up", "turn": turn})
    )
    await reaches(house, "idle")
    with patch.object(conversation, "async_converse", side_effect=AssertionError):
        wakes_up.set()
        await asyncio.sleep(0.2)
    assert "audio-start" not in satellite.of_turn(turn)


async def give_up(satellite: FakeSatellite, turn: int) -> None:
    await satellite.send(
        Event(type="error", data={"text": "", "code": "turn-given-up", "turn": turn})
    )


async def test_woken_again_at_once_after_it_gave_up_it_answers(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    for spoken in (False, True):
        first = await satellite.begin_turn()
        await reaches(house, "listening")
        if spoken:
            await satellite.speak()
            await satellite.wait_for("transcript")
        await give_up(satellite, first)
        second = await satellite.begin_turn()
        await satellite.speak()
        await until(partial(satellite.of_turn, second), lambda types: "audio-stop" in types)
        assert "error" not in satellite.of_turn(second)
        await reaches(house, "idle")


async def test_of_two_satellites_that_hear_one_wake_word_one_stays_quiet(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    first = await satellite.begin_turn()
    await reaches(house, "listening")
    await give_up(satellite, first)
    # As if another satellite had reported it in the meantime.
    house.data[DATA_LAST_WAKE_UP]["hey jarvis"] = time.monotonic()
    await satellite.begin_turn()
    error = await satellite.wait_for("error")
    assert error.data["code"] == "duplicate_wake_up_detected"


async def test_an_apology_does_not_end_the_turn_that_begins_meanwhile(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    synthesised, goes_on = asyncio.Event(), asyncio.Event()
    say = async_failure_sentence

    async def slow(*arguments: Any, busy: bool) -> str | None:
        synthesised.set()
        await goes_on.wait()
        return await say(*arguments, busy=busy)

    async def fail(peer: Peer, writer: asyncio.StreamWriter) -> None:
        speech.recognise = None
        writer.close()

    speech.recognise = fail
    with patch("custom_components.indoor_voice.turn.sentences.async_failure_sentence", slow):
        await satellite.begin_turn()
        await satellite.speak()
        await asyncio.wait_for(synthesised.wait(), 5)
        second = await satellite.begin_turn()
        await reaches(house, "listening")
        goes_on.set()
        await satellite.speak()
        await until(partial(satellite.of_turn, second), lambda types: "audio-stop" in types)
    assert all("turn" in event.data for event in satellite.of_type("audio-start"))


async def test_a_silent_satellite_ends_the_turn(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    speech.transcript = ""
    with patch.object(microphone, "STREAM_DEADLINE_SECONDS", 0.2):
        await satellite.begin_turn()
        await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")


async def test_an_endless_stream_is_cut(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await satellite.begin_turn()
    await satellite.speak(16.5, stop=False)
    await satellite.wait_for("pipeline-ended")
    heard = sum(len(event.payload or b"") for event in speech.of_type("audio-chunk"))
    assert heard <= 15 * SECOND_BYTES


async def test_a_lost_satellite_ends_the_turn_and_comes_back(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await satellite.begin_turn()
    await reaches(house, "listening")
    satellite.drop()
    await satellite.wait_for("run-satellite", 2)
    await reaches(house, "idle")
    await satellite.begin_turn("alexa")
    await satellite.speak()
    await satellite.wait_for("audio-stop")
    await reaches(house, "idle")


async def test_a_satellite_lost_in_the_answer_does_not_stay_responding(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.plays = False
    await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("audio-stop")
    await reaches(house, "responding")
    satellite.drop()
    await satellite.wait_for("run-satellite", 2)
    await reaches(house, "idle")


async def test_a_satellite_that_does_not_say_when_it_played_is_not_waited_for_long(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.plays = False
    with patch.object(playback, "PLAYED_MARGIN_SECONDS", 0.1):
        await satellite.begin_turn()
        await satellite.speak()
        await satellite.wait_for("audio-stop")
        await reaches(house, "idle")


async def test_an_answer_that_breaks_off_is_reported(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def break_off(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(AudioStart(16000, 2, 1).event(), writer)
        writer.transport.abort()

    speech.synthesise = break_off
    turn = await satellite.begin_turn()
    await satellite.speak()
    assert (await satellite.wait_for("error")).data == {
        "code": "tts-failed",
        "text": "Home Assistant could not complete the turn",
        "turn": turn,
    }
    await reaches(house, "idle")


async def test_an_assistant_that_cannot_hear_fails_the_turn(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await house.services.async_call(
        "select",
        "select_option",
        {"entity_id": "select.kitchen_kitchen_satellite_assistant", "option": "Home Assistant"},
        blocking=True,
    )
    turn = await satellite.begin_turn()
    await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")
    assert satellite.of_turn(turn) == ["error", "pipeline-ended"]


async def test_an_assistant_that_is_gone_fails_the_turn(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    with patch(
        "homeassistant.components.assist_satellite.entity.async_pipeline_from_audio_stream",
        side_effect=HomeAssistantError("gone"),
    ):
        turn = await satellite.begin_turn()
        await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")
    assert satellite.of_turn(turn) == ["error", "pipeline-ended"]


async def test_the_next_wake_word_can_be_intercepted(
    house: HomeAssistant, satellite: FakeSatellite, hass_ws_client: Any
) -> None:
    client = await hass_ws_client(house)
    await client.send_json_auto_id(
        {"type": "assist_satellite/intercept_wake_word", "entity_id": ENTITY}
    )
    assert (await client.receive_json())["success"]
    await satellite.begin_turn()
    assert (await client.receive_json())["event"] == {"wake_word_phrase": "hey jarvis"}
    assert (await satellite.wait_for("pipeline-ended")).data["answer"] is False


class Talker(conversation.ConversationEntity):
    """An agent that streams a long answer, and pauses in the middle."""

    _attr_name = "Talker"
    _attr_supports_streaming = True

    def __init__(self) -> None:
        self.go_on = asyncio.Event()

    @property
    def supported_languages(self) -> list[str] | Literal["*"]:
        return "*"

    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        async def deltas() -> AsyncGenerator[Any]:
            yield {"role": "assistant"}
            yield {"content": "This is a long story about a house. " * 4}
            await self.go_on.wait()
            yield {"content": "And this is its end."}

        async for _ in chat_log.async_add_delta_content_stream(self.entity_id, deltas()):
            pass
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech("spoken already")
        return conversation.ConversationResult(response=response)


async def test_a_long_answer_begins_before_it_is_whole(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    talker = Talker()
    await converse_with(house, talker)
    turn = await satellite.begin_turn()
    await satellite.speak()
    await speech.wait_for("synthesize-chunk")
    assert not speech.of_type("synthesize-stop")
    talker.go_on.set()
    await satellite.wait_for("audio-stop")
    await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")
    assert satellite.of_turn(turn).count("audio-start") == 1


@pytest.mark.parametrize(
    ("type_", "data", "payload"),
    [
        ("audio-chunk", {"rate": 44100, "width": 2, "channels": 1}, b"\0\0"),
        ("audio-chunk", {"rate": 16000, "width": 2, "channels": 1}, b"\0"),
        ("audio-chunk", {}, b"\0\0"),
        ("run-pipeline", {"start_stage": "wake", "end_stage": "tts"}, None),
        ("run-pipeline", {"start_stage": "asr", "turn": "one"}, None),
        ("detection", {"name": 5}, None),
        ("status", {"muted": True, "microphone": True, "loudspeaker": True}, None),
        ("status", {"muted": 1, "muted_on_device": 0, "microphone": 1, "loudspeaker": 1}, None),
        ("info", {"satellite": "kitchen"}, None),
        ("info", {"wake": [{"name": "x"}]}, None),
    ],
)
async def test_impossible_content_is_refused_and_the_satellite_kept(
    house: HomeAssistant,
    satellite: FakeSatellite,
    type_: str,
    data: dict[str, Any],
    payload: bytes | None,
) -> None:
    await satellite.send(Event(type=type_, data=data, payload=payload))
    assert (await satellite.wait_for("error")).data["code"] == "bad-request"
    await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("audio-stop")
    assert len(satellite.of_type("run-satellite")) == 1


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", b'{"type": "x", "data_length": 1e99}\n', b"[]\n", b"\xff\n"]
)
async def test_a_satellite_that_breaks_the_protocol_is_dropped_and_taken_back(
    house: HomeAssistant, satellite: FakeSatellite, data: bytes
) -> None:
    await satellite.send_raw(data)
    await satellite.wait_for("run-satellite", 2)
    await reaches(house, "idle")
