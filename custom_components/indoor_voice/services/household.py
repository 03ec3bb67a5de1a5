"""Home Assistant actions for the caller's own consents and ledger, and for deletions."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import ServiceCall, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import script_stack_cv
from homeassistant.loader import async_get_integration
from homeassistant.util import dt as dt_util

from ..api.serialize import copy_json
from ..const import DOMAIN
from ..devices.entries import household_entry
from ..household.arrangement import acting_user_id, person_of
from ..household.keeper import KEEPER
from ..privacy.consent.consent import VALID_SECONDS_MAX, Purpose, Terms
from ..privacy.consent.disguise import Disguise
from ..privacy.consent.iso_27560 import Controller, iso_27560_record
from ..privacy.consent.notices import CURRENT
from ..privacy.errors import NotAllowedError, Refusal
from ..privacy.people import DAY_SECONDS
from .targets import NAMES, invalid, rooms_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import probatio as vol
    from homeassistant.core import HomeAssistant, ServiceResponse
    from homeassistant.exceptions import ServiceValidationError
    from homeassistant.util.json import JsonObjectType

    from ..household.keeper import Keeper
    from ..privacy.household import Household
    from ..privacy.people import PersonId, RoomId
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_CHANNEL: Final = "action"
_MAX_DAYS: Final = int(VALID_SECONDS_MAX // DAY_SECONDS)

_GIVE: Final = vol.Schema(
    {
        vol.Required("purpose"): vol.Coerce(Purpose),
        vol.Required("rooms"): NAMES,
        vol.Required("notice"): cv.string,
        vol.Optional("limit"): cv.positive_time_period,
        vol.Optional("listeners", default=list): vol.All(cv.ensure_list, [cv.entity_id]),
        vol.Optional("disguise"): vol.Coerce(Disguise),
        vol.Optional("days", default=_MAX_DAYS): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=_MAX_DAYS)
        ),
    }
)
_WITHDRAW: Final = vol.Schema(
    {vol.Required("purpose"): vol.Coerce(Purpose), vol.Optional("rooms"): NAMES}
)
_DELETE: Final = vol.Schema({vol.Optional("rooms"): NAMES, vol.Optional("since"): cv.datetime})
_NOTHING: Final = vol.Schema({})

REFUSALS: Final = {
    Refusal.NO_ACCOUNT: "not_a_person",
    Refusal.UNKNOWN_PERSON: "not_a_person",
    Refusal.UNKNOWN_ROOM: "unknown_room",
    Refusal.OLD_NOTICE: "old_notice",
    Refusal.BAD_TERMS: "bad_terms",
    Refusal.ABOVE_CEILING: "above_ceiling",
    Refusal.REVIEW_NOT_ALLOWED: "review_not_allowed",
    Refusal.RULED_OUT: "ruled_out",
}
"""Translation keys of the errors that actions report for refusals."""


async def _show_notices(_call: ServiceCall) -> ServiceResponse:
    """Return the notice texts that people should read before they consent."""
    return {
        "notices": [
            {"notice": notice.id, "purpose": purpose, "language": language, "text": notice.text}
            for (purpose, language), notice in CURRENT.items()
        ]
    }


async def _give_consent(call: ServiceCall) -> ServiceResponse:
    """Give a consent on the caller's own behalf."""
    person = await _own(call)
    purpose: Purpose = call.data["purpose"]
    notice = next(
        (
            notice
            for (about, _), notice in CURRENT.items()
            if about is purpose and notice.id == call.data["notice"]
        ),
        None,
    )
    if notice is None:
        raise invalid("old_notice")
    if purpose is Purpose.KEEP and "limit" not in call.data:
        raise invalid("limit_needed")
    if purpose is Purpose.LISTEN and not call.data["listeners"]:
        raise invalid("listeners_needed")
    limit: timedelta | None = call.data.get("limit")
    try:
        terms = Terms(
            purpose=purpose,
            rooms=rooms_of(call),
            limit_seconds=None if limit is None else limit.total_seconds(),
            listeners=frozenset(_listener(call.hass, entity) for entity in call.data["listeners"]),
            disguise=call.data.get("disguise"),
        )
    except ValueError as err:
        raise invalid("bad_terms") from err
    valid = timedelta(days=call.data["days"]).total_seconds()
    record = await _run(
        call, lambda household: household.give(person, terms, notice.sha256, valid, _CHANNEL)
    )
    return {"consent": _json(record.to_json())} if call.return_response else None


async def _withdraw_consent(call: ServiceCall) -> ServiceResponse:
    """Withdraw one of the caller's own consents; a script may do this for them."""
    person = _person(call)
    rooms = rooms_of(call) if "rooms" in call.data else None
    done = await _run(
        call, lambda household: household.withdraw(person, call.data["purpose"], rooms, _CHANNEL)
    )
    if not call.return_response:
        return None
    return {
        "consents": done.records,
        "recordings_deleted": done.recordings_deleted,
        "keys_dropped": done.keys_dropped,
    }


async def _export_consents(call: ServiceCall) -> ServiceResponse:
    """Return the caller's own consents as ISO/IEC TS 27560 records."""
    person = await _own(call)
    people = _keeper(call).arrangement.people
    consents = await _run(call, lambda household: household.consents(person))
    controller = await _controller(call.hass)
    records = [iso_27560_record(consent, people, controller) for consent in consents]
    return {"records": [_json(record) for record in records]}


async def _export_ledger(call: ServiceCall) -> ServiceResponse:
    """Return a copy of the ledger rows about the caller, which anybody can verify."""
    person = await _own(call)
    return copy_json(await _run(call, lambda household: household.copy(person)))


async def _delete_recordings(call: ServiceCall) -> ServiceResponse:
    """Delete recordings permanently; anybody may do this, and so may automations."""
    keeper = _keeper(call)
    actor = keeper.actor(call.context.user_id, _CHANNEL)
    since = (
        dt_util.as_timestamp(dt_util.as_utc(call.data["since"])) if "since" in call.data else 0.0
    )
    rooms: list[RoomId | None] = [*rooms_of(call)] if "rooms" in call.data else [None]
    for room in rooms:
        await keeper.async_forget_latest(room)
    deleted = await _run(
        call,
        lambda household: sum(household.delete_since(room, since, actor) for room in rooms),
    )
    return {"recordings_deleted": deleted} if call.return_response else None


async def _run[T](call: ServiceCall, work: Callable[[Household], T]) -> T:
    """Run `work` with the household; refusals are raised as translated errors."""
    try:
        return await _keeper(call).run(work)
    except NotAllowedError as err:
        raise invalid(REFUSALS.get(err.reason, "bad_terms")) from err
    except ValueError as err:
        raise invalid("bad_terms") from err


def _keeper(call: ServiceCall) -> Keeper:
    if (keeper := call.hass.data.get(KEEPER)) is None:
        raise invalid("no_household")
    return keeper


def _person(call: ServiceCall) -> PersonId:
    """Return the person whose account the action is called with."""
    person = _keeper(call).actor(call.context.user_id, _CHANNEL).person
    if person is None:
        raise _no_person(call)
    return person


def _no_person(call: ServiceCall) -> ServiceValidationError:
    """Return the error for a call without an account, or with one that belongs to no person."""
    return invalid("own_account" if call.context.user_id is None else "not_a_person")


async def _own(call: ServiceCall) -> PersonId:
    """Return the person who calls the action, provided that they do so themselves.

    A script (including one of an intent) or a template entity runs with the account of the person
    who triggers it. Without this check its author could consent for, and read about, anybody who
    presses its button. A webhook of the companion app carries an account without any login.
    """
    keeper = _keeper(call)
    actor = keeper.actor(call.context.user_id, _CHANNEL)
    try:
        person = await keeper.run(lambda household: household.require_known(actor.person))
    except NotAllowedError as err:
        raise _no_person(call) from err
    origin = call.context.origin_event
    if (
        acting_user_id() != person
        or script_stack_cv.get()
        or origin is None
        or origin.event_type != EVENT_CALL_SERVICE
        or (origin.data["domain"], origin.data["service"]) != (call.domain, call.service)
    ):
        await _run(call, lambda household: household.note_misuse(person, call.service))
        raise invalid("own_account")
    return person


def _listener(hass: HomeAssistant, entity: str) -> PersonId:
    if (person := person_of(hass, entity)) is None:
        raise invalid("unknown_listener")
    return person


async def _controller(hass: HomeAssistant) -> Controller:
    """Return this household as the data controller."""
    entry = household_entry(hass)
    assert entry is not None, "the callers have used the keeper, so there is a household"
    integration = await async_get_integration(hass, DOMAIN)
    return Controller(
        id=entry.entry_id,
        name=hass.config.location_name,
        address="at home",
        contact="the administrator of this Home Assistant",
        country=hass.config.country,
        policy_url=f"{integration.documentation}/blob/main/docs/keeping.md",
    )


def _json(value: dict[str, object]) -> JsonObjectType:
    return cast("JsonObjectType", value)  # callers pass only JSON types


SERVICES: Final = (
    ("show_notices", _show_notices, _NOTHING, SupportsResponse.ONLY),
    ("give_consent", _give_consent, _GIVE, SupportsResponse.OPTIONAL),
    ("withdraw_consent", _withdraw_consent, _WITHDRAW, SupportsResponse.OPTIONAL),
    ("export_consents", _export_consents, _NOTHING, SupportsResponse.ONLY),
    ("export_ledger", _export_ledger, _NOTHING, SupportsResponse.ONLY),
    ("delete_recordings", _delete_recordings, _DELETE, SupportsResponse.OPTIONAL),
)
"""The name, handler, schema and response of each action."""
