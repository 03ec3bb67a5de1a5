"""The switch that mutes a satellite's microphone."""

import asyncio
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from wyoming.event import Event

from custom_components.indoor_voice.devices import request

from .waiting import SATELLITE, reaches, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite

MUTE = "switch.kitchen_kitchen_satellite_mute"
STORAGE = "binary_sensor.kitchen_kitchen_satellite_storage"


async def turn(hass: HomeAssistant, state: str) -> None:
    await hass.services.async_call("switch", f"turn_{state}", {"entity_id": MUTE}, blocking=True)


def state_of(hass: HomeAssistant) -> str:
    state = hass.states.get(MUTE)
    assert state is not None
    return state.state


@pytest.fixture
async def home(house: HomeAssistant) -> HomeAssistant:
    """The satellite has reported that it is not muted."""
    await shows(house, MUTE, lambda state: state == "off")
    return house


async def test_it_mutes_and_unmutes(home: HomeAssistant, satellite: FakeSatellite) -> None:
    await turn(home, "on")
    assert state_of(home) == "on"
    await turn(home, "off")
    assert state_of(home) == "off"
    assert [event.data["muted"] for event in satellite.of_type("mute")] == [True, False]


async def test_it_follows_the_device(home: HomeAssistant, satellite: FakeSatellite) -> None:
    await satellite.report_status(muted=True, muted_on_device=True)
    await shows(home, MUTE, lambda state: state == "on")
    await satellite.report_status(muted=False, muted_on_device=False)
    await shows(home, MUTE, lambda state: state == "off")


async def test_what_the_device_muted_only_the_device_unmutes(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.report_status(muted=True, muted_on_device=True)
    await shows(home, MUTE, lambda state: state == "on")
    with pytest.raises(ServiceValidationError, match="Unmute it there"):
        await turn(home, "off")
    assert state_of(home) == "on"


async def test_the_satellite_says_what_holds_after_a_loss(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.stop()
    await shows(home, MUTE, lambda state: state == "unavailable")
    satellite.status["muted"] = True
    await satellite.start()
    await shows(home, MUTE, lambda state: state == "on")


async def test_a_satellite_that_does_not_answer_is_as_muted_as_it_was(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.answers_mute = False
    with (
        patch.object(request, "ANSWER_SECONDS", 0.1),
        pytest.raises(HomeAssistantError, match="didn't change its mute"),
    ):
        await turn(home, "on")
    assert state_of(home) == "off"


async def test_a_satellite_that_leaves_is_not_waited_for(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.answers_mute = False
    muting = asyncio.create_task(turn(home, "on"))
    await satellite.wait_for("mute")
    satellite.drop()
    with pytest.raises(HomeAssistantError, match="didn't change its mute"):
        await muting


async def test_a_satellite_that_cannot_says_so(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.answers_mute = False
    muting = asyncio.create_task(turn(home, "on"))
    await satellite.wait_for("mute")
    await satellite.send(Event(type="error", data={"code": "failed", "text": ""}))
    with pytest.raises(HomeAssistantError, match="didn't change its mute"):
        await muting


async def test_a_mute_that_a_restart_would_undo_is_no_success(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.answers_mute = False
    muting = asyncio.create_task(turn(home, "on"))
    await satellite.wait_for("mute")
    await satellite.report_status(muted=True, storage=False, mute_kept=False)
    await satellite.send(Event(type="error", data={"code": "failed", "text": ""}))
    with pytest.raises(HomeAssistantError, match="open again after a restart"):
        await muting
    assert state_of(home) == "on"
    await shows(home, STORAGE, lambda state: state == "on")


async def test_a_microphone_that_must_stay_closed_is_said_to_be(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await turn(home, "on")
    satellite.answers_mute = False
    muting = asyncio.create_task(turn(home, "off"))
    await satellite.wait_for("mute", 2)
    await satellite.send(Event(type="error", data={"code": "failed", "text": ""}))
    with pytest.raises(HomeAssistantError, match="stays closed"):
        await muting
    assert state_of(home) == "on"


async def test_other_news_is_no_answer(home: HomeAssistant, satellite: FakeSatellite) -> None:
    satellite.answers_mute = False
    muting = asyncio.create_task(turn(home, "on"))
    await satellite.wait_for("mute")
    await satellite.report_status(loudspeaker=False)
    await satellite.begin_turn("unheard")
    await reaches(home, "listening")
    assert not muting.done()
    await satellite.report_status(muted=True)
    await muting


async def test_the_muted_are_not_asked(home: HomeAssistant, satellite: FakeSatellite) -> None:
    await turn(home, "on")
    with pytest.raises(HomeAssistantError, match="Unmute it first"):
        await home.services.async_call(
            "assist_satellite",
            "ask_question",
            {"entity_id": SATELLITE, "question": "Really?", "preannounce": False},
            blocking=True,
            return_response=True,
        )
    assert not satellite.of_type("audio-start")
    await reaches(home, "idle")


async def test_the_muted_still_hear_announcements(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await turn(home, "on")
    await home.services.async_call(
        "assist_satellite",
        "announce",
        {"entity_id": SATELLITE, "message": "Dinner is ready", "preannounce": False},
        blocking=True,
    )
    assert satellite.of_type("audio-start")
