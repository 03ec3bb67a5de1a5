"""WebSocket commands and subscriptions about the household, its rooms and its pauses."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from ..assistant.locality import debug_recordings
from ..household.night import next_morning
from ..privacy.consent.consent import LIMIT_CHOICES_SECONDS, VALID_CHOICES_SECONDS
from ..privacy.consent.preconditions import limit_choices, may_be_named
from ..privacy.consent.rules import DropReason
from ..privacy.errors import NotAllowedError, Refusal
from .command import NAME, SECONDS, Call, Commands

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    return (await _look(call))["rooms"]


@household_command.subscription("rooms/subscribe", anyone=True)
async def _follow_rooms(call: Call) -> object:
    """Return the state of each room, the totals and the pauses, and who is still to be told."""
    return await _look(call)


async def _look(call: Call) -> dict[str, object]:
    keeper, person = call.keeper, call.actor.person
    arrangement, is_admin = keeper.arrangement, call.connection.user.is_admin

    def look(household: Household) -> tuple[list[RoomStatus], Totals, Pauses, int]:
        statuses = [household.status(room) for room in arrangement.rooms]
        untold = len(household.questions.untold()) if is_admin else 0
        return statuses, household.totals(), household.pauses, untold

    statuses, totals, pauses, untold = await keeper.run(look)
    return {
        "rooms": [_room_json(arrangement, keeper.as_shown(one), person) for one in statuses],
        "totals": _totals_json(totals),
        "pauses": {"household": pauses.household, "guests": pauses.guests_until is not None},
        "untold": untold,
    }


def _room_json(
    arrangement: Arrangement, status: RoomStatus, person: PersonId | None
) -> dict[str, object]:
    """Return the state of a room as `person` may see it; nobody learns who has said no."""

    def people_json(ids: Iterable[PersonId]) -> list[dict[str, object]]:
        return [{"id": id_, "name": arrangement.people[id_].name} for id_ in sorted(ids)]

    without_account = {id_ for id_ in status.members if not arrangement.people[id_].has_account}
    return {
        "room": status.room,
        "name": arrangement.rooms[status.room].name,
        "keeps_for_seconds": status.keeps_for_seconds,
        "why_not": list(status.why_not),
        "members": people_json(status.members),
        "without_account": people_json(without_account),
        "listeners": [
            {
                **one,
                "because": "member" if one["id"] in status.members else "named",
                "has_key": one["id"] not in status.without_key,
            }
            for one in people_json(status.listeners)
        ],
        "waits_for_me": person in status.missing,
        "declined_by_me": person in status.declined,
        "waits_for_others": bool(status.missing - without_account - {person}),
        "waiting_for": people_json(() if person is None else status.waiting_for - {person}),
        "disguise": status.disguise,
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
        "admin": call.connection.user.is_admin,
        "has_question": _has_question(call),
        "people": [
            {
                "id": person.id,
                "name": person.name,
                "has_account": person.has_account,
                "may_listen": may_be_named(arrangement, person.id),
            }
            for person in arrangement.people.values()
        ],
        "rooms": [
            {
                "id": room.id,
                "name": room.name,
                "limit_seconds": room.limit_seconds,
                "expected": sorted(arrangement.people.keys() - room.excluded),
            }
            for room in arrangement.rooms.values()
        ],
        "retention_seconds": arrangement.ceiling.retention_seconds,
        "review": arrangement.ceiling.review,
        "guidance": "" if call.actor.person is None else arrangement.guidance,
        "choices": {
            "limit_seconds": limit_choices(arrangement),
            "retention_seconds": (0, *LIMIT_CHOICES_SECONDS),
            "valid_seconds": VALID_CHOICES_SECONDS,
        },
        "debug_recordings": debug_recordings(call.hass),
    }


def _has_question(call: Call) -> bool:
    """Return whether a room waits for the person, or the administrator has allowed nothing yet."""
    keeper, person = call.keeper, call.actor.person
    if call.connection.user.is_admin and not keeper.arrangement.ceiling.retention_seconds:
        return True
    statuses = () if keeper.view is None else keeper.view.rooms.values()
    return any(
        person in status.missing - status.declined and DropReason.NOT_ALLOWED not in status.why_not
        for status in statuses
    )


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
