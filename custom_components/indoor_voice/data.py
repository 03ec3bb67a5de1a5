"""What the integration holds while a satellite or a speech server is set up."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from homeassistant.config_entries import ConfigEntry

from .const import CONF_KIND, Kind
from .devices.satellite import SatelliteData

if TYPE_CHECKING:
    from .coordinator import SpeechCoordinator
    from .keeper import Keeper
    from .link.client import Peer


@dataclass(slots=True, kw_only=True)
class SpeechData:
    """A speech server."""

    coordinator: SpeechCoordinator
    counts: Counter[str] = field(default_factory=Counter)
    """How often what happened since set-up; names of outcomes, nothing of what was said."""

    @property
    def is_reachable(self) -> bool:
        """Whether the speech server answered last time."""
        return self.coordinator.last_update_success

    @property
    def peer(self) -> Peer:
        """The speech server's latest description of itself."""
        return self.coordinator.data


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
