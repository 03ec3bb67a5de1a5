"""Reports a satellite or speech server that has been away for a long time."""

from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval

from ..const import CONF_KIND, DOMAIN, EntryKind
from .entries import address_of, device_entries

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

AWAY_SECONDS: Final = 30 * 60.0
"""Long enough not to report a restart, an update or a moved plug."""
CHECK_INTERVAL: Final = timedelta(seconds=30)


@callback
def async_watch_absence(hass: HomeAssistant) -> None:
    """Watch the devices of all entries until Home Assistant stops.

    This runs outside the entries: while Home Assistant retries the set-up of an entry, nothing of
    that entry runs that could report its absence.
    """
    away_since: dict[str, float] = {}

    @callback
    def check(_now: datetime) -> None:
        now = monotonic()
        away = {e.entry_id: e for e in device_entries(hass) if _is_away(hass, e)}
        for entry_id in away_since.keys() - away.keys():
            del away_since[entry_id]
            ir.async_delete_issue(hass, DOMAIN, _issue_id(entry_id))
        for entry_id, entry in away.items():
            if now - away_since.setdefault(entry_id, now) >= AWAY_SECONDS:
                _report(hass, entry)

    async_track_time_interval(hass, check, CHECK_INTERVAL, cancel_on_shutdown=True)


def _is_away(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool:
    match entry.state:
        case ConfigEntryState.SETUP_RETRY | ConfigEntryState.SETUP_IN_PROGRESS:
            away = True
        case ConfigEntryState.LOADED:
            away = not entry.runtime_data.is_reachable
        case _:
            away = False
    # If it must be paired again, the user has already been asked to do that.
    return away and not any(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))


def _report(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    placeholders = {"title": entry.title, "address": str(address_of(entry))}
    if entry.data[CONF_KIND] == EntryKind.SATELLITE:
        ir.async_create_issue(
            hass,
            DOMAIN,
            _issue_id(entry.entry_id),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="satellite_away",
            translation_placeholders=placeholders,
        )
    else:
        ir.async_create_issue(
            hass,
            DOMAIN,
            _issue_id(entry.entry_id),
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key="speech_server_away",
            translation_placeholders=placeholders,
        )


def _issue_id(entry_id: str) -> str:
    return f"away_{entry_id}"
