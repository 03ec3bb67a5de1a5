"""Says in a room that what is said there is kept from now on, or no longer is."""

from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_pipeline import PipelineNotFound
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.components.assist_pipeline.select import get_chosen_pipeline
from homeassistant.components.assist_satellite import DOMAIN as ASSIST_SATELLITE_DOMAIN
from homeassistant.components.assist_satellite.entity import AssistSatelliteState
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import TrackStates, async_track_state_change_filtered

from .const import DOMAIN
from .spoken import async_duration, async_sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant

    from .privacy.people import RoomId

_ANNOUNCE: Final = "announce"


class Teller:
    """Tells each room once, as soon as its satellite is there and nothing goes on there."""

    def __init__(
        self, hass: HomeAssistant, told: Callable[[RoomId, bool], Awaitable[None]]
    ) -> None:
        """Have nothing to tell yet; `told` learns which room was told whether it keeps."""
        self._hass = hass
        self._told = told
        self._untold: dict[RoomId, float] = {}
        self._being_told: set[RoomId] = set()
        self._unnoted: dict[RoomId, bool] = {}
        """What rooms were told while the store could not take note of it."""

    @callback
    def async_watch(self) -> CALLBACK_TYPE:
        """Wait for the satellites that are away or busy; returns what ends it."""
        states = TrackStates(all_states=False, entities=set(), domains={ASSIST_SATELLITE_DOMAIN})
        return async_track_state_change_filtered(self._hass, states, self._changed).async_remove

    @callback
    def tell(self, untold: Mapping[RoomId, float]) -> None:
        """Tell rooms that keeping began, for so many seconds, or ended (0)."""
        self._untold = {
            room: seconds
            for room, seconds in untold.items()
            if self._unnoted.get(room) != (seconds > 0)
        }
        for room in list(self._untold):
            self._try(room)

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        for room in list(self._untold):
            if self._entity_id(room) == event.data["entity_id"]:
                self._try(room)

    def _try(self, room: RoomId) -> None:
        entity_id = self._entity_id(room)
        state = self._hass.states.get(entity_id) if entity_id else None
        idle = state is not None and state.state == AssistSatelliteState.IDLE
        if entity_id and idle and room not in self._being_told:
            self._being_told.add(room)
            self._hass.async_create_background_task(
                self._async_tell(room, entity_id, self._untold.pop(room)),
                f"{DOMAIN} telling of keeping",
            )

    def _entity_id(self, room: RoomId) -> str | None:
        return er.async_get(self._hass).async_get_entity_id(ASSIST_SATELLITE_DOMAIN, DOMAIN, room)

    async def _async_tell(self, room: RoomId, entity_id: str, seconds: float) -> None:
        try:
            await self._hass.services.async_call(
                ASSIST_SATELLITE_DOMAIN,
                _ANNOUNCE,
                {
                    ATTR_ENTITY_ID: entity_id,
                    "message": await self._async_sentence(room, seconds),
                    "preannounce": False,
                },
                blocking=True,
            )
        except HomeAssistantError:
            # It is told again with the satellite's next change, unless there is other news by then.
            self._untold.setdefault(room, seconds)
            self._being_told.discard(room)
            return
        try:
            await self._told(room, seconds > 0)
        except HomeAssistantError:
            self._unnoted[room] = seconds > 0
        else:
            self._unnoted.pop(room, None)
        self._being_told.discard(room)
        if room in self._untold:  # there was news meanwhile
            self._try(room)

    async def _async_sentence(self, room: RoomId, seconds: float) -> str:
        language = self._language(room)
        if seconds <= 0:
            return await async_sentence(self._hass, "common.keeping_ended", language)
        duration = await async_duration(self._hass, seconds, language)
        return await async_sentence(self._hass, "common.keeping_began", language, duration=duration)

    def _language(self, room: RoomId) -> str:
        """Return what the room's assistant speaks."""
        pipeline_id = get_chosen_pipeline(self._hass, DOMAIN, room)
        try:
            language = async_get_pipeline(self._hass, pipeline_id).tts_language
        except PipelineNotFound:
            language = None
        return language or self._hass.config.language
