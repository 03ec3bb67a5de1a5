"""After pairing a satellite: its room, and what to say there."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import FlowType
from homeassistant.const import EntityCategory
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.indoor_voice.const import DOMAIN
from tests.waiting import until

from .engines import use
from .entries import unload_entries
from .flows import announcement, begin, choose_pipeline, discover, enter, enter_code, texts_of
from .peers import satellite_info

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite, FakeSpeech


@pytest.fixture(autouse=True)
async def _unload(hass: HomeAssistant, satellite: FakeSatellite) -> AsyncGenerator[None]:
    await satellite.trust(None)
    yield
    await unload_entries(hass)


@pytest.fixture
async def assistant(hass: HomeAssistant, speech: FakeSpeech) -> None:
    """Our assistant, which was set up with the speech server and is preferred."""
    await speech.trust(None)
    form = await enter(hass, await begin(hass, "speech"), speech.port)
    await choose_pipeline(hass, await enter_code(hass, form), create=True, prefer=True)


async def pair(hass: HomeAssistant, satellite: FakeSatellite) -> Any:
    """Pair the satellite, and return the form that follows."""
    paired = await enter_code(hass, await discover(hass, announcement(satellite)))
    assert paired["type"] is FlowResultType.CREATE_ENTRY
    kind, flow_id = paired["next_flow"]
    assert kind is FlowType.CONFIG_FLOW
    entry = paired["result"]
    await until(lambda: entry.runtime_data.health.data.status)
    form = await hass.config_entries.flow.async_configure(flow_id)
    assert form["step_id"] == "room"
    return form


async def finish(hass: HomeAssistant, form: Any, area: str | None = None) -> Any:
    answer = {} if area is None else {"area": area}
    result = await hass.config_entries.flow.async_configure(form["flow_id"], answer)
    assert result["type"] is FlowResultType.ABORT
    await texts_of(hass, result)
    await hass.async_block_till_done()
    return result


def satellite_entry(hass: HomeAssistant) -> ConfigEntry[Any]:
    entries = hass.config_entries.async_entries(DOMAIN)
    (entry,) = [entry for entry in entries if entry.data["kind"] == "satellite"]
    return entry


def area(hass: HomeAssistant, name: str) -> str:
    return ar.async_get(hass).async_get_or_create(name).id


def add(
    hass: HomeAssistant,
    entity_id: str,
    name: str,
    where: str,
    state: str = "off",
    *,
    exposed: bool = True,
) -> None:
    """Add a thing to a room."""
    domain, _, object_id = entity_id.partition(".")
    registry = er.async_get(hass)
    registry.async_get_or_create(
        domain, "elsewhere", object_id, suggested_object_id=object_id, original_name=name
    )
    registry.async_update_entity(entity_id, area_id=area(hass, where))
    hass.states.async_set(entity_id, state, {"friendly_name": name})
    async_expose_entity(hass, "conversation", entity_id, exposed)


@pytest.mark.usefixtures("assistant")
async def test_it_ends_with_a_command_for_a_thing_in_the_room(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    add(hass, "light.ball", "Attic ball", "Attic")
    add(hass, "switch.kettle", "Kettle", "Kitchen")
    add(hass, "light.worktop", "Worktop", "Kitchen")
    add(hass, "light.fridge", "Fridge", "Kitchen", exposed=False)
    add(hass, "light.dead", "Dead lamp", "Kitchen", "unavailable")
    add(hass, "light.dial", "Dial", "Kitchen")
    er.async_get(hass).async_update_entity("light.dial", entity_category=EntityCategory.CONFIG)
    form = await pair(hass, satellite)
    (field,) = form["data_schema"].schema
    assert field.description == {"suggested_value": area(hass, "Kitchen")}
    result = await finish(hass, form, area(hass, "Kitchen"))
    assert result["reason"] == "all_set"
    texts = result["description_placeholders"]
    assert texts["words"] == "Hey Jarvis, turn on the Worktop"
    assert texts["picture"].startswith(f"/api/brands/integration/{DOMAIN}/icon.png?authSig=")
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.usefixtures("assistant")
async def test_a_thing_elsewhere_is_better_than_none(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    add(hass, "switch.heater", "Heater", "Bathroom", "on")
    result = await finish(hass, await pair(hass, satellite), area(hass, "Attic"))
    assert result["description_placeholders"]["words"] == "Hey Jarvis, turn off the Heater"


@pytest.mark.usefixtures("assistant")
async def test_a_thing_is_where_its_device_is(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    add(hass, "light.a", "Another lamp", "Attic")
    entry = MockConfigEntry(domain="elsewhere")
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("elsewhere", "lamp")}, name="Desk"
    )
    dr.async_get(hass).async_update_device(device.id, area_id=area(hass, "Kitchen"))
    add(hass, "light.lamp", "Lamp", "Attic")
    er.async_get(hass).async_update_entity("light.lamp", area_id=None, device_id=device.id)
    hass.states.async_set("input_boolean.unregistered", "off", {"friendly_name": "Party"})
    async_expose_entity(hass, "conversation", "input_boolean.unregistered", should_expose=True)
    result = await finish(hass, await pair(hass, satellite), area(hass, "Kitchen"))
    assert result["description_placeholders"]["words"] == "Hey Jarvis, turn on the Desk Lamp"


@pytest.mark.usefixtures("assistant")
async def test_without_anything_to_turn_on_there_is_still_the_time(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.info = satellite_info(["alexa"])
    result = await finish(hass, await pair(hass, satellite))
    assert result["description_placeholders"]["words"] == "Alexa, what time is it?"


@pytest.mark.usefixtures("assistant")
async def test_no_command_is_suggested_in_a_language_that_the_assistant_does_not_speak(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    await use(hass, language="de")
    result = await finish(hass, await pair(hass, satellite))
    assert result["description_placeholders"]["words"] == "Hey Jarvis"


@pytest.mark.usefixtures("assistant")
async def test_a_muted_satellite_is_unmuted_first(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.status["muted"] = True
    assert (await finish(hass, await pair(hass, satellite)))["reason"] == "all_set_muted"


@pytest.mark.usefixtures("assistant")
async def test_a_satellite_without_a_wake_word_has_its_button(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    assert satellite.info.satellite
    satellite.info.satellite.active_wake_words = []
    result = await finish(hass, await pair(hass, satellite))
    assert result["reason"] == "all_set_button"
    assert result["description_placeholders"]["words"] == "what time is it?"


async def test_a_satellite_without_a_speech_server_is_not_ready(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    assert (await finish(hass, await pair(hass, satellite)))["reason"] == "no_speech"


@pytest.mark.usefixtures("assistant")
async def test_a_satellite_that_is_gone_is_not_ready(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    form = await pair(hass, satellite)
    await satellite.stop()
    await until(lambda: not satellite_entry(hass).runtime_data.is_reachable)
    assert (await finish(hass, form))["reason"] == "not_connected"


async def test_a_satellite_that_never_came_up_gets_no_room(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    form = await enter_code(hass, await discover(hass, announcement(satellite)))
    flow = hass.config_entries.flow.async_get(form["next_flow"][1])
    entry = form["result"]
    assert await hass.config_entries.async_unload(entry.entry_id)
    dr.async_get(hass).async_clear_config_entry(entry.entry_id)
    assert (await finish(hass, flow, area(hass, "Attic")))["reason"] == "not_connected"


async def test_a_satellite_that_is_deleted_meanwhile_ends_the_dialogue(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    form = await pair(hass, satellite)
    await hass.config_entries.async_remove(satellite_entry(hass).entry_id)
    assert (await finish(hass, form))["reason"] == "satellite_deleted"


@pytest.mark.usefixtures("assistant")
async def test_the_chosen_room_is_that_of_the_device_and_in_its_entity_ids(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    assert satellite.info.satellite
    satellite.info.satellite.name, satellite.info.satellite.area = "Satellite", None
    form = await pair(hass, satellite)
    assert hass.states.get("assist_satellite.satellite")
    await finish(hass, form, area(hass, "Bedroom"))
    await until(lambda: hass.states.get("assist_satellite.bedroom_satellite"))
    state = hass.states.get("switch.bedroom_satellite_mute")
    assert state is not None
    assert not hass.states.get("assist_satellite.satellite")
    again = await discover(hass, announcement(satellite, paired="1"))
    assert again["reason"] == "already_configured"
    assert again["description_placeholders"] == {"name": "Satellite (Bedroom)"}


async def test_another_area_replaces_the_one_that_the_satellite_named(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    await finish(hass, await pair(hass, satellite))
    entry = satellite_entry(hass)
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.area_id is None
    assert hass.states.get("assist_satellite.kitchen_satellite")
