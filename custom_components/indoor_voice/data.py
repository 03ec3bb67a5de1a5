"""Types of the devices' config entries, with type guards to tell them apart."""

from typing import Any, TypeGuard

from homeassistant.config_entries import ConfigEntry

from .devices.satellite import SatelliteData
from .devices.speech_server import SpeechData

type SatelliteConfigEntry = ConfigEntry[SatelliteData]
type SpeechConfigEntry = ConfigEntry[SpeechData]
type IndoorVoiceConfigEntry = ConfigEntry[SatelliteData | SpeechData]
"""The entry of a device."""


def is_satellite(entry: ConfigEntry[Any]) -> TypeGuard[SatelliteConfigEntry]:
    """Return whether a loaded entry is a satellite."""
    return isinstance(entry.runtime_data, SatelliteData)


def is_speech(entry: IndoorVoiceConfigEntry) -> TypeGuard[SpeechConfigEntry]:
    """Return whether a loaded entry is a speech server."""
    return isinstance(entry.runtime_data, SpeechData)
