"""Names of devices that have just been found or examined."""

from typing import TYPE_CHECKING

from ..const import EntryKind
from ..link.text import without_links
from .phrases import async_sentence

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from ..devices.candidate import CandidateDevice


async def async_title(hass: HomeAssistant, device: CandidateDevice) -> str:
    """Return the title for the entry of an examined device."""
    info = device.peer.info
    if info.satellite is not None:
        return without_links(info.satellite.name) or await async_default_name(hass, device)
    models = [model.name for program in info.asr for model in program.models]
    programs = [program.name for program in (*info.asr, *info.tts)]
    shown = next(filter(None, map(without_links, (*models, *programs))), device.address.host)
    return f"Speech server ({shown})"


async def async_default_name(hass: HomeAssistant, device: CandidateDevice) -> str:
    """Return a name, in Home Assistant's language, for a device whose own is not known."""
    is_satellite = device.kind is EntryKind.SATELLITE
    key = "common.satellite_at" if is_satellite else "common.speech_server_at"
    return await async_sentence(hass, key, hass.config.language, host=device.address.host)
