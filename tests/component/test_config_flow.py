"""Adding, discovering and moving devices; pairing is tested in test_pairing.py."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
import pytest_socket
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.info import Info

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.devices import rediscovery
from custom_components.indoor_voice.link.client import Address

from .entries import data_of
from .flows import (
    CODE,
    announcement,
    begin,
    choose_pipeline,
    discover,
    enter,
    enter_code,
    texts_of,
)
from .peers import SATELLITE_ID, SPEECH_ID, FakeSatellite, FakeSpeech

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from custom_components.indoor_voice.link.certificate import OwnCertificate

NOWHERE = "127.0.0.9"
"""A port on which nothing listens."""


@pytest.fixture
def nowhere() -> str:
    """Allow the test to try an address at which nothing listens."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", NOWHERE])
    return NOWHERE


async def test_add_a_satellite(hass: HomeAssistant, new_satellite: FakeSatellite) -> None:
    flow_id = await begin(hass, "satellite")
    form = await enter(hass, flow_id, new_satellite.port, " 127.0.0.1 ")
    assert form["step_id"] == "pair_satellite"
    assert form["description_placeholders"]["name"] == "Satellite at 127.0.0.1"
    result = await enter_code(hass, form, f" {CODE[:3]} {CODE[3:]}")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Kitchen satellite"
    assert result["data"] == data_of(new_satellite)
    assert result["result"].unique_id == SATELLITE_ID
    await new_satellite.wait_for("run-satellite")
    assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_add_a_speech_server(hass: HomeAssistant, new_speech: FakeSpeech) -> None:
    form = await enter(hass, await begin(hass, "speech"), new_speech.port)
    assert form["description_placeholders"]["name"] == "Speech server at 127.0.0.1"
    result = await choose_pipeline(hass, await enter_code(hass, form), create=False, prefer=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Speech server (tiny.en)"
    assert result["result"].unique_id == SPEECH_ID
    assert dict(result["result"].data) == data_of(new_speech)
    assert not ir.async_get(hass).issues


async def test_what_a_device_is_it_says_itself(hass: HomeAssistant, new_speech: FakeSpeech) -> None:
    form = await enter(hass, await begin(hass, "satellite"), new_speech.port)
    result = await choose_pipeline(hass, await enter_code(hass, form), create=False, prefer=False)
    assert result["data"]["kind"] == "speech"


async def test_a_server_with_half_of_speech_makes_no_assistant(
    hass: HomeAssistant, new_speech: FakeSpeech
) -> None:
    new_speech.info.asr = []
    form = await enter(hass, await begin(hass, "speech"), new_speech.port)
    result = await enter_code(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Speech server (piper)"


async def test_somebody_elses_speech_server_is_known_by_its_address(
    hass: HomeAssistant, plain_speech: FakeSpeech
) -> None:
    form = await enter(hass, await begin(hass, "unprotected"), plain_speech.port)
    result = await choose_pipeline(hass, form, create=False, prefer=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert dict(result["result"].data) == data_of(plain_speech)
    assert result["result"].unique_id is None
    again = await enter(hass, await begin(hass, "unprotected"), plain_speech.port)
    assert again["reason"] == "already_configured"
    assert again["description_placeholders"] == {"name": "Speech server (tiny.en)"}
    other = MockConfigEntry(domain=DOMAIN, data={**data_of(plain_speech), "port": 1})
    other.add_to_hass(hass)
    form = await other.start_reconfigure_flow(hass)
    moved = await enter(hass, form["flow_id"], plain_speech.port)
    assert moved["description_placeholders"] == {"name": "Speech server (tiny.en)"}


async def test_one_that_is_paired_here_is_named_however_its_address_is_spelt(
    hass: HomeAssistant,
    plain_speech: FakeSpeech,
    speech_entry: MockConfigEntry,
    satellite: FakeSatellite,
) -> None:
    for peer in (plain_speech, satellite):
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="Kitchen satellite",
            unique_id=peer.id,
            data={**data_of(peer), "host": "localhost"},
        )
        entry.add_to_hass(hass)
    assert speech_entry.data["port"] != satellite.port
    result = await enter(hass, await begin(hass, "satellite"), satellite.port)
    assert result["reason"] == "already_configured"
    assert result["description_placeholders"] == {"name": "Kitchen satellite"}
    assert entry.data["host"] == "127.0.0.1"


async def test_a_damaged_key_hides_nothing_of_what_is_set_up(
    hass: HomeAssistant,
    own: OwnCertificate,
    satellite: FakeSatellite,
    satellite_entry: MockConfigEntry,
) -> None:
    own.path.write_text("damaged")
    result = await discover(hass, announcement(satellite, "127.0.0.8", paired="1"))
    assert result["description_placeholders"] == {"name": "Kitchen satellite"}
    assert satellite_entry.data["host"] == "127.0.0.1"
    result = await enter(hass, await begin(hass, "satellite"), satellite.port)
    assert result["errors"] == {"base": "already_paired"}


async def test_a_speech_server_has_no_settings_and_a_satellite_has(
    hass: HomeAssistant, speech_entry: MockConfigEntry, satellite_entry: MockConfigEntry
) -> None:
    assert not speech_entry.supports_options
    assert satellite_entry.supports_options
    settings = await hass.config_entries.options.async_init(satellite_entry.entry_id)
    assert settings["type"] in (FlowResultType.FORM, FlowResultType.MENU, FlowResultType.ABORT)


async def test_the_code_is_typed_on_a_keypad(
    hass: HomeAssistant, new_satellite: FakeSatellite
) -> None:
    form = await enter(hass, await begin(hass, "satellite"), new_satellite.port)
    (selector,) = form["data_schema"].schema.values()
    assert selector.config["type"] == "tel"


@pytest.mark.parametrize("kind", ["satellite", "speech"])
async def test_each_kind_of_device_says_how_it_gives_its_code_again(
    hass: HomeAssistant, new_satellite: FakeSatellite, new_speech: FakeSpeech, kind: str
) -> None:
    peer, command = {
        "satellite": (new_satellite, "indoor-voice pair"),
        "speech": (new_speech, "indoor-voice pair speech"),
    }[kind]
    form = await enter(hass, await begin(hass, kind), peer.port)
    assert form["step_id"] == f"pair_{kind}"
    assert form["description_placeholders"]["pair_command"] == command
    (text,) = await texts_of(hass, form)
    assert ("speaks" in text) is (kind == "satellite")
    assert f"run `{command}` on" in text


async def test_a_device_that_is_known_learns_what_changed(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        satellite_entry, data={**satellite_entry.data, "host": "192.0.2.7", "certificate": "old"}
    )
    await satellite.trust(None)
    form = await enter(hass, await begin(hass, "satellite"), satellite.port)
    result = await enter_code(hass, form)
    assert result["reason"] == "already_configured"
    assert dict(satellite_entry.data) == data_of(satellite)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not satellite.of_type("unpair")


async def test_nothing_answers(hass: HomeAssistant, new_satellite: FakeSatellite) -> None:
    await new_satellite.stop()
    flow_id = await begin(hass, "satellite")
    result = await enter(hass, flow_id, new_satellite.port)
    assert result["errors"] == {"base": "cannot_connect"}
    await new_satellite.start()
    result = await enter(hass, flow_id, new_satellite.port)
    assert result["step_id"] == "pair_satellite"


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
    hass: HomeAssistant, plain_speech: FakeSpeech, greeting: bytes
) -> None:
    plain_speech.greeting = greeting
    result = await enter(hass, await begin(hass, "unprotected"), plain_speech.port)
    assert result["errors"] == {"base": "not_wyoming"}
    result = await enter(hass, await begin(hass, "speech"), plain_speech.port)
    assert result["errors"] == {"base": "not_ours"}


async def test_a_plain_server_is_not_taken_for_ours(
    hass: HomeAssistant, plain_speech: FakeSpeech
) -> None:
    result = await enter(hass, await begin(hass, "speech"), plain_speech.port)
    assert result["errors"]["base"] in ("not_ours", "turned_away", "cannot_connect")


async def test_only_speech_servers_may_be_unprotected(
    hass: HomeAssistant, plain_speech: FakeSpeech
) -> None:
    async with FakeSatellite(None) as satellite:
        result = await enter(hass, await begin(hass, "unprotected"), satellite.port)
        assert result["errors"] == {"base": "is_satellite"}
    plain_speech.info = Info()
    result = await enter(hass, await begin(hass, "unprotected"), plain_speech.port)
    assert result["errors"] == {"base": "offers_nothing"}


async def test_a_newer_device_is_refused(hass: HomeAssistant, new_satellite: FakeSatellite) -> None:
    new_satellite.protocol = 2
    form = await enter(hass, await begin(hass, "satellite"), new_satellite.port)
    assert (await enter_code(hass, form))["errors"] == {"base": "newer_protocol"}


async def test_a_paired_device_without_our_words_is_refused(
    hass: HomeAssistant, new_satellite: FakeSatellite
) -> None:
    new_satellite.id = None
    form = await enter(hass, await begin(hass, "satellite"), new_satellite.port)
    assert (await enter_code(hass, form))["errors"] == {"base": "not_ours"}


async def test_a_satellite_is_found(hass: HomeAssistant, new_satellite: FakeSatellite) -> None:
    form = await discover(hass, announcement(new_satellite))
    assert form["step_id"] == "pair_satellite"
    (progress,) = hass.config_entries.flow.async_progress()
    assert progress["context"]["title_placeholders"] == {"name": "Satellite at 127.0.0.1"}
    result = await enter_code(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Kitchen satellite"
    assert result["result"].unique_id == SATELLITE_ID
    await new_satellite.wait_for("run-satellite")
    assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_a_speech_server_is_found(hass: HomeAssistant, new_speech: FakeSpeech) -> None:
    form = await enter_code(hass, await discover(hass, announcement(new_speech)))
    result = await choose_pipeline(hass, form, create=True, prefer=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_one_that_is_paired_elsewhere_is_not_offered(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.trust(satellite.protection.own.pem if satellite.protection else None)
    result = await discover(hass, announcement(satellite, paired="1"))
    assert result["reason"] == "already_paired"
    assert result["description_placeholders"]["reset_command"] == "indoor-voice satellite --reset"
    # The same with an outdated announcement.
    assert (await discover(hass, announcement(satellite)))["reason"] == "already_paired"


async def test_a_device_that_moved_is_found_again(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        satellite_entry, data={**satellite_entry.data, "host": "192.0.2.7"}
    )
    result = await discover(hass, announcement(satellite, paired="1"))
    assert result["reason"] == "already_configured"
    assert satellite_entry.data["host"] == "127.0.0.1"
    again = await discover(hass, announcement(satellite, paired="1"))
    assert again["reason"] == "already_configured"


@pytest.mark.usefixtures("nowhere")
async def test_a_device_is_found_by_whichever_of_its_addresses_leads_there(
    hass: HomeAssistant, new_satellite: FakeSatellite
) -> None:
    form = await discover(hass, announcement(new_satellite, NOWHERE, "127.0.0.1", "127.0.0.8"))
    assert form["description_placeholders"]["name"] == "Satellite at 127.0.0.1"


@pytest.mark.usefixtures("nowhere")
async def test_a_device_whose_address_leads_nowhere_is_known_by_another(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    both = announcement(satellite, NOWHERE, "127.0.0.1", paired="1")
    assert (await discover(hass, both))["reason"] == "already_configured"
    assert satellite_entry.data["host"] == "127.0.0.1"
    hass.config_entries.async_update_entry(
        satellite_entry, data={**satellite_entry.data, "host": NOWHERE}
    )
    assert (await discover(hass, both))["reason"] == "already_configured"
    assert satellite_entry.data["host"] == "127.0.0.1"


@pytest.mark.usefixtures("nowhere")
async def test_a_device_that_answers_no_more_is_looked_for_at_its_other_addresses(
    hass: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        satellite_entry, data={**satellite_entry.data, "host": NOWHERE}
    )
    announced = [Address(host=host, port=satellite.port) for host in (NOWHERE, "127.0.0.1")]
    with patch.object(rediscovery, "async_announced", return_value=announced):
        await hass.config_entries.async_setup(satellite_entry.entry_id)
        await satellite.wait_for("run-satellite")
    assert satellite_entry.data["host"] == "127.0.0.1"
    assert await hass.config_entries.async_unload(satellite_entry.entry_id)


async def test_a_satellite_that_is_lost_is_followed_to_another_address(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    tls_context = satellite_entry.runtime_data.tls_context
    former = satellite.port
    await satellite.stop()
    satellite.port = 0
    await satellite.start()
    announced = [Address(host="127.0.0.1", port=port) for port in (former, satellite.port)]
    with (
        patch.object(rediscovery, "async_announced", return_value=announced),
        patch.object(rediscovery, "LOOK_INTERVAL", timedelta(seconds=0.1)),
    ):
        rediscovery.async_follow(house, satellite_entry, tls_context)
        await satellite.wait_for("run-satellite", 2)
    assert satellite_entry.data["port"] == satellite.port


async def test_a_stranger_that_announces_a_known_id_does_not_lead_us_astray(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    satellite_entry: MockConfigEntry,
) -> None:
    speech.id = satellite.id
    result = await discover(hass, announcement(speech, id=satellite.id, kind="satellite"))
    assert result["reason"] == "already_configured"
    assert satellite_entry.data["port"] == satellite.port


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"id": None}, "invalid_discovery"),
        ({"id": "household"}, "invalid_discovery"),
        ({"kind": "household"}, "invalid_discovery"),
        ({"protocol": "x"}, "invalid_discovery"),
        ({"protocol": None}, "invalid_discovery"),
        ({"kind": "toaster"}, "invalid_discovery"),
        ({"paired": None}, "invalid_discovery"),
        ({"protocol": "2"}, "newer_protocol"),
    ],
)
async def test_a_strange_announcement_is_refused(
    hass: HomeAssistant,
    new_satellite: FakeSatellite,
    properties: dict[str, str | None],
    reason: str,
) -> None:
    result = await discover(hass, announcement(new_satellite, **properties))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == reason


async def test_an_announced_device_may_be_gone(
    hass: HomeAssistant, new_satellite: FakeSatellite
) -> None:
    await new_satellite.stop()
    assert (await discover(hass, announcement(new_satellite)))["reason"] == "cannot_connect"


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
    await satellite.wait_for("run-satellite")
    assert await hass.config_entries.async_unload(satellite_entry.entry_id)


async def test_another_device_does_not_take_its_place(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    satellite_entry: MockConfigEntry,
) -> None:
    form = await satellite_entry.start_reconfigure_flow(hass)
    form = await enter(hass, form["flow_id"], speech.port)
    assert form["errors"] == {"base": "not_trusted"}
    satellite.id = "0" * 32
    result = await enter(hass, form["flow_id"], satellite.port)
    assert result["reason"] == "another_device"


async def test_the_menu_names_all_that_can_be_added(hass: HomeAssistant) -> None:
    menu: Any = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["satellite", "speech", "household", "unprotected"]


async def test_the_household_is_added_once_and_has_no_address(
    hass: HomeAssistant, own: OwnCertificate
) -> None:
    flow = hass.config_entries.flow
    menus: list[Any] = [
        await flow.async_init(DOMAIN, context={"source": SOURCE_USER}) for _ in range(2)
    ]
    for menu in menus:
        await flow.async_configure(menu["flow_id"], {"next_step_id": "household"})
    first, second = [await flow.async_configure(menu["flow_id"], {}) for menu in menus]
    assert first["type"] is FlowResultType.CREATE_ENTRY
    assert "next_flow" not in first
    assert second["reason"] == "already_configured"
    assert await texts_of(hass, second) == ["This is already set up as Household."]
    entry_id = first["result"].entry_id
    form: Any = await flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry_id}
    )
    assert form["reason"] == "no_address"
    assert await hass.config_entries.async_unload(entry_id)
