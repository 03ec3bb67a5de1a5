"""What the panel asks and tells, under the login of the person who uses it.

Nothing is decided here: each command asks the household, which asks the rules. Schemas are strict,
what comes in is bounded, and what is refused is answered with a code.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback

from ..household.locked_keys import async_locked_keys
from ..privacy.consent.consent import Purpose, Terms
from ..privacy.consent.notices import CURRENT
from ..privacy.errors import NotAllowedError, Refusal
from ..privacy.store.ledger import LISTENING, RowKind
from ..privacy.store.listening_key import LockedKey
from ..privacy.store.sealing import Part
from ..privacy.types import OpenReason
from .command import HOW, NAME, RECORDING_NAME, SECONDS, Call, Commands
from .household import household_command
from .listing import async_listing
from .review import review_command
from .serialize import as_bytes, as_text, copy_json, head_json, head_of, opened_json, row_json

if TYPE_CHECKING:
    import probatio as vol
    from homeassistant.core import HomeAssistant

    from ..privacy.household import Household
    from ..privacy.types import OwnConsent
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_MOST: Final = 100
"""How many rooms, listeners, recordings or heads one command may name."""

_LISTED: Final = 500
"""How many recordings or rows one answer holds at most, and one deletion names."""

_Names: Final = vol.All([NAME], vol.Length(min=1, max=_MOST))
_Purpose: Final = vol.Coerce(Purpose)

_Hash: Final = vol.All(str, vol.Match(r"^[0-9a-f]{64}$"))


_ROWS_ABOUT: Final = {"everything": frozenset(RowKind), "listening": LISTENING}
"""Of which kinds the rows are that `ledger/rows` gives."""

_command: Final = Commands()


@callback
def async_register_websocket(hass: HomeAssistant) -> None:
    """Offer the commands, those about the household and those of a review."""
    household_command.async_register(hass)
    _command.async_register(hass)
    review_command.async_register(hass)


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
@_command.subscription("consent/subscribe")
async def _consents(call: Call) -> object:
    """Give all that one was asked, what one answered, and what became of it."""
    own = await call.keeper.run(lambda household: household.own_consents(call.person))
    return [_own_consent(one) for one in own]


def _own_consent(one: OwnConsent) -> dict[str, object]:
    return {
        **one.record.to_json(),
        "expires_at": one.record.expires_at,
        "live_rooms": sorted(one.live_rooms),
        "refused_rooms": sorted(one.refused_rooms),
    }


@_command(
    "consent/give",
    {
        vol.Required("purpose"): _Purpose,
        vol.Required("rooms"): _Names,
        vol.Required("notice_sha256"): _Hash,
        vol.Required("valid_seconds"): SECONDS,
        vol.Optional("limit_seconds"): SECONDS,
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
    """Take the key away, and the recordings that nobody else can open."""
    keys = await async_locked_keys(call.hass)
    return {"recordings_deleted": await keys.async_remove(call.keeper, call.person, call.actor)}


# Recordings


@_command(
    "recordings/list",
    {vol.Optional("limit", default=_LISTED): vol.All(int, vol.Range(min=1, max=_LISTED))},
    opens=True,
)
async def _list_recordings(call: Call) -> object:
    """List what one may open now, by names that hold until the next list on this connection."""
    listing = async_listing(call.hass, call.connection)

    def show(household: Household) -> object:
        recordings = household.recordings(call.person)
        shown = listing.show(recordings, call.person, call.data["limit"])
        household.called(call.person, listing.names)
        return {"total": len(recordings), "recordings": shown}

    return await call.keeper.run(show)


@_command(
    "recordings/open",
    {
        vol.Required("recording"): RECORDING_NAME,
        vol.Required("part"): vol.Coerce(Part),
        vol.Required("why"): vol.In([OpenReason.OWN]),
    },
    opens=True,
)
async def _open_recording(call: Call) -> object:
    """Give what a listener's own key opens; the ledger has it first."""
    name = call.data["recording"]
    shown = async_listing(call.hass, call.connection).get(name)
    if shown is None:
        await call.keeper.run(lambda household: household.refuse_names(call.person, [name]))
        raise NotAllowedError(Refusal.UNKNOWN_RECORDING)
    opened = await call.keeper.run(
        lambda household: household.open_recording(
            shown.id, call.person, call.data["part"], OpenReason.OWN
        )
    )
    return opened_json(opened) | {"verdicts": [as_text(one) for one in opened.verdicts]}


@_command(
    "recordings/delete",
    {vol.Required("recordings"): vol.All([RECORDING_NAME], vol.Length(1, _LISTED))},
    opens=True,
)
async def _delete_recordings(call: Call) -> object:
    """Delete recordings for everybody; what is gone already does not count."""
    listing = async_listing(call.hass, call.connection)
    shown = {name: listing.get(name) for name in call.data["recordings"]}
    unknown = [name for name, recording in shown.items() if recording is None]
    if unknown:
        await call.keeper.run(lambda household: household.refuse_names(call.person, unknown))
    recordings = {recording.id for recording in shown.values() if recording}
    return {
        "deleted": await call.keeper.run(
            lambda household: household.delete(recordings, call.person)
        )
    }


# The ledger


@_command(
    "ledger/rows",
    {
        vol.Optional("before", default=2**53): vol.All(int, vol.Range(min=0, max=2**53)),
        vol.Optional("limit", default=_LISTED): vol.All(int, vol.Range(min=1, max=_LISTED)),
        vol.Optional("about", default="everything"): vol.In(_ROWS_ABOUT),
    },
)
async def _rows(call: Call) -> object:
    """Give the newest rows about oneself, before one of them."""
    data = call.data
    rows = await call.keeper.run(
        lambda household: household.rows(
            call.person,
            before=data["before"],
            limit=data["limit"],
            kinds=_ROWS_ABOUT[data["about"]],
        )
    )
    return [row_json(row) for row in rows]


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
