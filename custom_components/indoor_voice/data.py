"""The types of our config entries, and how to tell them apart."""

from typing import TYPE_CHECKING, Any, TypeGuard

from homeassistant.config_entries import ConfigEntry

from .const import CONF_KIND, Kind
from .coordinator import SpeechData
from .devices.satellite import SatelliteData

if TYPE_CHECKING:
    from .keeper import Keeper


type SatelliteConfigEntry = ConfigEntry[SatelliteData]
type SpeechConfigEntry = ConfigEntry[SpeechData]
type HouseholdConfigEntry = ConfigEntry[Keeper]
type IndoorVoiceConfigEntry = ConfigEntry[SatelliteData | SpeechData]
"""The entry of a device."""


def is_household(entry: ConfigEntry[Any]) -> TypeGuard[HouseholdConfigEntry]:
    """Tell whether an entry is the household, which is no device."""
    return bool(entry.data[CONF_KIND] == Kind.HOUSEHOLD)


def is_satellite(entry: ConfigEntry[Any]) -> TypeGuard[SatelliteConfigEntry]:
    """Tell whether an entry that is set up is a satellite."""
    return isinstance(entry.runtime_data, SatelliteData)


def is_speech(entry: IndoorVoiceConfigEntry) -> TypeGuard[SpeechConfigEntry]:
    """Tell whether an entry that is set up is a speech server."""
    return isinstance(entry.runtime_data, SpeechData)
