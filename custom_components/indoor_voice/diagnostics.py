"""Diagnostics that help to find a fault and contain nothing about people."""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from homeassistant.exceptions import HomeAssistantError

from .assistant.locality import async_engine_report
from .const import CONF_KIND, EntryKind
from .devices.satellite import SatelliteData
from .household.keeper import is_household

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from .household.keeper import Keeper
    from .link.client import Peer


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> dict[str, Any]:
    """Return counts and versions.

    Each value is listed here explicitly, so that no name, address or spoken word gets in by itself.
    """
    if is_household(entry):
        return await _household(entry.runtime_data)
    data = entry.runtime_data
    if isinstance(data, SatelliteData):
        health = data.health.data
        return {
            "kind": entry.data[CONF_KIND],
            "connected": data.is_reachable,
            "connections": data.connections,
            "status": asdict(health.status) if health.status else None,
            "last_turn": health.last_turn,
            "counts": _sorted(data.counts),
            "leaves_the_house": async_engine_report(hass, entry),
            "device": _device(data.peer),
        }
    return {
        "kind": entry.data[CONF_KIND],
        "connected": data.is_reachable,
        "counts": _sorted(data.counts),
        "device": _device(data.peer),
    }


async def _household(keeper: Keeper) -> dict[str, Any]:
    if (view := keeper.view) is None:
        return {"kind": EntryKind.HOUSEHOLD, "store": False}
    try:
        ledger = asdict(await keeper.run(lambda household: household.verify(())))
    except HomeAssistantError:
        ledger = None
    rooms = view.rooms.values()
    return {
        "kind": EntryKind.HOUSEHOLD,
        "store": True,
        "rooms": len(rooms),
        "rooms_that_keep": sum(room.keeps_for_seconds > 0 for room in rooms),
        "rooms_paused": sum(room.paused is not None for room in rooms),
        "recordings": view.totals.recordings,
        "size_bytes": view.totals.size_bytes,
        "counts": {
            "captured": view.totals.captured,
            "kept": view.totals.kept,
            "opened": view.totals.opened,
            "deleted": view.totals.deleted,
            "dropped": _sorted(Counter(view.totals.dropped)),
        },
        "ledger": ledger,
    }


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _device(peer: Peer) -> dict[str, Any]:
    info = peer.info
    sound = peer.sound_format
    return {
        "is_ours": peer.device_id is not None,
        "protocol": peer.protocol,
        "sound_format": [sound.rate, sound.width, sound.channels],
        "wake_words": sum(len(program.models) for program in info.wake),
        "active_wake_words": len(peer.active_wake_words),
        "speech_to_text": [
            {
                "program": program.name,
                "version": program.version,
                "models": [model.name for model in program.models],
                "finds_end_of_speech": not program.requires_external_vad,
            }
            for program in info.asr
        ],
        "text_to_speech": [
            {
                "program": program.name,
                "version": program.version,
                "voices": [voice.name for voice in program.voices],
                "streams": program.supports_synthesize_streaming,
            }
            for program in info.tts
        ],
    }
