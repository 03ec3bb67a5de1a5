"""Update platform: which version a device runs, and which one belongs to this integration.

All parts are released together, so the integration's own version is the one to have. Nobody on the
internet is asked, and Home Assistant can't install it: a device is updated on its own machine.
"""

from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.update import UpdateEntity, UpdateEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.loader import async_get_integration

from .assistant.phrases import async_sentence
from .const import DOMAIN, EntryKind
from .data import is_satellite, is_speech
from .entity import SatelliteEntity, SpeechServerEntity

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .data import IndoorVoiceConfigEntry
    from .link.client import Peer

PARALLEL_UPDATES: Final = 0

_SOFTWARE: Final = UpdateEntityDescription(
    key="software", entity_category=EntityCategory.DIAGNOSTIC
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: IndoorVoiceConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the software of a satellite or speech server, but not that of other vendors."""
    software: IndoorVoiceSoftware
    if is_satellite(entry):
        software, kind = IndoorVoiceSatelliteSoftware(entry, _SOFTWARE), EntryKind.SATELLITE
    elif is_speech(entry) and entry.runtime_data.peer.device_id is not None:
        software, kind = IndoorVoiceSpeechSoftware(entry, _SOFTWARE), EntryKind.SPEECH
    else:
        return
    await software.async_describe(hass, kind)
    async_add_entities([software])


class IndoorVoiceSoftware(UpdateEntity):
    """The software of a device. It remains available while the device is away."""

    _attr_title = "Indoor Voice"
    _entry: ConfigEntry[Any]

    @property
    @override
    def installed_version(self) -> str | None:
        """The version of which the device last told."""
        peer: Peer = self._entry.runtime_data.peer
        return peer.version

    async def async_describe(self, hass: HomeAssistant, kind: EntryKind) -> None:
        """Describe the version to have, and how to get it."""
        integration = await async_get_integration(hass, DOMAIN)
        version = str(integration.version)
        self._attr_latest_version = version
        self._attr_release_url = (
            f"{integration.documentation}/blob/v{version}/docs/install.md#updating"
        )
        self._attr_release_summary = await async_sentence(
            hass, "common.how_to_update", hass.config.language, service=f"indoor-voice-{kind}"
        )


class IndoorVoiceSatelliteSoftware(SatelliteEntity, IndoorVoiceSoftware):
    """The software of a satellite."""


class IndoorVoiceSpeechSoftware(SpeechServerEntity, IndoorVoiceSoftware):
    """The software of a speech server."""
