"""A voice assistant for the home that keeps what you say indoors."""

from typing import TYPE_CHECKING, Final

from homeassistant.const import Platform
from homeassistant.exceptions import ConfigEntryNotReady

from .const import CONF_KIND, DOMAIN, Kind
from .coordinator import SpeechCoordinator
from .data import SatelliteData, SpeechData, address_of
from .link.client import probe
from .link.wire import LinkError
from .pipeline import async_fulfil_wishes, forget

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .data import IndoorVoiceConfigEntry

_SATELLITE_PLATFORMS: Final = (Platform.ASSIST_SATELLITE, Platform.SELECT)
_SPEECH_PLATFORMS: Final = (Platform.STT, Platform.TTS)


async def async_setup_entry(hass: HomeAssistant, entry: IndoorVoiceConfigEntry) -> bool:
    """Set up a satellite or a speech server."""
    if entry.data[CONF_KIND] == Kind.SATELLITE:
        entry.runtime_data = await _async_find_satellite(entry)
    else:
        coordinator = SpeechCoordinator(hass, entry, address_of(entry))
        await coordinator.async_config_entry_first_refresh()
        entry.runtime_data = SpeechData(coordinator=coordinator)
    await hass.config_entries.async_forward_entry_setups(entry, _platforms(entry))
    await async_fulfil_wishes(hass, entry)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: IndoorVoiceConfigEntry) -> bool:
    """Unload a satellite or a speech server."""
    return await hass.config_entries.async_unload_platforms(entry, _platforms(entry))


async def async_remove_entry(hass: HomeAssistant, entry: IndoorVoiceConfigEntry) -> None:
    """Leave nothing behind."""
    forget(hass, entry)


def _platforms(entry: IndoorVoiceConfigEntry) -> tuple[Platform, ...]:
    return _SATELLITE_PLATFORMS if entry.data[CONF_KIND] == Kind.SATELLITE else _SPEECH_PLATFORMS


async def _async_find_satellite(entry: IndoorVoiceConfigEntry) -> SatelliteData:
    address = address_of(entry)
    try:
        peer = await probe(address)
    except LinkError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="not_connected",
            translation_placeholders={"address": str(address)},
        ) from err
    if peer.info.satellite is None or entry.unique_id not in (None, peer.device_id):
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="another_device",
            translation_placeholders={"address": str(address)},
        )
    return SatelliteData(address=address, peer=peer)
