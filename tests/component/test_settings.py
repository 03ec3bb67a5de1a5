"""Settings of a satellite as entities: they show its own report, and change it at once."""

import math
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.indoor_voice.devices import request
from custom_components.indoor_voice.link.settings import NOISE_SUPPRESSIONS, NUMBERS
from indoor_voice.room import adjustments

from .waiting import CONNECTION, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite

ROOM = "kitchen_kitchen_satellite"
ALL = {
    f"number.{ROOM}_volume": ("volume", 1.0, "100.0"),
    f"number.{ROOM}_volume_of_cues": ("cue_volume", 0.2, "20.0"),
    f"number.{ROOM}_microphone_gain": ("microphone_gain_db", 0.0, "0.0"),
    f"number.{ROOM}_led_brightness": ("led_brightness", 0.2, "20.0"),
    f"select.{ROOM}_noise_suppression": ("noise_suppression", "off", "off"),
    f"switch.{ROOM}_echo_cancelling": ("echo_cancelling", True, "on"),
    f"switch.{ROOM}_thinking_sound": ("thinking_sound", False, "off"),
    f"switch.{ROOM}_listen_after_a_question": ("continued_conversation", True, "on"),
}
VOLUME = f"number.{ROOM}_volume"
type Change = tuple[str, str, dict[str, Any], Any, str]
CHANGES: list[Change] = [
    (VOLUME, "set_value", {"value": 35}, 0.35, "35.0"),
    (f"number.{ROOM}_microphone_gain", "set_value", {"value": -6}, -6.0, "-6.0"),
    (f"number.{ROOM}_led_brightness", "set_value", {"value": 5}, 0.05, "5.0"),
    (f"select.{ROOM}_noise_suppression", "select_option", {"option": "strong"}, "strong", "strong"),
    (f"switch.{ROOM}_echo_cancelling", "turn_off", {}, False, "off"),
    (f"switch.{ROOM}_thinking_sound", "turn_on", {}, True, "on"),
]


@pytest.fixture
async def home(house: HomeAssistant, satellite: FakeSatellite) -> HomeAssistant:
    """The satellite has all settings, and reports them."""
    await shows(house, CONNECTION, lambda state: state == "on")
    await satellite.report_settings(**{key: value for key, value, _ in ALL.values()})
    for entity_id, (_, _, state) in ALL.items():
        await shows(house, entity_id, state.__eq__)
    return house


async def call(hass: HomeAssistant, entity_id: str, action: str, **data: Any) -> None:
    domain = entity_id.partition(".")[0]
    data["entity_id"] = entity_id
    await hass.services.async_call(domain, action, data, blocking=True)


def shown(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


def test_both_sides_have_the_same_settings_and_bounds() -> None:
    everything = adjustments.Adjustments(
        led_brightness=0.2, noise_suppression=adjustments.NoiseSuppression.OFF
    )
    shown = {key for key, _, _ in ALL.values()}
    assert {*shown, "language"} == {*everything.as_data(), "echo_cancelling"}
    assert list(NOISE_SUPPRESSIONS) == list(adjustments.NoiseSuppression)
    for name, bounds in NUMBERS.items():
        for value in bounds:
            everything.changed({name: value})
        for value in (math.nextafter(bounds[0], -math.inf), math.nextafter(bounds[1], math.inf)):
            with pytest.raises(ValueError, match=name):
                everything.changed({name: value})


async def test_they_are_there_and_configure(home: HomeAssistant) -> None:
    registry = er.async_get(home)
    for entity_id in ALL:
        registered = registry.async_get(entity_id)
        assert registered is not None
        assert registered.entity_category == "config"


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change[0])
async def test_a_change_is_sent_and_shown(
    home: HomeAssistant, satellite: FakeSatellite, change: Change
) -> None:
    entity_id, action, data, sent, state = change
    await call(home, entity_id, action, **data)
    (asked,) = satellite.of_type("change-settings")
    assert asked.data == {"settings": {ALL[entity_id][0]: sent}}
    assert shown(home, entity_id) == state


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("failed", "disk is full"),
        ("bad-request", "didn't change"),
        ("", "didn't change"),
    ],
)
async def test_a_refused_change_is_an_error_and_changes_nothing(
    home: HomeAssistant, satellite: FakeSatellite, code: str, message: str
) -> None:
    satellite.refuses_settings = code
    with (
        patch.object(request, "ANSWER_SECONDS", 0.1),
        pytest.raises(HomeAssistantError, match=message),
    ):
        await call(home, VOLUME, "set_value", value=20)
    assert shown(home, VOLUME) == "100.0"


async def test_a_satellite_lost_during_a_change_is_an_error(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.refuses_settings = ""
    changing = home.async_create_task(call(home, VOLUME, "set_value", value=20))
    await satellite.wait_for("change-settings")
    await satellite.stop()
    with pytest.raises(HomeAssistantError, match="connected"):
        await changing
    await shows(home, VOLUME, lambda state: state == "unavailable")
    satellite.refuses_settings = None
    await satellite.start()
    await shows(home, VOLUME, lambda state: state == "100.0")


@pytest.mark.parametrize(
    "impossible",
    [
        {"volume": 0.01},
        {"volume": True},
        {"cue_volume": "1"},
        {"microphone_gain_db": 1e9},
        {"led_brightness": 0},
        {"noise_suppression": "loud"},
        {"thinking_sound": 1},
        {"echo_cancelling": None},
        {"language": 1},
        {"language": "../de"},
    ],
)
async def test_an_impossible_report_is_refused(
    home: HomeAssistant, satellite: FakeSatellite, impossible: dict[str, Any]
) -> None:
    await satellite.report_settings(**impossible)
    assert (await satellite.wait_for("error")).data["code"] == "bad-request"
    assert {entity_id: shown(home, entity_id) for entity_id in ALL} == {
        entity_id: state for entity_id, (_, _, state) in ALL.items()
    }


async def test_what_the_satellite_lacks_is_not_there(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await shows(house, CONNECTION, lambda state: state == "on")
    await satellite.report_settings(volume=0.5, of_the_future=3)
    await shows(house, VOLUME, lambda state: state == "50.0")
    for entity_id in ALL.keys() - {VOLUME}:
        assert house.states.get(entity_id) is None
