"""Mute that means it: over real sockets, with a microphone that shows whether it is open."""

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
from tests.room.room_parts import (
    WAKE_WORD,
    Controller,
    FakeMicrophone,
    House,
    ScriptedDetector,
    heard_values,
)


async def status_after(controller: Controller, event_type: str, **data: Any) -> dict[str, Any]:
    await controller.send(event_type, **data)
    return (await controller.receive("status")).data


async def events_until_pong(controller: Controller) -> list[Event]:
    await controller.send("ping")
    return await controller.receive_until("pong")


async def test_status_is_told_to_who_takes_the_satellite(house: House) -> None:
    controller = await house.connect()
    assert await status_after(controller, "run-satellite") == {
        "muted": False,
        "muted_on_device": False,
        "microphone": True,
        "loudspeaker": True,
    }


async def test_home_assistant_mutes_and_unmutes(house: House) -> None:
    controller = await house.control()
    await house.microphone.until(is_open=True)
    status = await status_after(controller, "mute", muted=True)
    assert (status["muted"], status["muted_on_device"]) == (True, False)
    await house.microphone.until(is_open=False)
    assert house.loudspeaker.cues == [Cue.MUTED]
    house.microphone.hear(1, WAKE_WORD)
    assert [event.type for event in await events_until_pong(controller)] == ["pong"]
    assert not (await status_after(controller, "mute", muted=False))["muted"]
    await house.microphone.until(is_open=True)
    assert (await controller.receive("run-pipeline")).data["turn"] == 1
    assert house.loudspeaker.cues == [Cue.MUTED, Cue.UNMUTED, Cue.HEARD]


async def test_muted_on_the_device_only_the_device_unmutes(house: House) -> None:
    controller = await house.control()
    await house.room.mute_on_device(True)
    status = (await controller.receive("status")).data
    assert (status["muted"], status["muted_on_device"]) == (True, True)
    await controller.send("mute", muted=False)
    assert (await controller.receive("error")).data["code"] == "muted-on-device"
    await house.microphone.until(is_open=False)
    await house.room.mute_on_device(False)
    assert not (await controller.receive("status")).data["muted"]
    await house.microphone.until(is_open=True)


async def test_muting_in_a_turn_ends_the_stream_at_once(house: House) -> None:
    controller = await house.control()
    house.microphone.hear(1, 2, WAKE_WORD, 3)
    await controller.receive("audio-start")
    await controller.send("mute", muted=True)
    await controller.receive("audio-stop")
    assert (await controller.receive("error")).data["code"] == "turn-given-up"
    house.microphone.hear(*range(10, 30), WAKE_WORD)
    assert heard_values(await events_until_pong(controller)) == []


async def test_what_was_heard_before_muting_is_gone_after(house: House) -> None:
    controller = await house.control()
    house.microphone.hear(*range(1, 18))
    await asyncio.sleep(0.3)
    await status_after(controller, "mute", muted=True)
    await house.microphone.until(is_open=False)
    await status_after(controller, "mute", muted=False)
    house.microphone.hear(100, WAKE_WORD, 101)
    heard: list[int] = []
    while 101 not in heard:
        heard += heard_values(await controller.receive_until("audio-chunk"))
    assert set(heard) <= {0, 100, WAKE_WORD, 101}


async def test_muted_a_turn_that_home_assistant_asks_for_is_refused(house: House) -> None:
    controller = await house.control()
    await status_after(controller, "mute", muted=True)
    await controller.send("run-pipeline", start_stage="asr", end_stage="tts")
    assert (await controller.receive("error")).data["code"] == "muted"
    await controller.say(b"\1\2")
    await controller.receive("played")
    assert house.loudspeaker.played == b"\1\2"


async def test_mute_is_kept(house: House) -> None:
    controller = await house.control()
    await status_after(controller, "mute", muted=True)
    await house.room.mute_on_device(True)
    assert type(house.settings)(house.state_dir, []).mute == Mute(
        by_home_assistant=True, on_device=True
    )


async def test_a_mute_that_cannot_be_kept_is_done_and_said(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Mute) -> None:
        raise UserError("no space")

    monkeypatch.setattr(house.settings, "keep_mute", fail)
    controller = await house.control()
    status = await status_after(controller, "mute", muted=True)
    assert status["muted"]
    assert status["mute_kept"] is False
    assert (await controller.receive("error")).data["code"] == "failed"
    await house.microphone.until(is_open=False)


async def test_who_is_not_the_controller_cannot_mute(house: House) -> None:
    await house.control()
    other = await house.connect()
    await other.send("mute", muted=True)
    assert [event.type for event in await events_until_pong(other)] == ["pong"]
    assert not house.room.muted


@pytest.mark.parametrize("data", [{}, {"muted": None}, {"muted": "yes"}, {"muted": 1}])
async def test_an_impossible_mute_is_refused(house: House, data: dict[str, Any]) -> None:
    controller = await house.control()
    await controller.send("mute", **data)
    assert (await controller.receive("error")).data["code"] == "bad-request"


async def test_a_lost_microphone_and_loudspeaker_are_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indoor_voice.room.sound.listener._BACKOFF_SECONDS", (0.05,))
    controller = await house.control()
    house.microphone.sound.put(None)
    assert not (await controller.receive("status")).data["microphone"]
    assert (await controller.receive("status")).data["microphone"]
    house.loudspeaker.works = False
    house.loudspeaker.on_change()
    assert not (await controller.receive("status")).data["loudspeaker"]


async def test_the_lamp_shows_when_sound_leaves_and_when_none_can(house: House) -> None:
    shown: list[Lamp] = []
    house.room.show = shown.append
    controller = await house.control()
    house.microphone.hear(WAKE_WORD)
    await controller.receive("audio-start")
    await controller.send("voice-stopped", turn=1)
    await controller.receive("audio-stop")
    await house.room.mute_on_device(True)
    assert shown == [Lamp.STREAMING, Lamp.DARK, Lamp.MUTED]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.001, 0.02])), max_size=8))
async def test_nothing_is_heard_while_resting_however_it_is_switched(
    switches: list[tuple[bool, float]],
) -> None:
    microphone = FakeMicrophone()
    resting, heard_resting = False, 0

    def hear(*_: object) -> None:
        nonlocal heard_resting
        heard_resting += resting

    async with Listener(microphone, ScriptedDetector(), hear, lambda: None) as listener:
        for wish, seconds in switches:
            microphone.hear(1, 2, 3)
            resting = wish
            listener.rest(resting=wish)
            await asyncio.sleep(seconds)
        resting = True
        listener.rest(resting=True)
        assert await listener.until_closed()
        assert not microphone.is_open
        microphone.hear(4)
        await asyncio.sleep(0.01)
    assert heard_resting == 0
