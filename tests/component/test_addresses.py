"""Where an engine works is judged by every address in its settings."""

from typing import TYPE_CHECKING, Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.indoor_voice.assistant.addresses import AddressScope, async_look_up, scope_of

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"host": "192.168.1.2", "port": 10300},
        {"host": "192.168.1.2:10300"},
        {"host": "fe80::1%eth0"},
        {"host": "[fd12::1]:10300"},
        {"host": "::ffff:10.0.0.1"},
        {"host": "localhost"},
        {"host": "core-whisper"},
        {"url": "http://ollama.local:11434/"},
        {"base_url": "nas.home.arpa/v1"},
        {"server": "tcp://172.30.33.5:10300"},
        {"host": "127.0.0.1", "model": "tiny.en", "language": "en-GB", "prompt": "a.example.com"},
        {"host": "10.0.0.1", "port": 10300, "timeout": "30"},
        {"host": "whisper.localhost"},
        {"url": "unix:///run/speech.socket"},
        {"server_certificate": "/ssl/server.pem", "voice": "en_US.amy", "host_key": "a.b.example"},
        {"prompt": "https://a.example.com is where you are not"},
    ],
)
async def test_is_in_the_house(hass: HomeAssistant, data: dict[str, Any]) -> None:
    assert scope_of(hass, MockConfigEntry(data=data)) is AddressScope.HOUSE


@pytest.mark.parametrize(
    "data",
    [
        {"host": "93.184.216.34"},
        {"host": "93.184.216.34:10300"},
        {"host": "2606:2800:220:1::1"},
        {"host": "[2606:2800:220:1::1]:10300"},
        {"host": "::ffff:8.8.8.8"},
        {"host": "64:ff9b::808:808"},
        {"host": "134744072"},
        {"host": "0x08.8.8.8"},
        {"host": "100.64.0.1"},
        {"url": "HTTPS://93.184.216.34/v1"},
        {"anything": "93.184.216.34"},
        {"anything": {"deep": ["wss://user:secret@93.184.216.34"]}},
        {"host": "192.168.1.2", "fallback": "http://93.184.216.34"},
        {"url": "http://93.184.216.34/with a space"},
        {"url": "http://192.168.1.2@93.184.216.34/"},
        {"model_server": "93.184.216.34:443"},
    ],
)
@pytest.mark.parametrize("where", ["data", "options"])
async def test_is_outside(hass: HomeAssistant, data: dict[str, Any], where: str) -> None:
    fields: dict[str, Any] = {where: data}
    assert scope_of(hass, MockConfigEntry(**fields)) is AddressScope.OUTSIDE


@pytest.mark.parametrize(
    "data",
    [
        {"host": "speech.example.invalid"},
        {"anything": "speech.example.invalid:10300"},
        {"endpoint": "https://speech.example.invalid"},
        {"url": "http://"},
        {"host": "http://[::1"},
        {"url": "http://speech.example.invalid\\@192.168.1.2/"},
        {"url": "http://speech.example.invalid/v 1"},
        {"host": "192.168.1.2 speech.example.invalid"},
        {"host": "localhost.example.invalid"},
        {"hostname": "speech.example.invalid"},
        {"voice_server": "speech.example.invalid:443"},
        {"model_endpoint": "speech.example.invalid/v1"},
        {"user_host_name": "speech.example.invalid"},
    ],
)
async def test_is_not_known(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, data: dict[str, Any]
) -> None:
    async def resolve(*_: object) -> None:
        raise OSError("no such name")

    monkeypatch.setattr(hass.loop, "getaddrinfo", resolve)
    entry = MockConfigEntry(data=data)
    assert scope_of(hass, entry) is AddressScope.UNKNOWN
    await async_look_up(hass, [entry])
    assert scope_of(hass, entry) is AddressScope.UNKNOWN


@pytest.mark.parametrize(
    ("addresses", "place"),
    [
        (["192.168.1.2"], AddressScope.HOUSE),
        (["93.184.216.34"], AddressScope.OUTSIDE),
        (["192.168.1.2", "2606:2800:220:1::1"], AddressScope.OUTSIDE),
        ([], AddressScope.UNKNOWN),
    ],
)
async def test_a_name_is_where_all_its_addresses_are(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, addresses: list[str], place: AddressScope
) -> None:
    async def resolve(*_: object) -> list[tuple[Any, ...]]:
        return [(0, 0, 0, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(hass.loop, "getaddrinfo", resolve)
    entry = MockConfigEntry(data={"host": "Speech.Example.Org."})
    await async_look_up(hass, [entry])
    assert scope_of(hass, entry) is place


@pytest.mark.parametrize("host", ["nas", "nas.local", "nas.home.arpa", "hostname.local."])
@pytest.mark.parametrize(
    ("addresses", "place"),
    [
        (["192.168.1.2"], AddressScope.HOUSE),
        (["93.184.216.34"], AddressScope.OUTSIDE),
        (["fd12::1", "93.184.216.34"], AddressScope.OUTSIDE),
        ([], AddressScope.HOUSE),
    ],
)
async def test_a_name_that_only_houses_have_is_looked_up_all_the_same(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    addresses: list[str],
    place: AddressScope,
) -> None:
    async def resolve(*_: object) -> list[tuple[Any, ...]]:
        return [(0, 0, 0, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(hass.loop, "getaddrinfo", resolve)
    entry = MockConfigEntry(data={"url": f"http://{host}:8000/v1"})
    await async_look_up(hass, [entry])
    assert scope_of(hass, entry) is place


@pytest.mark.parametrize("named", [{}, {"slug": "search"}])
async def test_the_tools_that_an_agent_was_given_are_judged_too(
    hass: HomeAssistant, named: dict[str, str]
) -> None:
    tools = MockConfigEntry(domain="mcp", data={"url": "http://93.184.216.34/sse", **named})
    tools.add_to_hass(hass)
    name = named.get("slug", tools.entry_id)
    agent = MockConfigEntry(
        domain="ollama",
        data={"url": "http://192.168.1.2:11434"},
        options={"llm_hass_api": ["assist", f"mcp-{name}"]},
    )
    assert scope_of(hass, agent) is AddressScope.OUTSIDE
    alone = MockConfigEntry(domain="ollama", data=agent.data, options={"llm_hass_api": ["assist"]})
    assert scope_of(hass, alone) is AddressScope.HOUSE
