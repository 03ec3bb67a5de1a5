"""Speaks a turn in a room that keeps, and tells how it ended."""

from typing import TYPE_CHECKING

import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop

from tests.waiting import until

from .keeping import (
    Inhabitant,
    add_consenting_person,
    set_up_household,
    wait_for_totals,
)
from .peers import SECOND_BYTES, FakeSatellite
from .waiting import reaches

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from custom_components.indoor_voice.privacy.consent.rules import DropReason

LIGHT = "light.kitchen_light"


@pytest.fixture
async def ada(house: HomeAssistant, satellite: FakeSatellite) -> Inhabitant:
    """The only member, who consents to keeping."""
    await set_up_household(house)
    ada = await add_consenting_person(house, "Ada")
    await satellite.wait_for("audio-stop")  # the announcement that recordings are kept
    await reaches(house, "idle")
    await house.async_block_till_done()
    satellite.received.clear()
    house.states.async_set(LIGHT, "off", {"friendly_name": "kitchen light"})
    house.services.async_register("light", "turn_on", lambda _call: None)
    return ada


async def say(satellite: FakeSatellite, sound: bytes = bytes(SECOND_BYTES)) -> int:
    turn = await satellite.begin_turn()
    await satellite.send(AudioStart(16000, 2, 1))
    for start in range(0, len(sound), SECOND_BYTES // 10):
        await satellite.send(AudioChunk(16000, 2, 1, sound[start : start + SECOND_BYTES // 10]))
    await satellite.send(AudioStop())
    return turn


async def ends(house: HomeAssistant, satellite: FakeSatellite, count: int = 1) -> None:
    await satellite.wait_for("pipeline-ended", count)
    await reaches(house, "idle")
    await house.async_block_till_done(wait_background_tasks=False)


async def dropped(house: HomeAssistant, reason: DropReason, count: int = 1) -> None:
    """Wait until one turn has been dropped for this reason, and none for another."""
    await wait_for_totals(house, 0, {reason: count})


async def kept(house: HomeAssistant, who: Inhabitant, count: int = 1) -> None:
    async def recordings() -> int:
        return len(await who.recordings(house))

    await until(recordings, lambda recordings: recordings >= count)
