"""WebSocket commands and subscriptions about the household, its rooms and its pauses."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from ..assistant.locality import debug_recordings
from ..household.night import next_morning
from ..privacy.consent.consent import VALID_CHOICES_SECONDS
from ..privacy.consent.preconditions import limit_choices, may_be_named
from ..privacy.errors import NotAllowedError, Refusal
from .command import NAME, SECONDS, Call, Commands

if TYPE_CHECKING:
    import probatio as vol

    from ..privacy.household import Household
    from ..privacy.people import Arrangement, Pauses, PersonId
    from ..privacy.types import RoomStatus, Totals
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

household_command: Final = Commands()


@household_command("rooms", anyone=True)
async def _rooms(call: Call) -> object:
    """Return what is kept in each room, and who may listen to it."""
    rooms, _totals, _pauses = await _look(call)
    return rooms


@household_command.subscription("rooms/subscribe", anyone=True)
async def _follow_rooms(call: Call) -> object:
    """Return the state of each room, the totals and the pauses."""
    rooms, totals, pauses = await _look(call)
    switched_off = {"household": pauses.household, "guests": pauses.guests_until is not None}
    return {"rooms": rooms, "totals": _totals_json(totals), "pauses": switched_off}


async def _look(call: Call) -> tuple[list[dict[str, object]], Totals, Pauses]:
    arrangement = call.keeper.arrangement

    def look(household: Household) -> tuple[list[RoomStatus], Totals, Pauses]:
        statuses = [household.status(room) for room in arrangement.rooms]
        return statuses, household.totals(), household.pauses

    statuses, totals, pauses = await call.keeper.run(look)
    person = call.actor.person
    return [_room_json(arrangement, status, person) for status in statuses], totals, pauses


def _room_json(
    arrangement: Arrangement, status: RoomStatus, person: PersonId | None
) -> dict[str, object]:
    """Return the state of a room as `person` may see it.

    It says only whether their own consent is missing, so that nobody is pressed to consent.
    """

    def person_json(id_: PersonId) -> dict[str, object]:
        return {"id": id_, "name": arrangement.people[id_].name}

    return {
        "room": status.room,
        "name": arrangement.rooms[status.room].name,
        "keeps_for_seconds": status.keeps_for_seconds,
        "why_not": status.why_not(person),
        "members": [person_json(id_) for id_ in sorted(status.members)],
        "listeners": [
            {**person_json(id_), "because": "member" if id_ in status.members else "named"}
            for id_ in sorted(status.listeners)
        ],
        "waits_for_me": person in status.missing,
        "paused": status.paused,
        "recordings": status.recordings,
    }


@household_command("household/arrangement", anyone=True)
@household_command.subscription("household/subscribe", anyone=True)
async def _arrangement(call: Call) -> object:
    """Return the people, the rooms and what the administrator allows."""
    arrangement = call.keeper.arrangement
    return {
        "person": call.actor.person,
        "people": [
            {
                "id": person.id,
                "name": person.name,
                "may_listen": may_be_named(arrangement, person.id),
            }
            for person in arrangement.people.values()
        ],
        "rooms": [
            {"id": room.id, "name": room.name, "limit_seconds": room.limit_seconds}
            for room in arrangement.rooms.values()
        ],
        "retention_seconds": arrangement.ceiling.retention_seconds,
        "review": arrangement.ceiling.review,
        "choices": {
            "limit_seconds": limit_choices(arrangement),
            "valid_seconds": VALID_CHOICES_SECONDS,
        },
        "debug_recordings": debug_recordings(call.hass),
    }


@household_command("household/totals", anyone=True)
async def _totals(call: Call) -> object:
    """Return the counts of commands and recordings, and whether they add up."""
    return _totals_json(await call.keeper.run(lambda household: household.totals()))


def _totals_json(totals: Totals) -> dict[str, object]:
    adds_up = {"commands": totals.commands_add_up, "recordings": totals.recordings_add_up}
    return {**asdict(totals), "adds_up": adds_up}


@household_command(
    "pause/set",
    {
        vol.Required("scope"): vol.In(("household", "room", "guests")),
        vol.Required("paused"): bool,
        vol.Optional("room"): NAME,
        vol.Optional("until"): vol.Any("morning", SECONDS),
    },
    anyone=True,
)
async def _pause(call: Call) -> object:
    """Pause or resume the household or a room, or pause for guests until a given time.

    Anybody may pause, as they can by voice. Only people of the household may resume.
    """
    paused, until = call.data["paused"], call.data.get("until", math.inf)
    if until == "morning":
        until = next_morning()
    change: dict[str, Any]
    match call.data["scope"]:
        case "household":
            change = {"household": paused}
        case "room":
            if call.data.get("room") not in call.keeper.arrangement.rooms:
                raise NotAllowedError(Refusal.UNKNOWN_ROOM)
            change = {"room": (call.data["room"], paused)}
        case _:
            change = {"guests_until": until if paused else 0.0}

    def pause(household: Household) -> None:
        sooner = "guests_until" in change and until < (household.pauses.guests_until or 0)
        if call.actor.person is None and (sooner or not paused):
            raise NotAllowedError(Refusal.UNKNOWN_PERSON)
        household.pause(actor=call.actor, **change)

    await call.keeper.run(pause)
    return None
