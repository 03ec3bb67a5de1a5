"""WebSocket commands that list, open and delete recordings."""

from typing import TYPE_CHECKING, Final

from ..privacy.errors import NotAllowedError, Refusal
from ..privacy.store.sealing import Part
from ..privacy.strict_json import base64_of
from ..privacy.types import OpenReason
from .command import RECORDING_NAME, Call, Commands
from .listing import async_listing
from .serialize import opened_json

if TYPE_CHECKING:
    import probatio as vol

    from ..privacy.household import Household
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_LISTED: Final = 500
"""Maximum number of recordings in one list, and of names in one deletion."""

recording_command: Final = Commands()


@recording_command(
    "recordings/list",
    {vol.Optional("limit", default=_LISTED): vol.All(int, vol.Range(min=1, max=_LISTED))},
    anyone=True,
)
async def _list_recordings(call: Call) -> object:
    """List what the caller may open, under names valid until this connection's next list."""
    listing = async_listing(call.hass, call.connection)

    def show(household: Household) -> object:
        person = household.require_known(call.actor.person)
        recordings = household.recordings(person)
        shown = listing.show(recordings, person, call.data["limit"])
        household.called(person, listing.names)
        return {"total": len(recordings), "recordings": shown}

    return await call.keeper.run(show)


@recording_command(
    "recordings/open",
    {
        vol.Required("recording"): RECORDING_NAME,
        vol.Required("part"): vol.Coerce(Part),
        vol.Required("why"): vol.In([OpenReason.OWN]),
    },
    anyone=True,
)
async def _open_recording(call: Call) -> object:
    """Return a sealed part for the caller's own key, after the ledger has recorded the opening."""
    name = call.data["recording"]
    shown = async_listing(call.hass, call.connection).get(name)
    if shown is None:
        await call.keeper.run(lambda household: household.refuse_names(call.actor.person, [name]))
        raise NotAllowedError(Refusal.UNKNOWN_RECORDING)
    opened = await call.keeper.run(
        lambda household: household.open_recording(
            shown.id, call.actor.person, call.data["part"], OpenReason.OWN
        )
    )
    return opened_json(opened) | {"verdicts": [base64_of(one) for one in opened.verdicts]}


@recording_command(
    "recordings/delete",
    {vol.Required("recordings"): vol.All([RECORDING_NAME], vol.Length(1, _LISTED))},
    anyone=True,
)
async def _delete_recordings(call: Call) -> object:
    """Delete recordings for everybody; those that are already gone are not counted."""
    listing = async_listing(call.hass, call.connection)
    shown = {name: listing.get(name) for name in call.data["recordings"]}
    unknown = [name for name, recording in shown.items() if recording is None]
    if unknown:
        await call.keeper.run(lambda household: household.refuse_names(call.actor.person, unknown))
    recordings = {recording.id for recording in shown.values() if recording}
    return {
        "deleted": await call.keeper.run(
            lambda household: household.delete(recordings, call.actor.person)
        )
    }
