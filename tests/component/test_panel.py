"""The panel is in the sidebar, and its card in the dashboards, while there is a household."""

import re
from typing import TYPE_CHECKING, Final

from homeassistant.components import onboarding
from homeassistant.components.frontend import async_panel_exists

from custom_components.indoor_voice.const import PANEL_PATH

if TYPE_CHECKING:
    import pytest
    from pytest_homeassistant_custom_component.typing import (
        ClientSessionGenerator,
    )

    from .logins import Home

_CARD: Final = re.compile(r'import\("(/indoor_voice/\w+/indoor-voice-card\.js)"\)')
"""How a page of Home Assistant loads the module of the card."""


async def test_everybody_has_the_panel_as_long_as_there_is_a_household(home: Home) -> None:
    for login in (*home.people, home.visitor):
        async with login.connection() as client:
            await client.send_json_auto_id({"type": "get_panels"})
            panel = (await client.receive_json())["result"][PANEL_PATH]
        assert not panel["require_admin"]
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert not async_panel_exists(home.hass, PANEL_PATH)
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    assert async_panel_exists(home.hass, PANEL_PATH)


async def test_browsers_may_keep_its_files_and_get_others_by_another_address(
    home: Home, hass_client_no_auth: ClientSessionGenerator
) -> None:
    async with home.ada.connection() as client:
        await client.send_json_auto_id({"type": "get_panels"})
        panel = (await client.receive_json())["result"][PANEL_PATH]
    url = panel["config"]["_panel_custom"]["module_url"]
    browser = await hass_client_no_auth()
    answer = await browser.get(url)
    assert answer.status == 200
    assert answer.content_type == "text/javascript"
    assert "max-age" in answer.headers["Cache-Control"]


async def test_every_page_loads_the_card_as_long_as_there_is_a_household(
    home: Home, hass_client_no_auth: ClientSessionGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onboarding, "async_is_onboarded", lambda _hass: True)
    browser = await hass_client_no_auth()

    async def cards() -> list[str]:
        return _CARD.findall(await (await browser.get("/")).text())

    (url,) = await cards()
    answer = await browser.get(url)
    assert answer.status == 200
    assert answer.content_type == "text/javascript"
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert await cards() == []
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    assert await cards() == [url]
