"""Says when an alarm rings, in the language of the assistant."""

from typing import TYPE_CHECKING, Final

from ...assistant.phrases import async_enumeration, async_sentence
from ...link.alarms import EVERY_DAY, WEEKEND, WORKING_DAYS

if TYPE_CHECKING:
    from datetime import datetime, time

    from homeassistant.core import HomeAssistant

    from ...link.alarms import Alarm

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The translation keys of their names."""
_NAMED: Final = {EVERY_DAY: "daily", WORKING_DAYS: "on_weekdays", WEEKEND: "at_weekends"}
_NOON: Final = 12
_WEEK: Final = 7


def _twelve_hours(at: time) -> str:
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % _NOON or _NOON}{minutes} {'AM' if at.hour < _NOON else 'PM'}"


def _german(at: time) -> str:
    return f"{at.hour}:{at.minute:02} Uhr" if at.minute else f"{at.hour} Uhr"


def clock(at: time, language: str) -> str:
    """Return a time of day as the speech server reads it aloud."""
    match language:
        case "en":
            return _twelve_hours(at)
        case "de":
            return _german(at)
    return f"{at.hour}:{at.minute:02}"


async def async_when(hass: HomeAssistant, alarm: Alarm, *, now: datetime, language: str) -> str:
    """Return when an alarm rings, such as "tomorrow at 7 AM"."""
    day, weekdays, said_time = alarm.date, alarm.weekdays, clock(alarm.time, language)

    async def say(key: str, **values: str) -> str:
        key = f"common.voice_alarm_{key}"
        return await async_sentence(hass, key, language, time=said_time, **values)

    async def name_of(weekday: int) -> str:
        return await async_sentence(hass, f"common.voice_{_DAYS[weekday]}", language)

    if day is None:
        if weekdays in _NAMED:
            return await say(_NAMED[weekdays])
        names = [await name_of(weekday) for weekday in sorted(weekdays)]
        return await say("weekly", days=await async_enumeration(hass, names, language, _WEEK))
    days = (day - now.date()).days
    if days in (0, 1):
        return await say(("today", "tomorrow")[days])
    is_near = 0 < days < _WEEK
    return await say("on_day", day=await name_of(day.weekday()) if is_near else day.isoformat())
