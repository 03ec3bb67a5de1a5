"""A satellite as a device in Home Assistant: its availability and its wake words."""

import asyncio
import re
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr

from custom_components.indoor_voice.devices import request
from custom_components.indoor_voice.link import rate_limit
from custom_components.indoor_voice.link import satellite as link
from tests.waiting import until

from .waiting import SATELLITE as ENTITY
from .waiting import reaches

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from .peers import FakeSatellite, Peer


async def set_wake_words(client: Any, *names: str) -> Any:
    await client.send_json_auto_id(
        {
            "type": "assist_satellite/set_wake_words",
            "entity_id": ENTITY,
            "wake_word_ids": list(names),
        }
    )
    return await client.receive_json()


async def test_the_device_stands_in_its_area(
    house: HomeAssistant, satellite_entry: MockConfigEntry
) -> None:
    (device,) = dr.async_entries_for_config_entry(dr.async_get(house), satellite_entry.entry_id)
    area = ar.async_get(house).async_get_area_by_name("Kitchen")
    assert area is not None
    assert device.area_id == area.id
    assert (device.manufacturer, device.sw_version) == ("Indoor Voice", "0.1.0")


async def test_wake_words_are_shown_and_chosen(
    house: HomeAssistant, satellite: FakeSatellite, hass_ws_client: Any
) -> None:
    client = await hass_ws_client(house)
    assert (await set_wake_words(client, "alexa", "hey_jarvis"))["success"]
    await client.send_json_auto_id(
        {"type": "assist_satellite/get_configuration", "entity_id": ENTITY}
    )
    assert (await client.receive_json())["result"] == {
        "available_wake_words": [
            {"id": "hey_jarvis", "wake_word": "hey jarvis", "trained_languages": ["en"]},
            {"id": "alexa", "wake_word": "alexa", "trained_languages": ["en"]},
        ],
        "active_wake_words": ["alexa", "hey_jarvis"],
        "max_active_wake_words": 2,
        "pipeline_entity_id": "select.kitchen_kitchen_satellite_assistant",
        "vad_entity_id": "select.kitchen_kitchen_satellite_finished_speaking_detection",
    }


@pytest.mark.parametrize("takes", [False, None])
async def test_wake_words_that_are_not_taken_are_an_error(
    house: HomeAssistant, satellite: FakeSatellite, hass_ws_client: Any, *, takes: bool | None
) -> None:
    satellite.takes_wake_words = takes
    client = await hass_ws_client(house)
    with patch.object(request, "ANSWER_SECONDS", 0.1):
        assert not (await set_wake_words(client, "alexa"))["success"]


async def test_losing_it_is_logged_once_and_so_is_its_return(
    house: HomeAssistant, satellite: FakeSatellite, caplog: pytest.LogCaptureFixture
) -> None:
    await satellite.stop()
    await reaches(house, "unavailable")
    await asyncio.sleep(0.3)
    await satellite.start()
    await satellite.wait_for("run-satellite", 2)
    await reaches(house, "idle")
    assert availability(caplog) == ["unavailable", "available again"]


async def test_a_satellite_that_comes_and_goes_is_logged_in_pairs_once_a_minute(
    house: HomeAssistant, satellite: FakeSatellite, caplog: pytest.LogCaptureFixture
) -> None:
    for connections in (2, 3):
        await satellite.stop()
        await reaches(house, "unavailable")
        await satellite.start()
        await satellite.wait_for("run-satellite", connections)
        await reaches(house, "idle")
    assert availability(caplog) == ["unavailable", "available again"]
    # Gone for good: the absence is logged later, although it started within the minute.
    await satellite.stop()
    await reaches(house, "unavailable")
    with patch.object(rate_limit, "LINE_SECONDS", 0):
        await until(lambda: len(availability(caplog)) >= 3, seconds=5)
    await satellite.start()
    await reaches(house, "idle")
    assert availability(caplog) == ["unavailable", "available again"] * 2


def availability(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log lines about the satellite's availability, at level info."""
    found = (
        re.search(r"The satellite at \S+ is (unavailable|available again)", record.getMessage())
        for record in caplog.records
        if record.levelname == "INFO"
    )
    return [match[1] for match in found if match]


async def test_a_silent_satellite_is_dropped(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    with (
        patch.object(link, "SILENCE_SECONDS", 0.2),
        patch.object(link, "PING_SECONDS", 60),
    ):
        await satellite.begin_turn("unheard")  # an event, after which the new limit applies
        await satellite.wait_for("run-satellite", 2)
    await reaches(house, "idle")


async def test_pings_keep_it(house: HomeAssistant, satellite: FakeSatellite) -> None:
    with (
        patch.object(link, "SILENCE_SECONDS", 1.5),
        patch.object(link, "PING_SECONDS", 0.1),
    ):
        satellite.drop()
        await satellite.wait_for("run-satellite", 2)
        await asyncio.sleep(2)
        assert len(satellite.of_type("run-satellite")) == 2


async def test_its_pings_are_answered(house: HomeAssistant, satellite: FakeSatellite) -> None:
    await satellite.send_raw(b'{"type": "ping", "data": {"text": "x"}}\n')
    assert (await satellite.wait_for("pong")).data["text"] == "x"


async def test_another_satellite_at_its_address_is_not_used(
    house: HomeAssistant, satellite: FakeSatellite, caplog: pytest.LogCaptureFixture
) -> None:
    satellite.id = "0" * 32
    satellite.drop()
    await reaches(house, "unavailable")
    await asyncio.sleep(0.3)
    assert len(satellite.of_type("run-satellite")) == 1


async def test_unloading_lets_it_go(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    await satellite.begin_turn()
    assert await house.config_entries.async_unload(satellite_entry.entry_id)
    await satellite.wait_for("pause-satellite")
    assert await house.config_entries.async_setup(satellite_entry.entry_id)
    await satellite.wait_for("run-satellite", 2)
    await reaches(house, "idle")
    assert await house.config_entries.async_reload(satellite_entry.entry_id)
    await satellite.wait_for("run-satellite", 3)
    assert await house.config_entries.async_remove(satellite_entry.entry_id)
    await house.async_block_till_done()
    assert house.states.get(ENTITY) is None


async def _break(peer: Peer) -> None:
    await peer.stop()


async def _become_another(peer: Peer) -> None:
    peer.id = "0" * 32


@pytest.mark.parametrize("misfortune", [_break, _become_another])
async def test_setting_up_is_tried_again(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    satellite_entry: MockConfigEntry,
    misfortune: Any,
) -> None:
    await misfortune(satellite)
    assert not await hass.config_entries.async_setup(satellite_entry.entry_id)
    assert satellite_entry.state is ConfigEntryState.SETUP_RETRY
    assert satellite_entry.reason


async def test_one_that_comes_late_is_set_up_at_once(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    await satellite.stop()
    assert not await hass.config_entries.async_setup(satellite_entry.entry_id)
    await asyncio.sleep(0.3)
    await satellite.start()
    await satellite.wait_for("run-satellite")
    await reaches(hass, "idle")
    assert await hass.config_entries.async_unload(satellite_entry.entry_id)


async def test_one_that_is_removed_is_not_waited_for(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    await satellite.stop()
    assert not await hass.config_entries.async_setup(satellite_entry.entry_id)
    assert await hass.config_entries.async_remove(satellite_entry.entry_id)
    await satellite.start()
    await asyncio.sleep(0.3)
    assert satellite.connections == 0
