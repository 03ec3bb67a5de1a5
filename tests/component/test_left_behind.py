"""Turns leave none of our objects or tasks behind."""

import gc
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING
from unittest.mock import patch

from homeassistant.components.tts.const import DATA_TTS_MANAGER

from custom_components.indoor_voice.link import satellite as link
from tests.waiting import until

from .waiting import reaches

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite, FakeSpeech

TURNS = 15
OURS = ("custom_components.indoor_voice.", "_asyncio.Task")


async def take_turns(house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech) -> None:
    for number in range(TURNS):
        # A different answer each time, or Home Assistant would take it from its cache.
        speech.transcript = f"turn on lamp {number}"
        turn = await satellite.begin_turn(None)
        await satellite.speak(0.1)
        await until(partial(satellite.of_turn, turn), lambda types: "audio-stop" in types)
        await reaches(house, "idle")
        satellite.received.clear()
        speech.received.clear()


def count_objects() -> Counter[str]:
    gc.collect()
    names = (f"{type(o).__module__}.{type(o).__qualname__}" for o in gc.get_objects())
    return Counter(name for name in names if name.startswith(OURS))


async def test_turns_leave_nothing_of_ours_behind(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    with patch.object(link, "TURNS", (1000.0, 1000.0)), patch.object(link, "NEWS", (1e4, 1e4)):
        satellite.drop()
        await satellite.wait_for("run-satellite", 2)
        await take_turns(house, satellite, speech)
        before = count_objects()
        streams = len(house.data[DATA_TTS_MANAGER].token_to_stream)
        await take_turns(house, satellite, speech)
    grown = {
        name: count for name, count in (count_objects() - before).items() if count >= TURNS // 2
    }
    assert not grown
    assert len(house.data[DATA_TTS_MANAGER].token_to_stream) <= streams
