"""Announces in a room that keeping began or ended, or that members or listeners changed."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_satellite import DOMAIN as ASSIST_SATELLITE_DOMAIN
from homeassistant.components.assist_satellite.entity import AssistSatelliteState
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HassJob, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import (
    TrackStates,
    async_call_later,
    async_track_state_change_filtered,
)
from homeassistant.util import dt as dt_util

from ..assistant.assistants import FIRST, chosen_pipeline
from ..assistant.phrases import async_duration, async_sentence, spoken_language
from ..const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant

    from ..privacy.people import RoomId
    from ..privacy.types import News

_ANNOUNCE: Final = "announce"
SETTLING_SECONDS: Final = 5.0
"""How long members and listeners must stay unchanged before a change is announced."""
_NIGHT_BEGINS: Final = 22
_NIGHT_ENDS: Final = 7
"""Between these hours, a change of members or listeners is announced at most once per room."""


class Announcer:
    """Announces each piece of news once, as soon as the room's satellite is available and idle."""

    def __init__(
        self, hass: HomeAssistant, told: Callable[[RoomId, News], Awaitable[None]]
    ) -> None:
        """Start without news; `told` is awaited after each announcement, to record it."""
        self._hass = hass
        self._told = told
        self._untold: dict[RoomId, News] = {}
        self._since: dict[RoomId, tuple[News, datetime]] = {}
        """Pending changes of members or listeners, and when each was first seen."""
        self._announcing: set[RoomId] = set()
        self._unrecorded: dict[RoomId, News] = {}
        """Announcements that were made but couldn't be recorded in the store."""
        self._nights: dict[RoomId, date] = {}
        """The night of the last announcement in each room that was made at night."""
        self._settling: CALLBACK_TYPE | None = None
        """Cancels the timer after which pending changes are checked again."""

    @callback
    def async_watch(self) -> CALLBACK_TYPE:
        """Retry when a satellite's state changes; return a callback that stops it."""
        states = TrackStates(all_states=False, entities=set(), domains={ASSIST_SATELLITE_DOMAIN})
        tracker = async_track_state_change_filtered(self._hass, states, self._changed)

        @callback
        def end() -> None:
            tracker.async_remove()
            self._untold.clear()
            if self._settling is not None:
                self._settling()

        return end

    @callback
    def tell(self, untold: Mapping[RoomId, News]) -> None:
        """Announce to each room what has changed there, once and in one sentence."""
        self._untold = {
            room: news
            for room, news in untold.items()
            if room not in self._unrecorded or not _is_same(self._unrecorded[room], news)
        }
        for room in self._since.keys() - self._untold.keys():
            del self._since[room]
        for room in list(self._untold):
            self._try(room)

    def _must_wait(self, room: RoomId, news: News) -> bool:
        """Return whether to delay an announcement.

        Members and listeners usually change in several steps, and nights should stay quiet.
        """
        if news.began_or_ended:
            return False
        now = dt_util.now()
        known = self._since.get(room)
        if known is None or not _is_same(known[0], news):
            self._since[room] = (news, now)
            if self._settling is not None:
                self._settling()
            self._settling = async_call_later(
                self._hass, SETTLING_SECONDS, HassJob(self._settled, cancel_on_shutdown=True)
            )
            return True
        if now < known[1] + timedelta(seconds=SETTLING_SECONDS):
            return True
        return (night := _night(now)) is not None and self._nights.get(room) == night

    @callback
    def _settled(self, _now: datetime) -> None:
        self._settling = None
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
        if entity_id and idle and room not in self._announcing:
            if self._must_wait(room, self._untold[room]):
                return
            self._announcing.add(room)
            self._hass.async_create_background_task(
                self._async_tell(room, entity_id, self._untold.pop(room)),
                f"{DOMAIN} announcement",
            )

    def _entity_id(self, room: RoomId) -> str | None:
        return er.async_get(self._hass).async_get_entity_id(ASSIST_SATELLITE_DOMAIN, DOMAIN, room)

    async def _async_tell(self, room: RoomId, entity_id: str, news: News) -> None:
        try:
            await self._hass.services.async_call(
                ASSIST_SATELLITE_DOMAIN,
                _ANNOUNCE,
                {
                    ATTR_ENTITY_ID: entity_id,
                    "message": await self._async_sentence(room, news),
                    "preannounce": False,
                },
                blocking=True,
            )
        except HomeAssistantError:
            # Retried at the satellite's next state change, unless there is newer news by then.
            self._untold.setdefault(room, news)
            self._announcing.discard(room)
            return
        if (night := _night(dt_util.now())) is not None:
            self._nights[room] = night
        try:
            await self._told(room, news)
        except HomeAssistantError:
            self._unrecorded[room] = news
        else:
            self._unrecorded.pop(room, None)
        self._announcing.discard(room)
        if room in self._untold:  # more news arrived in the meantime
            self._try(room)

    async def _async_sentence(self, room: RoomId, news: News) -> str:
        language, seconds = self._language(room), news.keeps_for_seconds
        if not news.began_or_ended:
            return await async_sentence(self._hass, "common.audience_changed", language)
        if seconds <= 0:
            return await async_sentence(self._hass, "common.keeping_ended", language)
        duration = await async_duration(self._hass, seconds, language)
        return await async_sentence(self._hass, "common.keeping_began", language, duration=duration)

    def _language(self, room: RoomId) -> str:
        """Return the language that the room's assistant speaks."""
        return spoken_language(self._hass, chosen_pipeline(self._hass, room, FIRST))


def _is_same(one: News, other: News) -> bool:
    """Return whether a room that was told one piece of news needn't be told the other."""
    return (one.keeps_for_seconds > 0, one.members, one.listeners) == (
        other.keeps_for_seconds > 0,
        other.members,
        other.listeners,
    )


def _night(now: datetime) -> date | None:
    """Return the date on which the current night began, or None by day."""
    if now.hour >= _NIGHT_BEGINS:
        return now.date()
    return now.date() - timedelta(days=1) if now.hour < _NIGHT_ENDS else None
