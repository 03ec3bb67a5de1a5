"""Executes the voice commands about alarms, on the satellite that heard them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util
from homeassistant.util.language import Dialect

from ...assistant.phrases import async_enumeration, async_sentence
from ...devices.alarms import AlarmError, DeviceAlarms
from .sentences import AlarmCommand
from .when import PassedTodayError, times_of_day, when
from .wording import async_when

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from homeassistant.core import HomeAssistant

    from ...link.alarms import Alarm
    from .recognise import Said

_MOST: Final = 4
"""Alarms in one answer."""


async def async_execute(
    hass: HomeAssistant, said: Said, alarms: DeviceAlarms | None, language: str
) -> str:
    """Execute a command and return the answer.

    `alarms` are those of the satellite that heard it; None if it was no satellite of ours.
    """
    request = _Request(hass, said.slots, Dialect.parse(language).language)
    if alarms is None:
        return await async_sentence(hass, "common.voice_elsewhere", language)
    try:
        return await _HANDLERS[said.command](request, alarms)
    except AlarmError as err:
        return await request.say(err.why)
    except PassedTodayError:
        return await request.say("alarm_passed")


@dataclass(frozen=True, slots=True)
class _Request:
    hass: HomeAssistant
    slots: Mapping[str, str | int]
    language: str

    async def say(self, key: str, **values: str | int) -> str:
        return await async_sentence(self.hass, f"common.voice_{key}", self.language, **values)

    async def say_how_many(self, key: str, alarms: Sequence[Alarm]) -> str:
        form = {0: "none", 1: "one"}.get(len(alarms), "many")
        if not alarms:
            return await self.say(f"{key}_{form}")
        return await self.say(
            f"{key}_{form}", count=len(alarms), alarms=await self.enumerate(alarms)
        )

    @property
    def names_a_time(self) -> bool:
        """Whether it is about alarms at a time of day."""
        return "hour" in self.slots or "fixed" in self.slots

    def meant(self, alarms: DeviceAlarms) -> Sequence[Alarm]:
        """Return the alarms that it may be about, the next to ring first."""
        if not self.names_a_time:
            return alarms.listed
        times = times_of_day(self.slots)
        return [one for one in alarms.listed if one.time.hour * 60 + one.time.minute in times]

    async def enumerate(self, alarms: Iterable[Alarm]) -> str:
        said = [
            await async_when(self.hass, alarm, now=dt_util.now(), language=self.language)
            for alarm in alarms
        ]
        return await async_enumeration(self.hass, said, self.language, _MOST)


async def _set(request: _Request, alarms: DeviceAlarms) -> str:
    rings = when(request.slots, dt_util.now())
    alarm = await alarms.async_set(rings.time, rings.date, rings.weekdays)
    return await request.say("alarm_set", when=await request.enumerate([alarm]))


async def _snooze(request: _Request, alarms: DeviceAlarms) -> str:
    await alarms.async_snooze()
    return await request.say("alarm_snoozed")


async def _list(request: _Request, alarms: DeviceAlarms) -> str:
    return await request.say_how_many("alarms_set", alarms.on)


async def _remove(request: _Request, alarms: DeviceAlarms) -> str:
    if alarms.was_just_stopped and not request.names_a_time:
        return ""  # whoever says so in the morning wants quiet, which the wake word has brought
    found = request.meant(alarms)
    if len(found) > 1:
        return await request.say("alarms_ambiguous", alarms=await request.enumerate(found))
    return await _remove_these(request, alarms, found)


async def _remove_all(request: _Request, alarms: DeviceAlarms) -> str:
    return await _remove_these(request, alarms, alarms.listed)


async def _remove_these(request: _Request, alarms: DeviceAlarms, found: Sequence[Alarm]) -> str:
    for alarm in found:
        await alarms.async_remove(alarm.id)
    return await request.say_how_many("alarms_removed", found)


async def _switch(request: _Request, alarms: DeviceAlarms) -> str:
    on = bool(request.slots["on_off"])
    if alarms.was_just_stopped and not on and not request.names_a_time:
        return ""
    found = request.meant(alarms)
    if len(found) > 1 and not request.names_a_time:
        return await request.say("alarms_ambiguous", alarms=await request.enumerate(found))
    for alarm in found:
        await alarms.async_enable(alarm, enabled=on)
    return await request.say_how_many("alarms_on" if on else "alarms_off", found)


_HANDLERS: Final[Mapping[AlarmCommand, Callable[[_Request, DeviceAlarms], Awaitable[str]]]] = {
    AlarmCommand.SET: _set,
    AlarmCommand.SNOOZE: _snooze,
    AlarmCommand.LIST: _list,
    AlarmCommand.REMOVE: _remove,
    AlarmCommand.REMOVE_ALL: _remove_all,
    AlarmCommand.SWITCH: _switch,
}
