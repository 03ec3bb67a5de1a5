"""What the integration holds while a satellite or a speech server is set up."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT

from .link.client import Address

if TYPE_CHECKING:
    from .coordinator import SpeechCoordinator
    from .link.client import Peer
    from .link.satellite import SatelliteLink


@dataclass(slots=True, kw_only=True)
class SatelliteData:
    """A satellite."""

    address: Address
    peer: Peer
    """What the satellite last said of itself."""

    link: SatelliteLink | None = None
    """Set while the satellite's entity exists."""

    counts: Counter[str] = field(default_factory=Counter)
    """How often what happened since set-up; names of outcomes, nothing of what was said."""


@dataclass(slots=True, kw_only=True)
class SpeechData:
    """A speech server."""

    coordinator: SpeechCoordinator
    counts: Counter[str] = field(default_factory=Counter)
    """How often what happened since set-up; names of outcomes, nothing of what was said."""


type SatelliteConfigEntry = ConfigEntry[SatelliteData]
type SpeechConfigEntry = ConfigEntry[SpeechData]
type IndoorVoiceConfigEntry = ConfigEntry[SatelliteData | SpeechData]


def device_key(entry: IndoorVoiceConfigEntry | SatelliteConfigEntry | SpeechConfigEntry) -> str:
    """Return what the device and its entities are known by, also over a new address."""
    return entry.unique_id or entry.entry_id


def address_of(entry: IndoorVoiceConfigEntry) -> Address:
    """Return where the entry's device listens."""
    return Address(host=entry.data[CONF_HOST], port=entry.data[CONF_PORT])
