"""Executes the commands that anyone in a room can speak, without an account.

A person's voice proves nothing, so no command lets anything be kept or heard that was not before.
That a turn was wrong can be said by anybody, but it is kept only if everybody allowed that before.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..assistant.phrases import async_duration, async_enumeration, async_sentence
from ..household.keeper import KEEPER
from ..household.night import next_morning
from ..privacy.consent.rules import DropReason
from ..privacy.errors import NotAllowedError
from ..privacy.types import Actor
from .sentences import Command

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from homeassistant.core import HomeAssistant

    from ..household.keeper import Keeper
    from ..privacy.household import Household
    from ..privacy.people import RoomId

LAST_SECONDS: Final = 600.0
"""The greatest age of the recording that "what I just said" refers to."""
_ACTOR: Final = Actor(person=None, how="voice")
_MAX_NAMES: Final = 4
_MAX_WORDS_OF_NAME: Final = 3
"""Bounds the longest answer to 15 s."""


async def async_execute(
    hass: HomeAssistant, command: Command, room: RoomId | None, language: str
) -> str:
    """Execute a command and return the answer; `room` is None if no satellite of ours heard it."""
    keeper = hass.data.get(KEEPER)
    if keeper is None:
        return await async_sentence(hass, "common.voice_nothing_kept", language)
    if room is None:
        # Without a satellite, the person may be anywhere; they can use the panel.
        return await async_sentence(hass, "common.voice_elsewhere", language)
    try:
        return await _HANDLERS[command](_Request(hass, keeper, room, language))
    except HomeAssistantError, NotAllowedError:
        return await async_sentence(hass, "common.voice_failed", language)


@dataclass(frozen=True, slots=True)
class _Request:
    hass: HomeAssistant
    keeper: Keeper
    room: RoomId
    language: str

    async def say(self, key: str, **values: str | int) -> str:
        return await async_sentence(self.hass, f"common.voice_{key}", self.language, **values)

    async def say_how_many(self, key: str, count: int, **values: str | int) -> str:
        form = {0: "none", 1: "one"}.get(count, "many")
        return await self.say(f"{key}_{form}", count=count, **values)

    async def say_names(self, names: Collection[str]) -> str:
        """Return the first few names in words, and the number of the others."""
        short = sorted(" ".join(name.split()[:_MAX_WORDS_OF_NAME]) for name in names)
        return await async_enumeration(self.hass, short, self.language, _MAX_NAMES)


async def _delete_last(request: _Request) -> str:
    await request.keeper.async_forget_latest(request.room)
    deleted = await request.keeper.run(
        lambda household: household.delete_last(request.room, _ACTOR, LAST_SECONDS)
    )
    return await request.say_how_many("deleted", deleted)


async def _delete_today(request: _Request, room: RoomId | None) -> str:
    await request.keeper.async_forget_latest(room)
    midnight = dt_util.start_of_local_day().timestamp()
    deleted = await request.keeper.run(
        lambda household: household.delete_since(room, midnight, _ACTOR)
    )
    return await request.say_how_many("deleted", deleted)


async def _keep_nothing_tonight(request: _Request) -> str:
    until = next_morning()

    def begin(household: Household) -> bool:
        household.told(request.room)  # by the answer
        already = household.pauses.guests_until
        if already is not None and already >= until:
            return False  # a voice command never shortens a pause
        household.pause(actor=_ACTOR, guests_until=until)
        return True

    only_tonight = await request.keeper.run(begin)
    return await request.say("tonight" if only_tonight else "tonight_and_longer")


async def _stop_keeping(request: _Request) -> str:
    def stop(household: Household) -> int:
        household.pause(actor=_ACTOR, room=(request.room, True))
        household.told(request.room)  # by the answer
        return household.status(request.room).recordings

    return await request.say_how_many("stopped", await request.keeper.run(stop))


async def _stop_keeping_everywhere(request: _Request) -> str:
    def stop(household: Household) -> int:
        household.pause(actor=_ACTOR, household=True)
        household.told(request.room)  # by the answer
        return household.totals().recordings

    return await request.say_how_many("stopped_everywhere", await request.keeper.run(stop))


async def _what_is_kept(request: _Request) -> str:
    status = await request.keeper.async_status(request.room)
    if not status.why_not:
        duration = await async_duration(request.hass, status.keeps_for_seconds, request.language)
        return await request.say_how_many("kept", status.recordings, duration=duration)
    kept = await request.say_how_many("kept_no_more", status.recordings)
    return f"{kept} {await request.say(f'why_{status.why_not[0].replace("-", "_")}')}"


async def _who_can_hear(request: _Request) -> str:
    status = await request.keeper.async_status(request.room)
    people = request.keeper.arrangement.people
    able = status.listeners - status.without_key
    names = [people[person].name for person in able if person in people]
    if not names or (status.why_not and not status.recordings):
        return await request.say("heard_by_nobody")
    key = "heard_by_earlier" if status.why_not else "heard_by"
    return await request.say(key, names=await request.say_names(names))


async def _that_was_wrong(request: _Request) -> str:
    result = await request.keeper.async_report_wrong(request.room)
    if result is None:
        return await request.say("nothing_to_report")
    if result.dropped is None:
        return await request.say("reported")
    if result.dropped is DropReason.ACCIDENT:
        return await request.say("reports_not_allowed")
    return await request.say(f"why_{result.dropped.replace('-', '_')}")


async def _keep_again(request: _Request) -> str:
    return await request.say("keep_again")


_HANDLERS: Final[Mapping[Command, Callable[[_Request], Awaitable[str]]]] = {
    Command.DELETE_LAST: _delete_last,
    Command.DELETE_TODAY: lambda request: _delete_today(request, request.room),
    Command.DELETE_TODAY_EVERYWHERE: lambda request: _delete_today(request, None),
    Command.KEEP_NOTHING_TONIGHT: _keep_nothing_tonight,
    Command.STOP_KEEPING: _stop_keeping,
    Command.STOP_KEEPING_EVERYWHERE: _stop_keeping_everywhere,
    Command.WHAT_IS_KEPT: _what_is_kept,
    Command.WHO_CAN_HEAR: _who_can_hear,
    Command.THAT_WAS_WRONG: _that_was_wrong,
    Command.KEEP_AGAIN: _keep_again,
}
