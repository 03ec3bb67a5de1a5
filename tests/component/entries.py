"""Helpers for the config entries of scripted peers."""

from typing import TYPE_CHECKING, Any

from custom_components.indoor_voice.const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import Peer


def data_of(peer: Peer) -> dict[str, Any]:
    """Return the data of a config entry for the peer."""
    data = {"host": "127.0.0.1", "port": peer.port, "kind": peer.kind}
    return data | ({"certificate": peer.protection.own.pem} if peer.protection else {})


async def unload_entries(hass: HomeAssistant) -> None:
    """Unload every entry while the peers still run, including one that is being reloaded."""
    await hass.async_block_till_done()
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state.recoverable:
            await hass.config_entries.async_unload(entry.entry_id)
