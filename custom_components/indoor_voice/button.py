"""Buttons that delete the last recording, and that say that the last command went wrong."""

from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .data import is_satellite
from .devices.entries import device_key
from .entity import KeepingEntity, household_device, satellite_device
from .household.keeper import is_household
from .privacy.people import MAX_RETENTION_SECONDS

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

PARALLEL_UPDATES: Final = 1

_DELETE_LAST: Final = ButtonEntityDescription(key="delete_last")
_THAT_WAS_WRONG: Final = ButtonEntityDescription(key="that_was_wrong")


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the buttons of the household or of a satellite."""
    if is_household(entry):
        async_add_entities([IndoorVoiceDeleteLast(entry, _DELETE_LAST, household_device(entry))])
    elif is_satellite(entry):
        device = satellite_device(entry)
        async_add_entities(
            [
                IndoorVoiceDeleteLast(entry, _DELETE_LAST, device),
                IndoorVoiceThatWasWrong(entry, _THAT_WAS_WRONG, device),
            ]
        )


class IndoorVoiceDeleteLast(KeepingEntity, ButtonEntity):
    """Deletes the last recording of the household or of a room; anyone can press it."""

    @override
    async def async_press(self) -> None:
        """Delete the last recording, if there is one."""
        room = None if is_household(self._entry) else device_key(self._entry)
        if self._keeper is not None:
            await self._keeper.async_forget_latest(room)
        await self._run(
            lambda household, actor: household.delete_last(
                room, actor, within_seconds=MAX_RETENTION_SECONDS
            )
        )


class IndoorVoiceThatWasWrong(KeepingEntity, ButtonEntity):
    """Keeps the room's last command for review if it led to nothing; anyone can press it."""

    @override
    async def async_press(self) -> None:
        """Keep the last command; raises `HomeAssistantError` if there is none, or it may not be."""
        assert self._keeper is not None, "Home Assistant presses no unavailable buttons"
        result = await self._keeper.async_report_wrong(device_key(self._entry))
        if result is None:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="nothing_to_report")
        if result.dropped is not None:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="report_not_kept")
