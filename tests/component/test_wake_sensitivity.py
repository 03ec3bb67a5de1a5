"""How readily a satellite wakes, chosen for each of its wake words."""

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.exceptions import HomeAssistantError

from custom_components.indoor_voice.devices import request
from tests.waiting import until

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite

JARVIS = "select.kitchen_kitchen_satellite_sensitivity_to_hey_jarvis"
ALEXA = "select.kitchen_kitchen_satellite_sensitivity_to_alexa"


async def shows(house: HomeAssistant, entity_id: str, state: str | None) -> None:
    def shown() -> str | None:
        found = house.states.get(entity_id)
        return None if found is None else found.state

    await until(shown, lambda now: now == state)


async def describe(satellite: FakeSatellite, **levels: Any) -> None:
    """Let the satellite describe itself again, with these sensitivities."""
    satellite.wake_sensitivities = levels
    await satellite.send(satellite.description())


async def choose(house: HomeAssistant, entity_id: str, option: str) -> None:
    data = {"entity_id": entity_id, "option": option}
    await house.services.async_call("select", "select_option", data, blocking=True)


async def test_it_is_shown_for_the_wake_words_that_are_listened_for(
    house: HomeAssistant, satellite: FakeSatellite, hass_ws_client: Any
) -> None:
    await describe(satellite, hey_jarvis="strong", alexa="default")
    await shows(house, JARVIS, "strong")
    await shows(house, ALEXA, None)
    client = await hass_ws_client(house)
    await client.send_json_auto_id(
        {
            "type": "assist_satellite/set_wake_words",
            "entity_id": "assist_satellite.kitchen_kitchen_satellite",
            "wake_word_ids": ["alexa"],
        }
    )
    assert (await client.receive_json())["success"]
    await shows(house, ALEXA, "default")
    await shows(house, JARVIS, STATE_UNAVAILABLE)


async def test_it_is_chosen_and_the_wake_words_stay(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await describe(satellite, hey_jarvis="default")
    await shows(house, JARVIS, "default")
    await choose(house, JARVIS, "slight")
    await shows(house, JARVIS, "slight")
    (asked,) = satellite.of_type("detect")
    assert asked.data["names"] == ["hey_jarvis"]
    assert asked.data["wake_sensitivities"] == {"hey_jarvis": "slight"}


async def test_a_number_from_the_command_line_is_no_level(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await describe(satellite, hey_jarvis=0.6)
    await shows(house, JARVIS, STATE_UNKNOWN)
    await choose(house, JARVIS, "strong")
    await shows(house, JARVIS, "strong")


@pytest.mark.parametrize("level", ["loud", 2, -0.1, True, None, [], {}])
async def test_an_impossible_report_is_ignored(
    house: HomeAssistant, satellite: FakeSatellite, level: Any
) -> None:
    await describe(satellite, hey_jarvis="default")
    await shows(house, JARVIS, "default")
    await describe(satellite, hey_jarvis=level)
    await shows(house, JARVIS, STATE_UNAVAILABLE)


@pytest.mark.parametrize("takes", [False, None])
async def test_a_choice_that_is_not_taken_is_an_error(
    house: HomeAssistant, satellite: FakeSatellite, *, takes: bool | None
) -> None:
    await describe(satellite, hey_jarvis="default")
    await shows(house, JARVIS, "default")
    satellite.takes_wake_words = takes
    with (
        patch.object(request, "ANSWER_SECONDS", 0.1),
        pytest.raises(HomeAssistantError, match="sensitivity"),
    ):
        await choose(house, JARVIS, "strong")
    await shows(house, JARVIS, "default")


async def test_a_satellite_that_reports_none_has_none(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await describe(satellite)
    await satellite.report_status(muted=True)
    await shows(house, "switch.kitchen_kitchen_satellite_mute", "on")
    assert house.states.get(JARVIS) is None
