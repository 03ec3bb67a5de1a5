"""Waiting until a satellite can detect wake words, so that users can speak at once."""

import asyncio

from indoor_voice.room.sound.listener import Listener
from indoor_voice.room.sound.own_sound import OwnSound
from indoor_voice.room.sound.wake_models import built_in_models
from indoor_voice.room.sound.wake_word import Detector
from tests.room.room_parts import FakeMicrophone
from tests.waiting import PATIENCE_SECONDS


def listening_to(microphone: FakeMicrophone, heard: list[bool]) -> Listener:
    detector = Detector([built_in_models()["hey_jarvis"]])
    return Listener(
        microphone,
        detector,
        OwnSound(),
        lambda *_: heard.append(detector.ready),
        on_change=lambda: None,
    )


async def test_it_is_ready_once_a_wake_word_can_be_detected() -> None:
    heard: list[bool] = []
    async with listening_to(FakeMicrophone(), heard) as listener:
        await listener.until_ready()
    assert heard[-1]
    assert not all(heard), "nothing can be detected right after opening"


async def test_a_microphone_that_fails_is_not_waited_for() -> None:
    microphone, heard = FakeMicrophone(), list[bool]()
    microphone.sound.put(None)
    async with listening_to(microphone, heard) as listener:
        await listener.until_ready()
        assert heard == []
        assert not listener.works


async def test_a_paused_microphone_is_not_waited_for() -> None:
    microphone = FakeMicrophone()
    listener = listening_to(microphone, [])
    listener.set_paused(paused=True)
    async with listener, asyncio.timeout(PATIENCE_SECONDS):
        await listener.until_ready()
        assert not microphone.is_open
