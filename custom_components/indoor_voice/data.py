"""What the integration holds while a satellite or a speech server is set up."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT

from .const import CONF_KIND, DOMAIN, HOUSEHOLD_ID, Kind
from .link.client import Address
from .link.wire import PeerGoneError
from .request import Request

if TYPE_CHECKING:
    from ssl import SSLContext

    from homeassistant.core import HomeAssistant
    from wyoming.event import Event, Eventable

    from .coordinator import SpeechCoordinator
    from .health import SatelliteCoordinator
    from .keeper import Keeper
    from .link.client import Peer
    from .link.satellite import SatelliteLink, Status


@dataclass(slots=True, kw_only=True)
class SatelliteData:
    """A satellite."""

    address: Address
    security: SSLContext
    """Connects to it and to nothing else."""

    peer: Peer
    """What the satellite last said of itself."""

    health: SatelliteCoordinator

    link: SatelliteLink | None = None
    """Set while the satellite's entity exists."""

    muting: Request[Status] = field(default_factory=Request)
    """To be muted or not."""

    counts: Counter[str] = field(default_factory=Counter)
    """How often what happened since set-up; names of outcomes, nothing of what was said."""

    async def send(self, message: Event | Eventable) -> None:
        """Send the satellite one event; raises `PeerGoneError`, also while it is not connected."""
        if self.link is None:
            raise PeerGoneError("the satellite is not connected")
        await self.link.send(message)


@dataclass(slots=True, kw_only=True)
class SpeechData:
    """A speech server."""

    coordinator: SpeechCoordinator
    counts: Counter[str] = field(default_factory=Counter)
    """How often what happened since set-up; names of outcomes, nothing of what was said."""


type SatelliteConfigEntry = ConfigEntry[SatelliteData]
type SpeechConfigEntry = ConfigEntry[SpeechData]
type HouseholdConfigEntry = ConfigEntry[Keeper]
type IndoorVoiceConfigEntry = ConfigEntry[SatelliteData | SpeechData]
"""The entry of a device."""


def device_key(entry: ConfigEntry[Any]) -> str:
    """Return what the device and its entities are known by, also over a new address."""
    return entry.unique_id or entry.entry_id


def is_household(entry: ConfigEntry[Any]) -> TypeGuard[HouseholdConfigEntry]:
    """Tell whether an entry is the household, which is no device."""
    return bool(entry.data[CONF_KIND] == Kind.HOUSEHOLD)


def household_entry(hass: HomeAssistant) -> HouseholdConfigEntry | None:
    """Return the household's entry, set up or not."""
    return hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, HOUSEHOLD_ID)


def device_entries(hass: HomeAssistant) -> list[IndoorVoiceConfigEntry]:
    """Return the entries of all satellites and speech servers, set up or not."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    return [entry for entry in entries if not is_household(entry)]


def satellite_entries(hass: HomeAssistant) -> list[IndoorVoiceConfigEntry]:
    """Return the entries of all satellites, set up or not."""
    return [e for e in device_entries(hass) if e.data[CONF_KIND] == Kind.SATELLITE]


def is_satellite(entry: ConfigEntry[Any]) -> TypeGuard[SatelliteConfigEntry]:
    """Tell whether an entry that is set up is a satellite."""
    return isinstance(entry.runtime_data, SatelliteData)


def is_speech(entry: IndoorVoiceConfigEntry) -> TypeGuard[SpeechConfigEntry]:
    """Tell whether an entry that is set up is a speech server."""
    return isinstance(entry.runtime_data, SpeechData)


def is_reachable(entry: IndoorVoiceConfigEntry) -> bool:
    """Tell whether the device of an entry that is set up is there."""
    data = entry.runtime_data
    if isinstance(data, SatelliteData):
        return data.health.data.connected
    return data.coordinator.last_update_success


def address_of(entry: IndoorVoiceConfigEntry) -> Address:
    """Return where the entry's device listens."""
    return Address(host=entry.data[CONF_HOST], port=entry.data[CONF_PORT])
