"""Event entities for recordings, without their content, for alarms, timers and wake words."""

from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .data import is_satellite
from .entity import KeepingEntity, SatelliteEntity, household_device
from .household.events import SIGNAL_RECORDINGS, RecordingEvent, RecordingEvents
from .household.keeper import is_household
from .link.alarms import AlarmEvent
from .link.timers import TimerState

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity import EntityDescription
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .data import SatelliteConfigEntry
    from .link.alarms import Happening

PARALLEL_UPDATES: Final = 0

_RECORDINGS: Final = EventEntityDescription(key="recordings", event_types=list(RecordingEvent))
_FINISHED: Final = "finished"
_TIMERS: Final = EventEntityDescription(key="timers", event_types=[_FINISHED])
_ALARMS: Final = EventEntityDescription(key="alarms", event_types=list(AlarmEvent))
_HEARD: Final = "heard"
_WAKE_WORD: Final = EventEntityDescription(key="wake_word", event_types=[_HEARD])


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event entities of the household or of a satellite."""
    if is_household(entry):
        async_add_entities([IndoorVoiceRecordings(entry, _RECORDINGS, household_device(entry))])
    elif is_satellite(entry):
        async_add_entities(
            [
                IndoorVoiceAlarms(entry, _ALARMS),
                IndoorVoiceTimers(entry, _TIMERS),
                IndoorVoiceWakeWord(entry, _WAKE_WORD),
            ]
        )


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


class IndoorVoiceTimers(SatelliteEntity, EventEntity):
    """Fires when a timer ends, with the time that it took and without its name."""

    def __init__(self, entry: SatelliteConfigEntry, description: EntityDescription) -> None:
        """Initialize; what rings already is no news."""
        super().__init__(entry, description)
        self._ringing = self._rings_now()

    def _rings_now(self) -> set[str]:
        timers = self.coordinator.data.timers
        return {timer.id for timer in timers if timer.state is TimerState.RINGING}

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        before, self._ringing = self._ringing, self._rings_now()
        for timer in self.coordinator.data.timers:
            if timer.id in self._ringing - before:
                self._trigger_event(_FINISHED, {"duration": round(timer.total_seconds)})
                self.async_write_ha_state()


class IndoorVoiceAlarms(SatelliteEntity, EventEntity):
    """Fires when something happens to an alarm; later, if the satellite was away then."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to what happens to alarms."""
        await super().async_added_to_hass()
        listen = self._entry.runtime_data.alarms.async_add_listener
        self.async_on_remove(listen(self._handle_happening))

    @callback
    def _handle_happening(self, happening: Happening) -> None:
        attributes = {
            "time": happening.time.isoformat("auto"),
            "at": dt_util.utc_from_timestamp(happening.moment).isoformat(),
        }
        self._trigger_event(happening.event, attributes)
        self.async_write_ha_state()


class IndoorVoiceWakeWord(SatelliteEntity, EventEntity):
    """Fires when the satellite has heard a wake word, whatever becomes of the turn."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to wake words."""
        await super().async_added_to_hass()
        listen = self._entry.runtime_data.async_add_wake_word_listener
        self.async_on_remove(listen(self._handle_wake_word))

    @callback
    def _handle_wake_word(self, name: str | None) -> None:
        phrase = self._entry.runtime_data.peer.wake_word_phrase(name)
        self._trigger_event(_HEARD, {"wake_word": phrase})
        self.async_write_ha_state()
