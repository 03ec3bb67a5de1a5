"""Steps by which a user, or the network, adds a device."""

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import SOURCE_USER, SOURCE_ZEROCONF
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from homeassistant.helpers.translation import async_get_translations

from custom_components.indoor_voice.const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import Peer

CODE = "492173"
"""The pairing code of every scripted peer."""


async def begin(hass: HomeAssistant, step: str) -> str:
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    form = await hass.config_entries.flow.async_configure(menu["flow_id"], {"next_step_id": step})
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == step
    assert form["errors"] == {}
    return form["flow_id"]


async def texts_of(hass: HomeAssistant, result: Any) -> list[str]:
    """Return what a dialogue shows; a text that is missing, or misses a value, is an error."""
    texts = await async_get_translations(hass, "en", "config", {DOMAIN})
    match result["type"]:
        case FlowResultType.FORM:
            keys = [f"step.{result['step_id']}.description"]
            keys = [key for key in keys if f"component.{DOMAIN}.config.{key}" in texts]
            keys += [f"error.{error}" for error in (result["errors"] or {}).values()]
        case FlowResultType.ABORT if result.get("translation_domain") in (None, DOMAIN):
            keys = [f"abort.{result['reason']}"]
        case _:
            keys = []
    values = result.get("description_placeholders") or {}
    return [texts[f"component.{DOMAIN}.config.{key}"].format(**values) for key in keys]


async def enter(hass: HomeAssistant, flow_id: str, port: int, host: str = "127.0.0.1") -> Any:
    result = await hass.config_entries.flow.async_configure(flow_id, {"host": host, "port": port})
    await texts_of(hass, result)
    return result


async def enter_code(hass: HomeAssistant, form: Any, code: str = CODE) -> Any:
    assert form["step_id"].startswith(("pair_", "reauth_"))
    result = await hass.config_entries.flow.async_configure(form["flow_id"], {"code": code})
    await texts_of(hass, result)
    return result


async def choose_pipeline(hass: HomeAssistant, form: Any, *, create: bool, prefer: bool) -> Any:
    assert form["step_id"] == "pipeline"
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"create_pipeline": create, "prefer_pipeline": prefer}
    )
    await hass.async_block_till_done()
    return result


def announcement(peer: Peer, *hosts: str, **properties: str | None) -> ZeroconfServiceInfo:
    addresses = [ip_address(host) for host in hosts or ["127.0.0.1"]]
    texts = {"id": peer.id, "protocol": "1", "kind": peer.kind, "paired": "0"} | properties
    return ZeroconfServiceInfo(
        ip_address=addresses[0],
        ip_addresses=addresses,
        port=peer.port,
        hostname=f"{peer.id}.local.",
        type="_indoor-voice._tcp.local.",
        name=f"{peer.id}._indoor-voice._tcp.local.",
        properties=texts,
    )


async def discover(hass: HomeAssistant, info: ZeroconfServiceInfo) -> Any:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=info
    )
    await texts_of(hass, result)
    return result
