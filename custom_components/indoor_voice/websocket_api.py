"""What the panel asks and tells, under the login of the person who uses it.

Nothing is decided here: each command asks the household, which asks the rules. Schemas are strict,
what comes in is bounded, and what is refused is answered with a code.
"""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback

from .as_json import as_bytes, as_text, copy_json, head_json, head_of, opened_json, row_json
from .audit import debug_recordings
from .commands import CLIP_NAME, HOW, NAME, Call, Commands
from .listing import async_listing
from .locked_keys import async_locked_keys
from .privacy.consent import Purpose, Terms
from .privacy.dealings import Why
from .privacy.errors import NotAllowedError, Refusal
from .privacy.listening_key import LockedKey
from .privacy.notices import CURRENT
from .privacy.sealing import Part
from .websocket_review import review_command

if TYPE_CHECKING:
    import probatio as vol
    from homeassistant.core import HomeAssistant

    from .privacy.dealings import RoomStatus
    from .privacy.household import Household
    from .privacy.people import Arrangement, PersonId
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_MOST: Final = 100
"""How many rooms, listeners, clips or heads one command may name."""

_LISTED: Final = 500
"""How many clips or rows one answer holds at most, and one deletion names."""

_Names: Final = vol.All([NAME], vol.Length(min=1, max=_MOST))
_Seconds: Final = vol.All(vol.Any(int, float), vol.Range(min=0, max=1e11))
_Purpose: Final = vol.Coerce(Purpose)

_Hash: Final = vol.All(str, vol.Match(r"^[0-9a-f]{64}$"))


_command: Final = Commands()


@callback
def async_register_websocket(hass: HomeAssistant) -> None:
    """Offer the commands, and those of a review."""
    _command.async_register(hass)
    review_command.async_register(hass)


# The household


@_command("rooms", visitors=True)
async def _rooms(call: Call) -> object:
    """Tell of every room what is kept and who may hear it.

    Whose consent is missing everybody learns of themselves only: to refuse must cost nothing.
    """
    arrangement = call.keeper.arrangement
    statuses = await call.keeper.run(
        lambda household: [household.status(room) for room in arrangement.rooms]
    )
    return [_room(arrangement, status, call.actor.person) for status in statuses]


def _room(
    arrangement: Arrangement, status: RoomStatus, person: PersonId | None
) -> dict[str, object]:
    def named(id_: PersonId) -> dict[str, object]:
        return {"id": id_, "name": arrangement.people[id_].name}

    return {
        "room": status.room,
        "name": arrangement.rooms[status.room].name,
        "keeps_for_seconds": status.keeps_for_seconds,
        "members": [named(id_) for id_ in sorted(status.members)],
        "listeners": [
            {**named(id_), "because": "member" if id_ in status.members else "named"}
            for id_ in sorted(status.listeners)
        ],
        "waits_for_me": person in status.missing,
        "paused": status.paused,
        "clips": status.clips,
    }


@_command("household/arrangement", visitors=True)
async def _arrangement(call: Call) -> object:
    """Tell who lives here, which rooms there are, and what the administrator allows."""
    arrangement = call.keeper.arrangement
    ceiling = arrangement.ceiling
    return {
        "person": call.actor.person,
        "people": [
            {
                "id": person.id,
                "name": person.name,
                "may_listen": person.has_account and person.id not in ceiling.ruled_out,
            }
            for person in arrangement.people.values()
        ],
        "rooms": [
            {"id": room.id, "name": room.name, "limit_seconds": room.limit_seconds}
            for room in arrangement.rooms.values()
        ],
        "retention_seconds": ceiling.retention_seconds,
        "review": ceiling.review,
        "debug_recordings": debug_recordings(call.hass),
    }


@_command("household/totals", visitors=True)
async def _totals(call: Call) -> object:
    """Count what is kept, was kept and was dropped."""
    return asdict(await call.keeper.run(lambda household: household.totals()))


@_command(
    "pause/set",
    {
        vol.Required("scope"): vol.In(("household", "room", "guests")),
        vol.Required("paused"): bool,
        vol.Optional("room"): NAME,
        vol.Optional("until"): _Seconds,
    },
    visitors=True,
)
async def _pause(call: Call) -> object:
    """Opt the household or a room out or in again, or have guests until a time.

    Anybody may pause, as anybody may by voice; only the people who live here may go on.
    """
    paused, until = call.data["paused"], call.data.get("until", math.inf)
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


# Consent, each for oneself


@_command("notices", visitors=True)
async def _notices(_call: Call) -> object:
    """Give the texts that consent is asked with."""
    return [
        {
            "purpose": purpose,
            "language": language,
            "id": notice.id,
            "text": notice.text,
            "sha256": notice.sha256,
        }
        for (purpose, language), notice in CURRENT.items()
    ]


@_command("consent/list")
async def _consents(call: Call) -> object:
    """Give all that one was asked, what one answered, and what became of it."""
    records = await call.keeper.run(lambda household: household.consents(call.person))
    return [record.to_json() for record in records]


@_command(
    "consent/give",
    {
        vol.Required("purpose"): _Purpose,
        vol.Required("rooms"): _Names,
        vol.Required("notice_sha256"): _Hash,
        vol.Required("valid_seconds"): _Seconds,
        vol.Optional("limit_seconds"): _Seconds,
        vol.Optional("listeners", default=list): vol.All([NAME], vol.Length(max=_MOST)),
    },
)
async def _give(call: Call) -> object:
    """Consent."""
    data = call.data
    terms = Terms(
        purpose=data["purpose"],
        rooms=frozenset(data["rooms"]),
        limit_seconds=data.get("limit_seconds"),
        listeners=frozenset(data["listeners"]),
    )
    record = await call.keeper.run(
        lambda household: household.give(
            call.person, terms, data["notice_sha256"], data["valid_seconds"], HOW
        )
    )
    return record.to_json()


@_command(
    "consent/refuse",
    {
        vol.Required("purpose"): _Purpose,
        vol.Required("rooms"): _Names,
        vol.Required("notice_sha256"): _Hash,
    },
)
async def _refuse(call: Call) -> object:
    """Say no, so that one is not asked again."""
    data = call.data
    rooms = frozenset(data["rooms"])
    record = await call.keeper.run(
        lambda household: household.refuse(
            call.person, data["purpose"], rooms, data["notice_sha256"], HOW
        )
    )
    return record.to_json()


@_command("consent/withdraw", {vol.Required("purpose"): _Purpose, vol.Optional("rooms"): _Names})
async def _withdraw(call: Call) -> object:
    """Take a consent back, in some rooms or all; the keys are gone before the answer."""
    purpose = call.data["purpose"]
    rooms = frozenset(call.data["rooms"]) if "rooms" in call.data else None
    return asdict(
        await call.keeper.run(
            lambda household: household.withdraw(call.person, purpose, rooms, HOW)
        )
    )


# The listening key, each their own


@_command("key/create", {vol.Required("key"): dict})
async def _create_key(call: Call) -> object:
    """Take a person's first listening key, whose private half is locked already."""
    keys = await async_locked_keys(call.hass)
    await keys.async_create(call.keeper, call.person, LockedKey.from_json(call.data["key"]))
    return None


@_command("key/get")
async def _get_key(call: Call) -> object:
    """Give the locked key back to its owner; null to who has none."""
    key = (await async_locked_keys(call.hass)).get(call.person)
    return None if key is None else key.to_json()


@_command("key/found")
async def _found_key(call: Call) -> object:
    """Tell whether the locked key is another one than its owner made here: what became of it."""
    found = await (await async_locked_keys(call.hass)).async_compare(call.keeper)
    return found.get(call.person)


@_command("key/take", {vol.Required("public"): str})
async def _take_key(call: Call) -> object:
    """Take the key that was found, which its owner has opened and says is theirs."""
    keys = await async_locked_keys(call.hass)
    await keys.async_take(call.keeper, call.person, as_bytes(call.data["public"]))
    return None


@_command("key/change", {vol.Required("key"): dict})
async def _change_key(call: Call) -> object:
    """Take the same key, locked by another passphrase."""
    keys = await async_locked_keys(call.hass)
    await keys.async_change(call.person, LockedKey.from_json(call.data["key"]))
    return None


@_command("key/remove")
async def _remove_key(call: Call) -> object:
    """Take the key away, and the clips that nobody else can open."""
    keys = await async_locked_keys(call.hass)
    return {"clips_deleted": await keys.async_remove(call.keeper, call.person, call.actor)}


# Clips


@_command(
    "clips/list",
    {vol.Optional("limit", default=_LISTED): vol.All(int, vol.Range(min=1, max=_LISTED))},
    opens=True,
)
async def _list_clips(call: Call) -> object:
    """List what one may open now, by names that hold until the next list on this connection."""
    listing = async_listing(call.hass, call.connection)

    def show(household: Household) -> object:
        clips = household.clips(call.person)
        shown = listing.show(clips, call.person, call.data["limit"])
        household.called(call.person, listing.names)
        return {"total": len(clips), "clips": shown}

    return await call.keeper.run(show)


@_command(
    "clips/open",
    {
        vol.Required("clip"): CLIP_NAME,
        vol.Required("part"): vol.Coerce(Part),
        vol.Required("why"): vol.In([Why.OWN]),
    },
    opens=True,
)
async def _open_clip(call: Call) -> object:
    """Give what a listener's own key opens; the ledger has it first."""
    name = call.data["clip"]
    shown = async_listing(call.hass, call.connection).get(name)
    if shown is None:
        await call.keeper.run(lambda household: household.refuse_names(call.person, [name]))
        raise NotAllowedError(Refusal.UNKNOWN_CLIP)
    opened = await call.keeper.run(
        lambda household: household.open_clip(shown.id, call.person, call.data["part"], Why.OWN)
    )
    return opened_json(opened) | {"verdicts": [as_text(one) for one in opened.verdicts]}


@_command(
    "clips/delete",
    {vol.Required("clips"): vol.All([CLIP_NAME], vol.Length(1, _LISTED))},
    opens=True,
)
async def _delete_clips(call: Call) -> object:
    """Delete clips for everybody; what is gone already does not count."""
    listing = async_listing(call.hass, call.connection)
    shown = {name: listing.get(name) for name in call.data["clips"]}
    unknown = [name for name, clip in shown.items() if clip is None]
    if unknown:
        await call.keeper.run(lambda household: household.refuse_names(call.person, unknown))
    clips = {clip.id for clip in shown.values() if clip}
    return {
        "deleted": await call.keeper.run(lambda household: household.delete(clips, call.person))
    }


# The ledger


@_command(
    "ledger/rows",
    {
        vol.Optional("before", default=2**53): vol.All(int, vol.Range(min=0, max=2**53)),
        vol.Optional("limit", default=_LISTED): vol.All(int, vol.Range(min=1, max=_LISTED)),
    },
)
async def _rows(call: Call) -> object:
    """Give the newest rows about oneself, before one of them."""
    rows = await call.keeper.run(lambda household: household.rows(call.person))
    older = [row_json(row) for row in rows if row.seq < call.data["before"]]
    return older[: call.data["limit"]]


@_command("ledger/head")
async def _head(call: Call) -> object:
    """Give the signed head, to be kept and shown again to `ledger/verify`."""
    return head_json(await call.keeper.run(lambda household: household.head()))


@_command("ledger/copy")
async def _copy(call: Call) -> object:
    """Give a copy of what the ledger has about oneself, which anybody can check."""
    return copy_json(await call.keeper.run(lambda household: household.copy(call.person)))


@_command(
    "ledger/verify",
    {vol.Optional("heads", default=list): vol.All([dict], vol.Length(max=_MOST))},
)
async def _verify(call: Call) -> object:
    """Check the whole ledger, also against signed heads that were given out earlier."""
    heads = [head_of(head) for head in call.data["heads"]]
    return asdict(await call.keeper.run(lambda household: household.verify(heads)))
