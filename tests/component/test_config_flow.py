"""Adding, finding and moving devices."""

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import SOURCE_USER, SOURCE_ZEROCONF
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from wyoming.info import Info

from custom_components.indoor_voice.const import DOMAIN

from .peers import SATELLITE_ID, SPEECH_ID, FakeSatellite, FakeSpeech, Peer

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


async def begin(hass: HomeAssistant, kind: str) -> str:
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["satellite", "speech"]
    form = await hass.config_entries.flow.async_configure(menu["flow_id"], {"next_step_id": kind})
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == kind
    assert form["errors"] == {}
    return form["flow_id"]


async def enter(hass: HomeAssistant, flow_id: str, port: int, host: str = "127.0.0.1") -> Any:
    return await hass.config_entries.flow.async_configure(flow_id, {"host": host, "port": port})


async def tick(hass: HomeAssistant, form: Any, *, create: bool, prefer: bool) -> Any:
    assert form["step_id"] == "pipeline"
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"create_pipeline": create, "prefer_pipeline": prefer}
    )
    await hass.async_block_till_done()
    return result


def announcement(peer: Peer, **properties: str | None) -> ZeroconfServiceInfo:
    texts = {"id": peer.id, "protocol": "1", "kind": peer.kind} | properties
    return ZeroconfServiceInfo(
        ip_address=ip_address("127.0.0.1"),
        ip_addresses=[ip_address("127.0.0.1")],
        port=peer.port,
        hostname=f"{peer.id}.local.",
        type="_indoor-voice._tcp.local.",
        name=f"{peer.id}._indoor-voice._tcp.local.",
        properties=texts,
    )


async def discover(hass: HomeAssistant, info: ZeroconfServiceInfo) -> Any:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=info
    )


async def test_add_a_satellite(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    flow_id = await begin(hass, "satellite")
    result = await enter(hass, flow_id, satellite.port, " 127.0.0.1 ")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Kitchen satellite"
    assert result["data"] == {"host": "127.0.0.1", "port": satellite.port, "kind": "satellite"}
    assert result["result"].unique_id == SATELLITE_ID
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_add_a_speech_server(hass: HomeAssistant, speech: FakeSpeech) -> None:
    flow_id = await begin(hass, "speech")
    result = await tick(hass, await enter(hass, flow_id, speech.port), create=False, prefer=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Speech server (tiny.en)"
    assert result["result"].unique_id == SPEECH_ID
    assert dict(result["result"].data) == {
        "host": "127.0.0.1",
        "port": speech.port,
        "kind": "speech",
    }


async def test_a_server_with_half_of_speech_makes_no_assistant(
    hass: HomeAssistant, speech: FakeSpeech
) -> None:
    speech.info.asr = []
    result = await enter(hass, await begin(hass, "speech"), speech.port)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Speech server (piper)"


async def test_others_devices_are_known_by_their_address(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.id = None
    result = await enter(hass, await begin(hass, "satellite"), satellite.port)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id is None
    await hass.async_block_till_done()
    again = await enter(hass, await begin(hass, "satellite"), satellite.port)
    assert again["reason"] == "already_configured"
    assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_a_device_is_added_once(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    result = await enter(hass, await begin(hass, "satellite"), satellite.port)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_nothing_answers(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    await satellite.stop()
    flow_id = await begin(hass, "satellite")
    result = await enter(hass, flow_id, satellite.port)
    assert result["errors"] == {"base": "cannot_connect"}
    await satellite.start()
    result = await enter(hass, flow_id, satellite.port)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize(
    "greeting",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b'{"type": "info", "data": {"satellite": 1}}\n',
        b'{"type": "info", "data": {"asr": [{"name": "x", "models": 5}]}}\n',
        (
            b'{"type": "info", "data": {"satellite": {"name": 1, "installed": true,'
            b' "attribution": {"name": "", "url": ""}, "version": null}}}\n'
        ),
    ],
)
async def test_something_else_answers(
    hass: HomeAssistant, satellite: FakeSatellite, greeting: bytes
) -> None:
    satellite.greeting = greeting
    result = await enter(hass, await begin(hass, "satellite"), satellite.port)
    assert result["errors"] == {"base": "not_wyoming"}


async def test_the_wrong_kind_answers(
    hass: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    result = await enter(hass, await begin(hass, "satellite"), speech.port)
    assert result["errors"] == {"base": "is_speech_server"}
    result = await enter(hass, await begin(hass, "speech"), satellite.port)
    assert result["errors"] == {"base": "is_satellite"}
    satellite.info = speech.info = Info()
    result = await enter(hass, await begin(hass, "satellite"), speech.port)
    assert result["errors"] == {"base": "no_satellite"}
    result = await enter(hass, await begin(hass, "speech"), satellite.port)
    assert result["errors"] == {"base": "no_speech"}


async def test_a_newer_device_is_refused(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    satellite.protocol = 2
    result = await enter(hass, await begin(hass, "satellite"), satellite.port)
    assert result["errors"] == {"base": "newer_protocol"}


async def test_a_satellite_is_found(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    form = await discover(hass, announcement(satellite))
    assert form["step_id"] == "zeroconf_confirm"
    assert form["description_placeholders"]["name"] == "Kitchen satellite"
    result = await hass.config_entries.flow.async_configure(form["flow_id"], {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == SATELLITE_ID
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_a_speech_server_is_found(hass: HomeAssistant, speech: FakeSpeech) -> None:
    form = await discover(hass, announcement(speech))
    form = await hass.config_entries.flow.async_configure(form["flow_id"], {})
    result = await tick(hass, form, create=True, prefer=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_device_that_moved_is_found_again(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        satellite_entry, data={**satellite_entry.data, "host": "192.0.2.7"}
    )
    result = await discover(hass, announcement(satellite))
    assert result["reason"] == "already_configured"
    assert satellite_entry.data["host"] == "127.0.0.1"
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"id": None}, "invalid_discovery"),
        ({"protocol": "x"}, "invalid_discovery"),
        ({"protocol": None}, "invalid_discovery"),
        ({"kind": "toaster"}, "invalid_discovery"),
        ({"protocol": "2"}, "newer_protocol"),
        ({"kind": "speech"}, "is_satellite"),
        ({"id": "0" * 32}, "another_device"),
    ],
)
async def test_a_strange_announcement_is_refused(
    hass: HomeAssistant, satellite: FakeSatellite, properties: dict[str, str | None], reason: str
) -> None:
    result = await discover(hass, announcement(satellite, **properties))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == reason


async def test_an_announced_device_may_be_gone(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.stop()
    assert (await discover(hass, announcement(satellite)))["reason"] == "cannot_connect"


async def test_a_device_moves_to_another_address(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    port = satellite.port
    hass.config_entries.async_update_entry(
        satellite_entry, data={**satellite_entry.data, "port": 1}
    )
    form = await satellite_entry.start_reconfigure_flow(hass)
    assert form["step_id"] == "reconfigure"
    form = await enter(hass, form["flow_id"], 1)
    assert form["errors"] == {"base": "cannot_connect"}
    result = await enter(hass, form["flow_id"], port)
    assert result["reason"] == "reconfigure_successful"
    assert satellite_entry.data["port"] == port
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(satellite_entry.entry_id)


async def test_another_device_does_not_take_its_place(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    satellite.id = "0" * 32
    form = await satellite_entry.start_reconfigure_flow(hass)
    result = await enter(hass, form["flow_id"], satellite.port)
    assert result["reason"] == "another_device"
