"""Muting closes the microphone, over real sockets and with a microphone that shows its state."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wyoming.event import Event

from indoor_voice.errors import UserError
from indoor_voice.room.controls.lamp import Lamp
from indoor_voice.room.mute import Mute
from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.sound.listener import Listener
from indoor_voice.room.sound.own_sound import OwnSound
from tests.room.room_parts import (
    WAKE_WORD,
    Controller,
    FakeMicrophone,
    ScriptedDetector,
    ServedSatellite,
    heard_values,
)
from tests.waiting import until


async def status_after(controller: Controller, event_type: str, **data: Any) -> dict[str, Any]:
    await controller.send(event_type, **data)
    return (await controller.receive("status")).data


async def events_until_pong(controller: Controller) -> list[Event]:
    await controller.send("ping")
    return await controller.receive_until("pong")


async def test_status_is_sent_to_a_new_controller(satellite: ServedSatellite) -> None:
    controller = await satellite.connect()
    assert await status_after(controller, "run-satellite") == {
        "muted": False,
        "muted_on_device": False,
        "microphone": True,
        "loudspeaker": True,
    }


async def test_home_assistant_mutes_and_unmutes(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    await satellite.microphone.until(is_open=True)
    status = await status_after(controller, "mute", muted=True)
    assert (status["muted"], status["muted_on_device"]) == (True, False)
    await satellite.microphone.until(is_open=False)
    assert satellite.loudspeaker.cues == [Cue.MUTED]
    satellite.microphone.hear(1, WAKE_WORD)
    assert [event.type for event in await events_until_pong(controller)] == ["pong"]
    assert not (await status_after(controller, "mute", muted=False))["muted"]
    await satellite.microphone.until(is_open=True)
    assert (await controller.receive("run-pipeline")).data["turn"] == 1
    assert satellite.loudspeaker.cues == [Cue.MUTED, Cue.UNMUTED, Cue.HEARD]


async def test_a_mute_on_the_device_can_only_be_undone_there(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    await satellite.room.mute_on_device(True)
    status = (await controller.receive("status")).data
    assert (status["muted"], status["muted_on_device"]) == (True, True)
    await controller.send("mute", muted=False)
    assert (await controller.receive("error")).data["code"] == "muted-on-device"
    await satellite.microphone.until(is_open=False)
    await satellite.room.mute_on_device(False)
    assert not (await controller.receive("status")).data["muted"]
    await satellite.microphone.until(is_open=True)


async def test_muting_in_a_turn_ends_the_stream_at_once(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(1, 2, WAKE_WORD, 3)
    await controller.receive("audio-start")
    await controller.send("mute", muted=True)
    await controller.receive("audio-stop")
    assert (await controller.receive("error")).data["code"] == "turn-given-up"
    satellite.microphone.hear(*range(10, 30), WAKE_WORD)
    assert heard_values(await events_until_pong(controller)) == []


async def test_sound_from_before_muting_is_discarded(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(*range(1, 18))
    await asyncio.sleep(0.3)
    await status_after(controller, "mute", muted=True)
    await satellite.microphone.until(is_open=False)
    await status_after(controller, "mute", muted=False)
    satellite.microphone.hear(100, WAKE_WORD, 101)
    heard: list[int] = []
    while 101 not in heard:
        heard += heard_values(await controller.receive_until("audio-chunk"))
    assert set(heard) <= {0, 100, WAKE_WORD, 101}


async def test_muted_a_turn_that_home_assistant_asks_for_is_refused(
    satellite: ServedSatellite,
) -> None:
    controller = await satellite.control()
    await status_after(controller, "mute", muted=True)
    await controller.send("run-pipeline", start_stage="asr", end_stage="tts")
    assert (await controller.receive("error")).data["code"] == "muted"
    await controller.say(b"\1\2")
    await controller.receive("played")
    assert satellite.loudspeaker.played == b"\1\2"


async def test_mute_is_saved(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    await status_after(controller, "mute", muted=True)
    await satellite.room.mute_on_device(True)
    assert type(satellite.settings)(satellite.state_dir, []).mute == Mute(
        by_home_assistant=True, on_device=True
    )


async def test_a_mute_that_cannot_be_saved_takes_effect_and_is_reported(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Mute) -> None:
        raise UserError("no space")

    monkeypatch.setattr(satellite.settings, "save_mute", fail)
    controller = await satellite.control()
    status = await status_after(controller, "mute", muted=True)
    assert status["muted"]
    assert status["mute_kept"] is False
    assert (await controller.receive("error")).data["code"] == "failed"
    await satellite.microphone.until(is_open=False)


async def test_only_the_controller_can_mute(satellite: ServedSatellite) -> None:
    await satellite.control()
    other = await satellite.connect()
    await other.send("mute", muted=True)
    assert [event.type for event in await events_until_pong(other)] == ["pong"]
    assert not satellite.room.muted


@pytest.mark.parametrize("data", [{}, {"muted": None}, {"muted": "yes"}, {"muted": 1}])
async def test_an_impossible_mute_is_refused(
    satellite: ServedSatellite, data: dict[str, Any]
) -> None:
    controller = await satellite.control()
    await controller.send("mute", **data)
    assert (await controller.receive("error")).data["code"] == "bad-request"


async def test_a_lost_microphone_and_loudspeaker_are_reported(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indoor_voice.room.sound.listener.BACKOFF_SECONDS", (0.05,))
    controller = await satellite.control()
    satellite.microphone.sound.put(None)
    assert not (await controller.receive("status")).data["microphone"]
    assert (await controller.receive("status")).data["microphone"]
    satellite.loudspeaker.works = False
    satellite.loudspeaker.on_change()
    assert not (await controller.receive("status")).data["loudspeaker"]


async def test_the_lamp_shows_when_sound_leaves_and_when_none_can(
    satellite: ServedSatellite,
) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("audio-start")
    await controller.send("voice-stopped", turn=1)
    await controller.receive("audio-stop")
    await until(lambda: satellite.lamp.shown, lambda shown: shown == [Lamp.STREAMING, Lamp.DARK])
    await satellite.room.mute_on_device(True)
    assert satellite.lamp.shown == [Lamp.STREAMING, Lamp.DARK, Lamp.MUTED]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.001, 0.02])), max_size=8))
async def test_nothing_is_heard_while_paused_however_it_is_switched(
    switches: list[tuple[bool, float]],
) -> None:
    microphone = FakeMicrophone()
    paused, heard_while_paused = False, 0

    def hear(*_: object) -> None:
        nonlocal heard_while_paused
        heard_while_paused += paused

    async with Listener(microphone, ScriptedDetector(), OwnSound(), hear, lambda: None) as listener:
        for switch, seconds in switches:
            microphone.hear(1, 2, 3)
            paused = switch
            listener.set_paused(paused=paused)
            await asyncio.sleep(seconds)
        paused = True
        listener.set_paused(paused=True)
        assert await listener.until_closed()
        assert not microphone.is_open
        microphone.hear(4)
        await asyncio.sleep(0.01)
    assert heard_while_paused == 0
