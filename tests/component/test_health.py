"""How Home Assistant shows the state of satellites and speech servers."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    get_system_health_info,
)
from wyoming.event import Event, async_write_event

from custom_components.indoor_voice.const import DOMAIN

from .waiting import reaches, shows

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Generator, Iterable

    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite, FakeSpeech, Peer

SATELLITE = "kitchen_kitchen_satellite"
CONNECTION = f"binary_sensor.{SATELLITE}_connection"
MICROPHONE = f"binary_sensor.{SATELLITE}_microphone"
LOUDSPEAKER = f"binary_sensor.{SATELLITE}_loudspeaker"
MUTED_ON_DEVICE = f"binary_sensor.{SATELLITE}_muted_on_the_device"
LAST_TURN = f"sensor.{SATELLITE}_last_turn"
SPEECH_CONNECTION = "binary_sensor.speech_server_tiny_en_connection"


async def wait_for_state(hass: HomeAssistant, entity_id: str, wanted: str) -> None:
    await shows(hass, entity_id, lambda state: state == wanted)


def attributes(hass: HomeAssistant, entity_id: str) -> dict[str, Any]:
    state = hass.states.get(entity_id)
    assert state is not None
    return dict(state.attributes)


def described(entries: Iterable[er.RegistryEntry]) -> dict[str, tuple[Any, ...]]:
    return {
        entry.entity_id: (
            entry.original_device_class,
            entry.entity_category,
            entry.disabled_by,
            entry.translation_key,
        )
        for entry in entries
        if entry.domain in ("binary_sensor", "sensor", "switch")
    }


async def test_each_device_shows_how_it_fares(
    house: HomeAssistant, satellite_entry: MockConfigEntry, speech_entry: MockConfigEntry
) -> None:
    registry = er.async_get(house)
    of_satellite = er.async_entries_for_config_entry(registry, satellite_entry.entry_id)
    assert described(of_satellite) == {
        CONNECTION: ("connectivity", "diagnostic", None, "connection"),
        MICROPHONE: ("problem", "diagnostic", None, "microphone"),
        LOUDSPEAKER: ("problem", "diagnostic", None, "loudspeaker"),
        f"binary_sensor.{SATELLITE}_storage": ("problem", "diagnostic", None, "storage"),
        MUTED_ON_DEVICE: (None, "diagnostic", "integration", "muted_on_device"),
        LAST_TURN: ("enum", "diagnostic", None, "last_turn"),
        f"sensor.{SATELLITE}_next_alarm": ("timestamp", None, None, "next_alarm"),
        f"sensor.{SATELLITE}_next_timer": ("timestamp", None, None, "next_timer"),
        f"binary_sensor.{SATELLITE}_recordings_are_kept_here": (None, None, None, "keeps"),
        f"switch.{SATELLITE}_keep_nothing_here": (None, None, None, "room_opted_out"),
        f"switch.{SATELLITE}_mute": (None, None, None, "mute"),
    }
    of_speech = er.async_entries_for_config_entry(registry, speech_entry.entry_id)
    assert described(of_speech) == {
        SPEECH_CONNECTION: ("connectivity", "diagnostic", None, "connection")
    }


async def test_a_lost_satellite_is_shown_as_lost(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await wait_for_state(house, CONNECTION, "on")
    await wait_for_state(house, MICROPHONE, "off")
    await satellite.stop()
    await wait_for_state(house, CONNECTION, "off")
    await wait_for_state(house, MICROPHONE, "unavailable")
    await wait_for_state(house, LAST_TURN, "unknown")
    await satellite.start()
    await wait_for_state(house, CONNECTION, "on")
    await wait_for_state(house, MICROPHONE, "off")


async def test_what_does_not_work_is_shown(house: HomeAssistant, satellite: FakeSatellite) -> None:
    await wait_for_state(house, LOUDSPEAKER, "off")
    await satellite.report_status(microphone=False)
    await wait_for_state(house, MICROPHONE, "on")
    await satellite.report_status(microphone=True, loudspeaker=False)
    await wait_for_state(house, MICROPHONE, "off")
    await wait_for_state(house, LOUDSPEAKER, "on")


@pytest.fixture
def all_enabled() -> Generator[None]:
    """Enable every entity, as a user could."""
    with patch.object(Entity, "entity_registry_enabled_default", True):
        yield


async def test_who_muted_it_can_be_shown(
    all_enabled: None, house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await wait_for_state(house, MUTED_ON_DEVICE, "off")
    await satellite.report_status(muted=True, muted_on_device=True)
    await wait_for_state(house, MUTED_ON_DEVICE, "on")


async def poll_speech_server(hass: HomeAssistant) -> None:
    """Advance the time to the next poll of the speech server."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=35))
    await hass.async_block_till_done(wait_background_tasks=False)


async def test_a_lost_speech_server_is_shown_as_lost(
    house: HomeAssistant, speech: FakeSpeech
) -> None:
    await wait_for_state(house, SPEECH_CONNECTION, "on")
    await speech.stop()
    await poll_speech_server(house)
    await wait_for_state(house, SPEECH_CONNECTION, "off")
    await wait_for_state(house, "stt.speech_server_tiny_en_speech_to_text", "unavailable")
    await speech.start()
    await poll_speech_server(house)
    await wait_for_state(house, SPEECH_CONNECTION, "on")


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("what time is it", "answered"),
        ("never mind", "done"),
        ("colourless green ideas sleep furiously", "not_understood"),
        ("", "nothing_said"),
    ],
)
async def test_the_last_turn_says_how_it_ended_and_not_what_was_said(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, said: str, outcome: str
) -> None:
    await wait_for_state(house, LAST_TURN, "unknown")
    speech.transcript = said
    await satellite.begin_turn()
    await satellite.speak()
    await wait_for_state(house, LAST_TURN, outcome)
    shown = attributes(house, LAST_TURN)
    assert outcome in shown.pop("options")
    assert set(shown) == {"device_class", "friendly_name"}
    await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")


async def test_a_turn_that_failed_stays_failed_however_it_goes_on(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def refuse(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(Event(type="error", data={"code": "busy", "text": ""}), writer)

    speech.recognise = refuse
    turn = await satellite.begin_turn()
    await satellite.speak()
    await wait_for_state(house, LAST_TURN, "failed")
    await satellite.wait_for("audio-stop")  # the failure sentence
    await satellite.send(
        Event(type="error", data={"text": "", "code": "turn-given-up", "turn": turn})
    )
    await reaches(house, "idle")
    await wait_for_state(house, LAST_TURN, "failed")


async def test_a_turn_that_took_too_long_is_shown(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    turn = await satellite.begin_turn()
    await satellite.send(
        Event(type="error", data={"text": "", "code": "turn-given-up", "turn": turn})
    )
    await wait_for_state(house, LAST_TURN, "given_up")
    await reaches(house, "idle")


async def test_a_turn_that_the_connection_did_not_survive_failed(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.begin_turn()
    await reaches(house, "listening")
    satellite.drop()
    await wait_for_state(house, LAST_TURN, "failed")


async def test_system_health_counts_and_names_nobody(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    assert await async_setup_component(house, "system_health", {})
    MockConfigEntry(
        domain=DOMAIN,
        title="Garage",
        data={"host": "127.0.0.1", "port": 1, "kind": "satellite"},
    ).add_to_hass(house)
    info = await get_system_health_info(house, DOMAIN)
    assert info == {
        "version": "0.1.0",
        "satellites": "1/2",
        "speech_servers": "1/1",
        "protected": "2/3",
        "recordings": "-",
        "ledger": "-",
        "device_versions": "0.1.0",
    }
