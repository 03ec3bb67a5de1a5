"""The sidebar panel in which people see, hear and decide what is kept of them, and its card.

The card for dashboards is loaded with every page of Home Assistant, without a resource that a user
would have to add. Its module is small and loads the rest only when a card is shown.

The files contain only code, so anyone who can reach Home Assistant may read them. The data they
show is requested over the WebSocket, with the login of the person at the browser.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from homeassistant.components.frontend import (
    add_extra_js_url,
    async_remove_panel,
    remove_extra_js_url,
)
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.components.panel_custom import async_register_panel
from homeassistant.core import callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, PANEL_PATH

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_FOLDER: Final = Path(__file__).parent / "panel"
_ELEMENT: Final = "indoor-voice-panel"
_CARD: Final = "indoor-voice-card"
PANEL_URL: Final = HassKey[str](f"{DOMAIN}_panel_url")


async def async_serve_panel(hass: HomeAssistant) -> None:
    """Serve the panel's files, which browsers may cache because the URL changes with the files."""
    version = await hass.async_add_executor_job(_digest, _FOLDER)
    hass.data[PANEL_URL] = url = f"/{DOMAIN}/{version}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(url, str(_FOLDER), cache_headers=True)]
    )


async def async_show_panel(hass: HomeAssistant) -> None:
    """Add the panel to everyone's sidebar, and the card to the dashboards."""
    await async_register_panel(
        hass,
        frontend_url_path=PANEL_PATH,
        webcomponent_name=_ELEMENT,
        module_url=f"{hass.data[PANEL_URL]}/{_ELEMENT}.js",
        sidebar_title="Indoor Voice",
        sidebar_icon="mdi:account-voice",
    )
    add_extra_js_url(hass, _card_url(hass))


@callback
def async_hide_panel(hass: HomeAssistant) -> None:
    """Remove the panel from the sidebar, and the card from pages that are loaded from now on."""
    async_remove_panel(hass, PANEL_PATH)
    remove_extra_js_url(hass, _card_url(hass))


def _card_url(hass: HomeAssistant) -> str:
    return f"{hass.data[PANEL_URL]}/{_CARD}.js"


def _digest(folder: Path) -> str:
    """Return a digest that changes whenever one of the files changes."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
