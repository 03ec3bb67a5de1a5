"""A satellite follows docs/wire.md, with real sockets and fake devices."""

import asyncio
from typing import Any

import pytest
from wyoming.info import Info

from indoor_voice.link.wire import PeerGoneError
from indoor_voice.room.settings import Settings
from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.sound.pcm import PcmFormat
from indoor_voice.room.sound.pre_roll import PRE_ROLL_SECONDS
from indoor_voice.room.turn import machine as turn_module
from indoor_voice.room.wire import controller as controller_module
from tests.room.room_parts import WAKE_WORD, ServedSatellite, heard_values


async def test_describe_returns_what_the_satellite_is(satellite: ServedSatellite) -> None:
    controller = await satellite.connect()
    await controller.send("describe")
    event = await controller.receive("info")
    info = Info.from_event(event)
    assert info.satellite is not None
    assert (info.satellite.name, info.satellite.area) == ("Kitchen satellite", "Kitchen")
    assert info.satellite.active_wake_words == ["hey_jarvis"]
    assert info.satellite.supports_trigger
    assert not info.satellite.has_vad
    assert {model.name: model.phrase for model in info.wake[0].models} == {
        "alexa": "alexa",
        "hey_jarvis": "hey jarvis",
        "hey_marvin": "hey marvin",
        "hey_mycroft": "hey mycroft",
        "okay_nabu": "okay nabu",
    }
    assert (info.mic[0].mic_format.rate, info.snd[0].snd_format.rate) == (16_000, 22_050)
    assert event.data["indoor_voice"]["kind"] == "satellite"


async def test_before_the_wake_word_nothing_is_sent(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(*range(1, 100))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await controller.connection.receive()


async def test_a_turn_begins_with_the_whole_wake_word(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(*range(1, 100), WAKE_WORD, 101, 102, 103)
    events = await controller.receive_until("audio-start")
    assert [event.type for event in events] == ["detection", "run-pipeline", "audio-start"]
    assert events[0].data["name"] == "hey_jarvis"
    assert events[1].data["turn"] == 1
    assert events[1].data["wake_word_name"] == "hey_jarvis"
    assert (events[1].data["start_stage"], events[1].data["end_stage"]) == ("asr", "tts")
    heard: list[int] = []
    while 103 not in heard:
        heard += heard_values(await controller.receive_until("audio-chunk"))
    before = heard.index(WAKE_WORD)
    assert heard == [*range(100 - before, 100), WAKE_WORD, 101, 102, 103]
    assert PRE_ROLL_SECONDS <= (before + 1) * 0.08 <= 2


async def test_a_turn_to_its_answer(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    await controller.send("voice-stopped", turn=1)
    await controller.receive("audio-stop")
    await controller.send("pipeline-ended", answer=True, turn=1)
    await controller.say(b"\1\2" * 100, turn=1)
    await controller.receive("played")
    assert satellite.loudspeaker.played == b"\1\2" * 100
    assert satellite.loudspeaker.cues == [Cue.HEARD]
    satellite.microphone.hear(WAKE_WORD)
    assert (await controller.receive("run-pipeline")).data["turn"] == 2


async def test_an_old_answer_is_not_given(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    await controller.send("voice-stopped", turn=1)
    await controller.receive("audio-stop")
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    await controller.say(b"\1\2", turn=1)
    await controller.send("voice-stopped", turn=1)
    await controller.send("voice-stopped", turn=2)
    await controller.say(b"\3\4", turn=2)
    await controller.receive("played")
    assert satellite.loudspeaker.played == b"\3\4"


@pytest.mark.parametrize("satellite", [True], indirect=True, ids=["quiet"])
async def test_no_microphone_opens_in_silence_without_a_wake_word(
    satellite: ServedSatellite,
) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    assert satellite.loudspeaker.cues == []
    await controller.send("error", text="", code="duplicate_wake_up_detected", turn=1)
    await controller.receive("audio-stop")
    await controller.send("run-pipeline", start_stage="asr", end_stage="tts")
    await controller.receive("run-pipeline")
    assert satellite.loudspeaker.cues == [Cue.HEARD]


async def test_home_assistant_may_begin_a_turn_and_hears_nothing_from_before(
    satellite: ServedSatellite,
) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(*range(1, 100))
    await asyncio.sleep(0.2)
    await controller.send("run-pipeline", start_stage="asr", end_stage="tts")
    events = await controller.receive_until("run-pipeline")
    assert [event.type for event in events] == ["run-pipeline"]
    satellite.microphone.hear(200)
    await controller.receive("audio-start")
    heard: list[int] = []
    while 200 not in heard:
        heard += heard_values(await controller.receive_until("audio-chunk"))
    assert set(heard) <= {0, 200}


async def test_an_announcement_is_played(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    await controller.say(b"\1\2")
    await controller.receive("played")
    assert satellite.loudspeaker.played == b"\1\2"
    assert satellite.loudspeaker.played_format == PcmFormat(rate=16_000, width=2, channels=1)


async def test_a_stream_that_nobody_ends_is_closed(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_module, "LISTEN_SECONDS", 0.3)
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("audio-stop")
    given_up = await controller.receive("error")
    assert given_up.data["code"] == "turn-given-up"
    assert given_up.data["turn"] == 1
    assert satellite.loudspeaker.cues == [Cue.HEARD, Cue.FAILED]
    satellite.microphone.hear(*range(1, 10))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await controller.connection.receive()


async def test_without_home_assistant_a_wake_word_fails_aloud(satellite: ServedSatellite) -> None:
    satellite.microphone.hear(WAKE_WORD)
    await satellite.loudspeaker.until_cue(Cue.FAILED)
    assert satellite.loudspeaker.cues == [Cue.FAILED]


async def test_losing_home_assistant_in_a_turn_fails_aloud(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    await controller.connection.close()
    await satellite.loudspeaker.until_cue(Cue.FAILED)


async def test_the_newest_controller_wins_and_the_former_is_closed(
    satellite: ServedSatellite,
) -> None:
    former, newest = await satellite.control(), await satellite.control()
    with pytest.raises(PeerGoneError):
        await former.receive("never")
    satellite.microphone.hear(WAKE_WORD)
    await newest.receive("run-pipeline")


async def test_only_the_controller_receives_and_plays_sound(satellite: ServedSatellite) -> None:
    controller, other = await satellite.control(), await satellite.connect()
    await other.say(b"\1\2")
    await other.send("run-pipeline", start_stage="asr", end_stage="tts")
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    await other.send("voice-stopped")
    await other.send("ping", text="still there?")
    events = await other.receive_until("pong")
    assert [event.type for event in events] == ["pong"]
    assert satellite.loudspeaker.played == b""
    satellite.microphone.hear(7)
    await controller.receive("audio-chunk")


async def test_a_paused_satellite_has_no_controller(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    await controller.send("pause-satellite")
    await controller.send("ping", text="are you there?")
    assert (await controller.receive("pong")).data["text"] == "are you there?"
    satellite.microphone.hear(WAKE_WORD)
    await satellite.loudspeaker.until_cue(Cue.FAILED)
    assert satellite.loudspeaker.cues == [Cue.FAILED]


async def test_a_silent_controller_is_dead(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller = await satellite.control()
    monkeypatch.setattr(controller_module, "SILENT_SECONDS", 0.2)
    await controller.send("ping")  # from now on it is silent
    with pytest.raises(PeerGoneError):
        await controller.receive("never")
    satellite.microphone.hear(WAKE_WORD)
    await satellite.loudspeaker.until_cue(Cue.FAILED)
    assert satellite.loudspeaker.cues == [Cue.FAILED]


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("audio-start", {"rate": 0, "width": 2, "channels": 1}),
        ("audio-start", {"rate": 16_000, "width": 9, "channels": 1}),
        ("audio-start", {"rate": True, "width": 2, "channels": 1}),
        ("audio-start", {}),
        ("pipeline-ended", {"answer": "yes"}),
        ("voice-stopped", {"turn": "latest"}),
        ("audio-stop", {"turn": [1]}),
        ("detect", {"names": "hey_jarvis"}),
        ("detect", {"names": None}),
        ("detect", {"names": [1]}),
        ("detect", {"names": ["alexa"], "wake_sensitivities": "strong"}),
        ("detect", {"names": ["alexa"], "wake_sensitivities": {"alexa": "loud"}}),
        ("detect", {"names": ["alexa"], "wake_sensitivities": {"alexa": 1.5}}),
        ("detect", {"names": ["alexa"], "wake_sensitivities": {"alexa": True}}),
    ],
)
async def test_an_impossible_event_is_answered_and_ignored(
    satellite: ServedSatellite, event_type: str, data: dict[str, Any]
) -> None:
    controller = await satellite.control()
    await controller.send(event_type, **data)
    assert (await controller.receive("error")).data["code"] == "bad-request"
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")


async def test_an_unknown_event_is_ignored(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    await controller.send("levitate", height=3)
    await controller.send("audio-chunk", b"\1\2")
    await controller.send("audio-stop")
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.1\r\n\r\n", b'{"type":"x","payload_length":1000000000}\n', b"\xff\n"]
)
async def test_garbage_closes_only_its_own_connection(
    satellite: ServedSatellite, garbage: bytes
) -> None:
    controller, other = await satellite.control(), await satellite.connect()
    other.writer.write(garbage)
    with pytest.raises(PeerGoneError):
        await other.receive("never")
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")


async def test_home_assistant_chooses_the_wake_words(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    await controller.send("detect", names=["alexa", "hey_mycroft", "alexa"])
    info = Info.from_event(await controller.receive("info"))
    assert info.satellite is not None
    assert info.satellite.active_wake_words == ["alexa", "hey_mycroft"]
    satellite.microphone.hear(0, WAKE_WORD)
    assert (await controller.receive("detection")).data["name"] == "alexa"


async def test_sensitivities_are_chosen_and_described_and_kept(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    chosen = {"alexa": "strong", "hey_jarvis": 0.25}
    await controller.send("detect", names=["alexa", "hey_jarvis"], wake_sensitivities=chosen)
    described = (await controller.receive("info")).data["indoor_voice"]["wake_sensitivities"]
    assert described == {
        "alexa": "strong",
        "hey_jarvis": 0.25,
        "hey_marvin": "default",
        "hey_mycroft": "default",
        "okay_nabu": "default",
    }
    # Those that are not named stay as they are.
    await controller.send("detect", names=["alexa"], wake_sensitivities={"hey_jarvis": "slight"})
    await controller.receive("info")
    satellite.microphone.hear(0, WAKE_WORD)
    await controller.receive("detection")
    assert satellite.detector.sensitivities == {"alexa": 1.0, "hey_jarvis": 0.0}
    restarted = Settings(satellite.state_dir, ["hey_jarvis"])
    assert restarted.sensitivities == {"alexa": 1.0, "hey_jarvis": 0.0}


async def test_the_sensitivity_of_an_unknown_wake_word_is_refused(
    satellite: ServedSatellite,
) -> None:
    controller = await satellite.control()
    await controller.send("detect", names=["alexa"], wake_sensitivities={"open sesame": "strong"})
    assert (await controller.receive("error")).data["code"] == "unknown-wake-word"


async def test_an_unknown_wake_word_is_refused(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    await controller.send("detect", names=["alexa", "open sesame"])
    assert (await controller.receive("error")).data["code"] == "unknown-wake-word"
    satellite.microphone.hear(WAKE_WORD)
    assert (await controller.receive("detection")).data["name"] == "hey_jarvis"


async def test_a_controller_that_receives_nothing_is_disconnected(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller_module, "MAX_QUEUED_EVENTS", 8)
    controller = await satellite.control()
    monkeypatch.setattr(controller.connection, "receive", None)
    for _ in range(40):
        satellite.microphone.hear(WAKE_WORD, *range(1, 100))
        await asyncio.sleep(0.05)
        if Cue.FAILED in satellite.loudspeaker.cues:
            break
    assert Cue.FAILED in satellite.loudspeaker.cues


async def test_a_lost_microphone_is_reopened(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("indoor_voice.room.sound.listener.BACKOFF_SECONDS", (0.01,))
    controller = await satellite.control()
    for _ in range(3):
        satellite.microphone.sound.put(None)
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    assert [r.getMessage() for r in caplog.records if r.levelname == "ERROR"] == [
        "The microphone cannot be used, trying again: unplugged"
    ]
