"""WebSocket commands for reviewing one recording at a time.

Corrected words arrive sealed to the people who may read them. Home Assistant learns only the
verdict.
"""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_GUIDANCE, DOMAIN
from ..devices.entries import household_entry
from ..privacy.sitting import MAY_GO_ON, REST_SECONDS, UNDO_SECONDS, Sitting, Stop
from ..privacy.store.sealing import Part
from ..privacy.strict_json import base64_of, bytes_of
from ..privacy.types import Verdict
from .command import RECORDING_NAME, Call, Commands, async_of_connection
from .serialize import opened_json

if TYPE_CHECKING:
    import probatio as vol
    from homeassistant.components.websocket_api.connection import ActiveConnection
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_READERS: Final = 100
"""Maximum number of readers to whom a verdict is sealed."""

_Sealed: Final = vol.All(str, vol.Length(max=6000))
_Key: Final = vol.All(str, vol.Length(min=44, max=44))
_RECORDING: Final[dict[str | vol.Marker, Any]] = {vol.Required("recording"): RECORDING_NAME}
_SITTINGS: Final = HassKey[dict["ActiveConnection", Sitting]](f"{DOMAIN}_sittings")

review_command: Final = Commands()


@callback
def _sitting(call: Call) -> Sitting:
    """Return the sitting of a connection; recording names are only valid in their own sitting."""
    return async_of_connection(call.hass, call.connection, _SITTINGS, Sitting)


@review_command("review/next", {vol.Optional("go_on", default=False): bool}, anyone=True)
async def _next(call: Call) -> object:
    """Return the next recording under a name that is used once, or the reason to stop."""
    sitting = _sitting(call)
    shown = await call.keeper.run(
        lambda household: household.review.next(
            sitting, call.actor.person, go_on=call.data["go_on"]
        )
    )
    match shown:
        case Stop():
            rest = {"rest_seconds": REST_SECONDS} if shown is Stop.REST else {}
            return {"stop": shown, "may_go_on": shown in MAY_GO_ON, **rest}
    return {"recording": shown}


@review_command("review/open", {**_RECORDING, vol.Required("part"): vol.Coerce(Part)}, anyone=True)
async def _open(call: Call) -> object:
    """Return a sealed part for the caller's own key, after the ledger has recorded the opening."""
    sitting, data = _sitting(call), call.data
    opened = await call.keeper.run(
        lambda household: household.review.open(
            sitting, call.actor.person, data["recording"], data["part"]
        )
    )
    return opened_json(opened) | {"readers": [base64_of(public) for public in opened.readers]}


@review_command(
    "review/verdict",
    {
        **_RECORDING,
        vol.Required("verdict"): vol.Coerce(Verdict),
        vol.Required("sealed"): vol.All({_Key: _Sealed}, vol.Length(max=_READERS)),
    },
    anyone=True,
)
async def _verdict(call: Call) -> object:
    """Record a verdict; the sound must have been handed out before."""
    sitting, data = _sitting(call), call.data
    sealed = {bytes_of(public): bytes_of(content) for public, content in data["sealed"].items()}
    await call.keeper.run(
        lambda household: household.review.judge(
            sitting, call.actor.person, data["recording"], data["verdict"], sealed
        )
    )
    return {"undo_seconds": UNDO_SECONDS}


@review_command("review/undo", anyone=True)
async def _undo(call: Call) -> object:
    """Undo the last verdict, and return its recording under a new name."""
    sitting = _sitting(call)
    return {
        "recording": await call.keeper.run(
            lambda household: household.review.undo(sitting, call.actor.person)
        )
    }


@review_command("review/skip", _RECORDING, anyone=True)
async def _skip(call: Call) -> object:
    """Skip a recording for the rest of this sitting."""
    sitting, name = _sitting(call), call.data["recording"]
    await call.keeper.run(lambda household: household.review.skip(sitting, call.actor.person, name))
    return None


@review_command("review/destroy", _RECORDING, anyone=True)
async def _destroy(call: Call) -> object:
    """Delete a recording for everybody; this can't be undone."""
    sitting, name = _sitting(call), call.data["recording"]
    await call.keeper.run(
        lambda household: household.review.destroy(sitting, call.actor.person, name)
    )
    return None


@review_command("review/give_up", _RECORDING, anyone=True)
async def _give_up(call: Call) -> object:
    """Permanently delete the caller's key to a recording; return the household's guidance."""
    sitting, name = _sitting(call), call.data["recording"]
    await call.keeper.run(
        lambda household: household.review.give_up(sitting, call.actor.person, name)
    )
    entry = household_entry(call.hass)
    return {"guidance": "" if entry is None else entry.options.get(CONF_GUIDANCE, "")}


@review_command("review/end", anyone=True)
async def _end(call: Call) -> object:
    """End the sitting, which invalidates all names that were shown in it."""
    await call.keeper.run(lambda household: household.require_known(call.actor.person))
    call.hass.data.get(_SITTINGS, {}).pop(call.connection, None)
    return None
