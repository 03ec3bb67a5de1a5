"""WebSocket commands with which the administrator sets up what may be kept."""

from typing import TYPE_CHECKING, Final

from ..household.asking import async_ask
from ..household.settings import async_allow, async_exclude
from ..privacy.errors import NotAllowedError, Refusal
from ..privacy.people import MAX_RETENTION_SECONDS
from .command import NAME, Commands

if TYPE_CHECKING:
    import probatio as vol

    from .command import Call
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_MOST_PEOPLE: Final = 1000

setup_command: Final = Commands()


@setup_command(
    "setup/allow",
    {
        vol.Required("retention_seconds"): vol.All(
            int, vol.Range(min=0, max=int(MAX_RETENTION_SECONDS))
        )
    },
    admin=True,
)
async def _allow(call: Call) -> object:
    """Set the longest time for which recordings may be kept; 0 allows nothing."""
    async_allow(call.hass, call.data["retention_seconds"])
    await call.keeper.async_update_setup(call.actor)
    return None


@setup_command(
    "setup/expect",
    {
        vol.Required("room"): NAME,
        vol.Required("people"): vol.All([NAME], vol.Length(max=_MOST_PEOPLE)),
    },
    admin=True,
)
async def _expect(call: Call) -> object:
    """Set who is expected in a room; a person with an account stays until they agree."""
    arrangement = call.keeper.arrangement
    if call.data["room"] not in arrangement.rooms:
        raise NotAllowedError(Refusal.UNKNOWN_ROOM)
    if not arrangement.people.keys() >= set(call.data["people"]):
        raise NotAllowedError(Refusal.UNKNOWN_PERSON)
    async_exclude(call.hass, call.data["room"], arrangement.people.keys() - call.data["people"])
    await call.keeper.async_update_setup(call.actor)
    return None


@setup_command("setup/ask", admin=True)
async def _ask(call: Call) -> object:
    """Tell the people who still have to answer that they are asked, each of them once."""
    people = await async_ask(call.hass, call.keeper)
    return {"told": len(people)}
