"""Buttons that delete the last recording."""

from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription

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


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of the household or of a satellite."""
    if is_household(entry):
        async_add_entities([IndoorVoiceDeleteLast(entry, _DELETE_LAST, household_device(entry))])
    elif is_satellite(entry):
        async_add_entities([IndoorVoiceDeleteLast(entry, _DELETE_LAST, satellite_device(entry))])


class IndoorVoiceDeleteLast(KeepingEntity, ButtonEntity):
    """Deletes the last recording of the household or of a room; anyone can press it."""

    @override
    async def async_press(self) -> None:
        """Delete the last recording, if there is one."""
        room = None if is_household(self._entry) else device_key(self._entry)
        await self._run(
            lambda household, actor: household.delete_last(
                room, actor, within_seconds=MAX_RETENTION_SECONDS
            )
        )
