"""A voice assistant for the home that keeps what you say indoors."""

from typing import TYPE_CHECKING, Final

from homeassistant.const import Platform
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv

from .absence import async_watch_absence
from .const import CONF_KIND, DOMAIN, Kind
from .coordinator import SpeechCoordinator
from .data import SatelliteData, SpeechData, address_of
from .health import SatelliteCoordinator
from .pipeline import async_fulfil_wishes, forget
from .reach import async_ask, wait_for
from .security import async_part, async_security_of, async_show_protection

if TYPE_CHECKING:
    from ssl import SSLContext

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType

    from .data import IndoorVoiceConfigEntry

CONFIG_SCHEMA: Final = cv.config_entry_only_config_schema(DOMAIN)

_SATELLITE_PLATFORMS: Final = (
    Platform.ASSIST_SATELLITE,
    Platform.BINARY_SENSOR,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
)
_SPEECH_PLATFORMS: Final = (Platform.BINARY_SENSOR, Platform.STT, Platform.TTS)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Begin to watch over the devices."""
    async_watch_absence(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: IndoorVoiceConfigEntry) -> bool:
    """Set up a satellite or a speech server."""
    async_show_protection(hass, entry)
    security = await async_security_of(hass, entry)
    try:
        entry.runtime_data = await _async_find(hass, entry, security)
    except ConfigEntryNotReady:
        wait_for(hass, entry)
        raise
    await hass.config_entries.async_forward_entry_setups(entry, _platforms(entry))
    await async_fulfil_wishes(hass, entry)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: IndoorVoiceConfigEntry) -> bool:
    """Unload a satellite or a speech server."""
    return await hass.config_entries.async_unload_platforms(entry, _platforms(entry))


async def async_remove_entry(hass: HomeAssistant, entry: IndoorVoiceConfigEntry) -> None:
    """Leave nothing behind."""
    forget(hass, entry)
    await async_part(hass, entry)


def _platforms(entry: IndoorVoiceConfigEntry) -> tuple[Platform, ...]:
    return _SATELLITE_PLATFORMS if entry.data[CONF_KIND] == Kind.SATELLITE else _SPEECH_PLATFORMS


async def _async_find(
    hass: HomeAssistant, entry: IndoorVoiceConfigEntry, security: SSLContext | None
) -> SatelliteData | SpeechData:
    """Reach the device for the first time; raises `ConfigEntryNotReady`."""
    address = address_of(entry)
    if entry.data[CONF_KIND] == Kind.SPEECH:
        coordinator = SpeechCoordinator(hass, entry, address, security)
        await coordinator.async_config_entry_first_refresh()
        return SpeechData(coordinator=coordinator)
    assert security is not None
    return SatelliteData(
        address=address,
        security=security,
        peer=await async_ask(hass, entry, address, security, ConfigEntryNotReady),
        health=SatelliteCoordinator(hass, entry),
    )
