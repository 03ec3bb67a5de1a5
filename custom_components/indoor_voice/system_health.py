"""Provides Indoor Voice's section of Home Assistant's system information."""

from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.loader import async_get_integration

from .const import CONF_CERTIFICATE, CONF_KIND, DOMAIN, EntryKind
from .devices.entries import device_entries
from .household.keeper import KEEPER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeassistant.components.system_health import SystemHealthRegistration
    from homeassistant.core import HomeAssistant

    from .data import IndoorVoiceConfigEntry


@callback
def async_register(_hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the system information."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return counts and versions, without names, addresses or spoken words."""
    entries = [e for e in device_entries(hass) if e.disabled_by is None]
    reachable = [
        e for e in entries if e.state is ConfigEntryState.LOADED and e.runtime_data.is_reachable
    ]
    integration = await async_get_integration(hass, DOMAIN)
    return {
        "version": str(integration.version),
        "satellites": _ratio(reachable, entries, EntryKind.SATELLITE),
        "speech_servers": _ratio(reachable, entries, EntryKind.SPEECH),
        "protected": f"{sum(CONF_CERTIFICATE in e.data for e in entries)}/{len(entries)}",
        "recordings": _recordings(hass),
        "ledger": await _ledger(hass),
        "device_versions": ", ".join(sorted({_version(e) for e in reachable})) or "-",
    }


def _recordings(hass: HomeAssistant) -> int | str:
    keeper = hass.data.get(KEEPER)
    return "-" if keeper is None or keeper.view is None else keeper.view.totals.recordings


async def _ledger(hass: HomeAssistant) -> str:
    """Return whether the ledger passes verification, as text."""
    if (keeper := hass.data.get(KEEPER)) is None:
        return "-"
    try:
        verification = await keeper.run(lambda household: household.verify(()))
    except HomeAssistantError:
        return "cannot be read"
    if verification.ok:
        return f"intact, {verification.rows} rows"
    return f"{verification.reason} at row {verification.first_broken}"


def _ratio(
    part: Sequence[IndoorVoiceConfigEntry],
    whole: Sequence[IndoorVoiceConfigEntry],
    kind: EntryKind,
) -> str:
    count, total = (sum(e.data[CONF_KIND] == kind for e in entries) for entries in (part, whole))
    return f"{count}/{total}"


def _version(entry: IndoorVoiceConfigEntry) -> str:
    return entry.runtime_data.peer.version or "unknown"
