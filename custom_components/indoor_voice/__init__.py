"""A voice assistant for the home that keeps what you say indoors."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import MAJOR_VERSION, MINOR_VERSION, Platform
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_send

from .api.websocket import async_register_websocket
from .assistant.alarm_notice import async_watch_alarms
from .assistant.locality import async_watch_locality
from .assistant.log_filter import async_install_log_filter
from .assistant.pipeline import async_make_requested_pipeline, delete_pipeline_issue
from .const import CONF_KIND, DOMAIN, EntryKind
from .data import is_satellite
from .devices.absence import async_watch_absence
from .devices.connecting import async_probe_entry, retry_when_reachable
from .devices.coordinator import SpeechCoordinator
from .devices.entries import address_of
from .devices.rediscovery import async_follow
from .devices.satellite import SatelliteData
from .devices.speech_server import SpeechData
from .devices.timer_names import TimerNames
from .devices.trust import async_tls_context, async_unpair, async_update_protection_issue
from .entity import satellite_device
from .household.asking import async_watch_answers
from .household.keeper import KEEPER, SIGNAL_HOUSEHOLD, Keeper, is_household
from .household.learning import Learning
from .household.live_capture import async_watch_captures
from .household.migration import ENTRY_MINOR_VERSION, converted_options
from .household.store import async_forget_household
from .household.visibility import async_watch_visibility
from .panel import async_hide_panel, async_serve_panel, async_show_panel
from .services import async_register_services
from .voice_commands.recognise import async_register_commands

if TYPE_CHECKING:
    from ssl import SSLContext

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType

    from .data import IndoorVoiceConfigEntry
    from .household.keeper import HouseholdConfigEntry

CONFIG_SCHEMA: Final = cv.config_entry_only_config_schema(DOMAIN)

_PLATFORMS: Final = {
    EntryKind.SATELLITE: (
        Platform.ASSIST_SATELLITE,
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.EVENT,
        Platform.MEDIA_PLAYER,
        Platform.NUMBER,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SWITCH,
        Platform.UPDATE,
    ),
    EntryKind.SPEECH: (Platform.BINARY_SENSOR, Platform.STT, Platform.TTS, Platform.UPDATE),
    EntryKind.HOUSEHOLD: (Platform.BUTTON, Platform.EVENT, Platform.SENSOR, Platform.SWITCH),
}

# Home Assistant 2026.10 treats anything but true as a failure; later releases expect no value.
DONE: Final = True if (MAJOR_VERSION, MINOR_VERSION) < (2026, 11) else None


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Set up what all entries share: actions, voice commands, the panel and the watchers."""
    async_install_log_filter()
    async_watch_absence(hass)
    async_register_services(hass)
    async_register_websocket(hass)
    async_watch_locality(hass)
    async_watch_captures(hass)
    async_watch_answers(hass)
    async_watch_visibility(hass)
    await Learning(hass).async_begin()
    await async_register_commands(hass)
    await async_serve_panel(hass)
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool | None:
    """Convert an entry that an earlier version stored."""
    if entry.minor_version < ENTRY_MINOR_VERSION:
        hass.config_entries.async_update_entry(
            entry, options=converted_options(entry.options), minor_version=ENTRY_MINOR_VERSION
        )
    return DONE


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool | None:
    """Set up a satellite, a speech server or the household."""
    if is_household(entry):
        await _async_set_up_household(hass, entry)
    else:
        await _async_set_up_device(hass, entry)
    return DONE


async def _async_set_up_household(hass: HomeAssistant, entry: HouseholdConfigEntry) -> None:
    keeper = Keeper(hass, entry)
    try:
        await keeper.async_start()
    except BaseException:
        await keeper.async_stop()  # otherwise the store would stay locked
        raise
    entry.runtime_data = hass.data[KEEPER] = keeper
    async_dispatcher_send(hass, SIGNAL_HOUSEHOLD)
    await hass.config_entries.async_forward_entry_setups(entry, _platforms(entry))
    await async_show_panel(hass)


async def _async_set_up_device(hass: HomeAssistant, entry: IndoorVoiceConfigEntry) -> None:
    async_update_protection_issue(hass, entry)
    tls_context = await async_tls_context(hass, entry)
    try:
        entry.runtime_data = await _async_first_contact(hass, entry, tls_context)
    except ConfigEntryNotReady:
        retry_when_reachable(hass, entry)
        raise
    await hass.config_entries.async_forward_entry_setups(entry, _platforms(entry))
    if is_satellite(entry):
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=entry.entry_id, **satellite_device(entry)
        )
        entry.async_on_unload(await entry.runtime_data.timers.async_register(device.id))
        entry.async_on_unload(entry.runtime_data.alarms.async_follow_time_zone())
        entry.async_on_unload(async_watch_alarms(hass, entry))
        entry.runtime_data.async_connect()
    async_follow(hass, entry, tls_context)
    await async_make_requested_pipeline(hass, entry)


async def async_unload_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool | None:
    """Unload a satellite, a speech server or the household."""
    if not await hass.config_entries.async_unload_platforms(entry, _platforms(entry)):
        raise ConfigEntryError(translation_domain=DOMAIN, translation_key="not_unloaded")
    if is_household(entry):
        async_hide_panel(hass)
        del hass.data[KEEPER]
        async_dispatcher_send(hass, SIGNAL_HOUSEHOLD)
        await entry.runtime_data.async_stop()
    return DONE


async def async_remove_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Delete everything that belongs to a removed entry."""
    if is_household(entry):
        await async_forget_household(hass)
        return
    delete_pipeline_issue(hass, entry)
    await TimerNames(hass, entry.entry_id).async_remove()
    await async_unpair(hass, entry)


def _platforms(entry: ConfigEntry[Any]) -> tuple[Platform, ...]:
    return _PLATFORMS[entry.data[CONF_KIND]]


async def _async_first_contact(
    hass: HomeAssistant, entry: IndoorVoiceConfigEntry, tls_context: SSLContext | None
) -> SatelliteData | SpeechData:
    """Contact the device for the first time; raises `ConfigEntryNotReady`."""
    address = address_of(entry)
    if entry.data[CONF_KIND] == EntryKind.SPEECH:
        coordinator = SpeechCoordinator(hass, entry, address, tls_context)
        await coordinator.async_config_entry_first_refresh()
        return SpeechData(coordinator=coordinator)
    assert tls_context is not None
    peer = await async_probe_entry(hass, entry, address, tls_context, ConfigEntryNotReady)
    return SatelliteData(hass, entry, address, tls_context, peer)
