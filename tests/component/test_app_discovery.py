"""Apps of Home Assistant OS, which the Supervisor announces together with their pairing codes."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import SOURCE_HASSIO
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.hassio import HassioServiceInfo

from custom_components.indoor_voice.const import DOMAIN

from .flows import CODE, announcement, choose_pipeline, discover, enter_code, texts_of

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from .peers import FakeSatellite, FakeSpeech, Peer


def message(peer: Peer, **changes: Any) -> HassioServiceInfo:
    config = {"host": "127.0.0.1", "port": peer.port, "id": peer.id, "kind": str(peer.kind)}
    return HassioServiceInfo(
        config={**config, "code": CODE, "addon": "The app", **changes},
        name="The app",
        slug="local_indoor_voice",
        uuid="1234",
    )


async def announced(hass: HomeAssistant, info: HassioServiceInfo) -> Any:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_HASSIO}, data=info
    )
    await texts_of(hass, result)
    return result


async def agree(hass: HomeAssistant, form: Any) -> Any:
    assert form["step_id"] == "app"
    result = await hass.config_entries.flow.async_configure(form["flow_id"], {})
    await texts_of(hass, result)
    return result


async def test_a_speech_server_is_paired_with_one_click(
    hass: HomeAssistant, new_speech: FakeSpeech
) -> None:
    form = await announced(hass, message(new_speech))
    assert form["description_placeholders"] == {"name": "The app"}
    result = await choose_pipeline(hass, await agree(hass, form), create=False, prefer=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == new_speech.id
    assert CODE not in str(result["data"])
    assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_a_satellite_is_paired_with_one_click(
    hass: HomeAssistant, new_satellite: FakeSatellite
) -> None:
    result = await agree(hass, await announced(hass, message(new_satellite)))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await new_satellite.wait_for("run-satellite")
    assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_nothing_is_paired_before_the_user_agrees(
    hass: HomeAssistant, new_speech: FakeSpeech
) -> None:
    await announced(hass, message(new_speech))
    assert new_speech.protection is not None
    assert new_speech.protection.trusted is None


async def test_a_code_that_has_changed_is_asked_for(
    hass: HomeAssistant, new_satellite: FakeSatellite
) -> None:
    form = await agree(hass, await announced(hass, message(new_satellite, code="000000")))
    assert form["step_id"] == "pair_satellite"
    assert form["errors"] == {"base": "wrong_code"}
    result = await enter_code(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await new_satellite.wait_for("run-satellite")
    assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_it_takes_the_place_of_what_the_network_announced(
    hass: HomeAssistant, new_speech: FakeSpeech
) -> None:
    await discover(hass, announcement(new_speech))
    await announced(hass, message(new_speech, code="000000"))
    form = await announced(hass, message(new_speech))
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["flow_id"] == form["flow_id"]
    later = await discover(hass, announcement(new_speech))
    assert later["reason"] == "already_in_progress"


async def test_a_known_app_is_not_offered_again(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    result = await announced(hass, message(satellite))
    assert result["reason"] == "already_configured"


async def test_a_known_app_is_found_again_at_another_address(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        satellite_entry, data={**satellite_entry.data, "host": "192.0.2.7"}
    )
    assert (await announced(hass, message(satellite)))["reason"] == "already_configured"
    assert satellite_entry.data["host"] == "127.0.0.1"


async def test_another_app_with_the_id_of_a_known_one_does_not_take_its_place(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    satellite_entry: MockConfigEntry,
    new_speech: FakeSpeech,
) -> None:
    result = await announced(hass, message(new_speech, id=satellite.id, kind="satellite"))
    assert result["reason"] == "already_configured"
    assert satellite_entry.data["port"] == satellite.port


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "household"},
        {"id": None},
        {"kind": "household"},
        {"kind": []},
        {"code": "12345"},
        {"code": 492173},
        {"host": ""},
        {"port": 0},
        {"port": "10700"},
    ],
)
async def test_a_strange_message_is_refused(
    hass: HomeAssistant, new_speech: FakeSpeech, changes: dict[str, Any]
) -> None:
    result = await announced(hass, message(new_speech, **changes))
    assert result["reason"] == "invalid_discovery"


async def test_an_app_that_does_not_answer_is_not_offered(
    hass: HomeAssistant, new_speech: FakeSpeech
) -> None:
    result = await announced(hass, message(new_speech, port=1))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "cannot_connect"
