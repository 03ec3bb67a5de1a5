"""Notices in Home Assistant about alarms that nobody can have heard."""

from typing import TYPE_CHECKING, Final

from homeassistant.components import persistent_notification
from homeassistant.core import callback

from ..const import DOMAIN
from ..link.alarms import AlarmEvent
from .phrases import async_sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import HomeAssistant

    from ..data import SatelliteConfigEntry
    from ..link.alarms import Happening

_UNHEARD: Final = {AlarmEvent.ENDED: "alarm_ended", AlarmEvent.MISSED: "alarm_missed"}
"""The translation keys of what is worth a notice."""


@callback
def async_watch_alarms(hass: HomeAssistant, entry: SatelliteConfigEntry) -> Callable[[], None]:
    """Tell of a satellite's alarms that nobody stopped, or that could not ring.

    They are told until the returned function is called.
    """

    @callback
    def happened(happening: Happening) -> None:
        if happening.event in _UNHEARD:
            hass.async_create_task(_async_notify(hass, entry.title, happening))

    return entry.runtime_data.alarms.async_add_listener(happened)


async def _async_notify(hass: HomeAssistant, satellite: str, happening: Happening) -> None:
    key, language = f"common.{_UNHEARD[happening.event]}", hass.config.language
    at = happening.time.isoformat("minutes")
    title = await async_sentence(hass, f"{key}_title", language, satellite=satellite)
    message = await async_sentence(hass, key, language, satellite=satellite, time=at)
    notification_id = f"{DOMAIN}_alarm_{happening.alarm_id}"
    persistent_notification.async_create(hass, message, title, notification_id)
