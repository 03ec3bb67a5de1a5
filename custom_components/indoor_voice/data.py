"""What the integration holds while a satellite or a speech server is set up."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT

from .link.client import Address
from .link.wire import PeerGoneError
from .request import Request

if TYPE_CHECKING:
    from ssl import SSLContext

    from wyoming.event import Event, Eventable

    from .coordinator import SpeechCoordinator
    from .health import SatelliteCoordinator
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
type IndoorVoiceConfigEntry = ConfigEntry[SatelliteData | SpeechData]


def device_key(entry: IndoorVoiceConfigEntry | SatelliteConfigEntry | SpeechConfigEntry) -> str:
    """Return what the device and its entities are known by, also over a new address."""
    return entry.unique_id or entry.entry_id


def is_satellite(entry: IndoorVoiceConfigEntry) -> TypeGuard[SatelliteConfigEntry]:
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
