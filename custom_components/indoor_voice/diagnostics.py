"""What helps to find a fault, and says nothing of the people who live here."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .const import CONF_KIND
from .data import SatelliteData, is_reachable

if TYPE_CHECKING:
    from collections import Counter

    from homeassistant.core import HomeAssistant

    from .data import IndoorVoiceConfigEntry
    from .link.client import Peer


async def async_get_config_entry_diagnostics(
    _hass: HomeAssistant, entry: IndoorVoiceConfigEntry
) -> dict[str, Any]:
    """Return numbers and versions, each named here: no name, address or word gets in by itself."""
    data = entry.runtime_data
    if isinstance(data, SatelliteData):
        health = data.health.data
        return {
            "kind": entry.data[CONF_KIND],
            "connected": is_reachable(entry),
            "connections": data.link.connections if data.link else 0,
            "status": asdict(health.status) if health.status else None,
            "last_turn": health.last_turn,
            "counts": _sorted(data.counts),
            "device": _device(data.peer),
        }
    return {
        "kind": entry.data[CONF_KIND],
        "connected": is_reachable(entry),
        "counts": _sorted(data.counts),
        "device": _device(data.coordinator.data),
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
        "active_wake_words": len((info.satellite and info.satellite.active_wake_words) or []),
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
