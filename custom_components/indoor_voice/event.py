"""Event entity for what happens to recordings, without their content."""

from typing import TYPE_CHECKING, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .entity import KeepingEntity, household_device
from .household.events import SIGNAL_RECORDINGS, RecordingEvent, RecordingEvents

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .household.keeper import HouseholdConfigEntry

PARALLEL_UPDATES: Final = 0

_RECORDINGS: Final = EventEntityDescription(key="recordings", event_types=list(RecordingEvent))


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: HouseholdConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the household's event entity."""
    async_add_entities([IndoorVoiceRecordings(entry, _RECORDINGS, household_device(entry))])


class IndoorVoiceRecordings(KeepingEntity, EventEntity):
    """Fires when recordings are kept, opened or deleted, with their number and nothing else."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to recording events."""
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(self.hass, SIGNAL_RECORDINGS, self._handle_recordings)
        )

    @callback
    def _handle_recordings(self, events: RecordingEvents) -> None:
        self._trigger_event(events.event, {"count": events.count})
        self.async_write_ha_state()
