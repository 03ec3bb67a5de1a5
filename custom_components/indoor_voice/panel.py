"""The panel in Home Assistant's sidebar, where people see, hear and decide what is kept of them.

Its files are code only, so whoever reaches Home Assistant may read them; what they show is asked
for over the WebSocket, under the login of who looks.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from homeassistant.components.frontend import async_remove_panel
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.components.panel_custom import async_register_panel
from homeassistant.core import callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

PANEL_PATH: Final = "indoor-voice"
"""Where in Home Assistant it is shown."""

_FOLDER: Final = Path(__file__).parent / "panel"
_ELEMENT: Final = "indoor-voice-panel"
_URL: Final = HassKey[str](f"{DOMAIN}_panel_url")


async def async_serve_panel(hass: HomeAssistant) -> None:
    """Serve the panel's files, which browsers may keep: other files have another address."""
    version = await hass.async_add_executor_job(_version_of, _FOLDER)
    hass.data[_URL] = url = f"/{DOMAIN}/{version}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(url, str(_FOLDER), cache_headers=True)]
    )


async def async_show_panel(hass: HomeAssistant) -> None:
    """Put the panel into everybody's sidebar."""
    await async_register_panel(
        hass,
        frontend_url_path=PANEL_PATH,
        webcomponent_name=_ELEMENT,
        module_url=f"{hass.data[_URL]}/{_ELEMENT}.js",
        sidebar_title="Indoor Voice",
        sidebar_icon="mdi:account-voice",
    )


@callback
def async_hide_panel(hass: HomeAssistant) -> None:
    """Take the panel out of the sidebar."""
    async_remove_panel(hass, PANEL_PATH)


def _version_of(folder: Path) -> str:
    """Return what differs whenever one of the files does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
