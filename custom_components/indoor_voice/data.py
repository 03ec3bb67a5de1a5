"""The types of the devices' config entries, and how to tell them apart."""

from typing import Any, TypeGuard

from homeassistant.config_entries import ConfigEntry

from .devices.satellite import SatelliteData
from .devices.speech_server import SpeechData

type SatelliteConfigEntry = ConfigEntry[SatelliteData]
type SpeechConfigEntry = ConfigEntry[SpeechData]
type IndoorVoiceConfigEntry = ConfigEntry[SatelliteData | SpeechData]
"""The entry of a device."""


def is_satellite(entry: ConfigEntry[Any]) -> TypeGuard[SatelliteConfigEntry]:
    """Tell whether an entry that is set up is a satellite."""
    return isinstance(entry.runtime_data, SatelliteData)


def is_speech(entry: IndoorVoiceConfigEntry) -> TypeGuard[SpeechConfigEntry]:
    """Tell whether an entry that is set up is a speech server."""
    return isinstance(entry.runtime_data, SpeechData)
