"""Who lives here and which rooms there are, as Home Assistant and its administrator have it."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.person.const import DOMAIN as PERSON_DOMAIN
from homeassistant.const import CONF_ID, CONF_NAME
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.http import current_request

from .const import (
    CONF_EXCLUDED,
    CONF_LIMIT,
    CONF_MAX_SIZE,
    CONF_RETENTION,
    CONF_REVIEW,
    CONF_RULED_OUT,
)
from .data import device_key, satellite_entries
from .privacy.people import DEFAULT_MAX_BYTES, Arrangement, Ceiling, Person, Room

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import CALLBACK_TYPE, HomeAssistant
    from homeassistant.helpers.collection import ObservableCollection

    from .privacy.people import PersonId

MEGABYTE: Final = 1024 * 1024
DEFAULT_MAX_SIZE_MB: Final = DEFAULT_MAX_BYTES // MEGABYTE
_USER_ID: Final = "user_id"


async def async_arrangement(hass: HomeAssistant, household: ConfigEntry[Any]) -> Arrangement | None:
    """Return the household as it is set up now; None while it is not known who lives here."""
    people = await async_people(hass)
    if people is None:
        return None
    accounts = frozenset(user.id for user in await hass.auth.async_get_users())
    return Arrangement(
        people=people,
        accounts=accounts,
        rooms=_rooms(hass),
        ceiling=ceiling_of(household.options),
    )


async def async_people(hass: HomeAssistant) -> dict[PersonId, Person] | None:
    """Return everybody whom Home Assistant knows as a person; None while it does not know.

    Also those whose entity was switched off, and whose account was: neither makes somebody less
    heard.
    """
    items = _items(hass)
    if items is None:
        return None
    people: dict[PersonId, Person] = {}
    for item in items:
        user_id = item.get(_USER_ID)
        if user_id and await hass.auth.async_get_user(user_id) is not None:
            people[user_id] = Person(id=user_id, name=item[CONF_NAME], has_account=True)
        else:
            # Whoever was given somebody's account as his own id does not take the place of it.
            nobody = Person(id=item[CONF_ID], name=item[CONF_NAME], has_account=False)
            people.setdefault(nobody.id, nobody)
    return people


@callback
def person_of(hass: HomeAssistant, entity_id: str) -> PersonId | None:
    """Return the account of the person whom an entity shows; None for who has none.

    By the registries and not by its state, which anything may set.
    """
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != PERSON_DOMAIN:
        return None
    items = _items(hass) or ()
    return next((item.get(_USER_ID) for item in items if item[CONF_ID] == entity.unique_id), None)


@callback
def async_watch_people(
    hass: HomeAssistant, changed: Callable[..., Awaitable[None]]
) -> CALLBACK_TYPE:
    """Call `changed` whenever a person comes, goes, or gets another name or account."""
    try:
        removals = [group.async_add_listener(changed) for group in _collections(hass)]
    except AttributeError, KeyError, TypeError, ValueError:
        return lambda: None

    @callback
    def stop() -> None:
        for remove in removals:
            remove()

    return stop


def _items(hass: HomeAssistant) -> list[Any] | None:
    """Return what Home Assistant holds of each person; None while it does not know."""
    try:
        return [item for group in _collections(hass) for item in group.async_items()]
    except AttributeError, KeyError, TypeError, ValueError:
        return None


def _collections(hass: HomeAssistant) -> Iterator[ObservableCollection[Any]]:
    # Home Assistant offers this to its web pages only; it has changed its shape before.
    data: Any = hass.data[PERSON_DOMAIN]
    if isinstance(data, tuple):  # before 2026.11
        yield from data[:2]
    else:
        yield data.storage_collection
        yield data.yaml_collection


@callback
def acting_user_id() -> str | None:
    """Return the account on whose request the current code runs; None where there is none."""
    request = current_request.get()
    user = request.get("hass_user") if request is not None else None
    return None if user is None else user.id


def ceiling_of(options: Mapping[str, Any]) -> Ceiling:
    """Return what the administrator allows at most, from the household's options."""
    return Ceiling(
        retention_seconds=float(options.get(CONF_RETENTION, 0)),
        max_bytes=int(options.get(CONF_MAX_SIZE, DEFAULT_MAX_SIZE_MB)) * MEGABYTE,
        review=options.get(CONF_REVIEW, False),
        ruled_out=frozenset(options.get(CONF_RULED_OUT, ())),
    )


def _rooms(hass: HomeAssistant) -> dict[str, Room]:
    rooms = (room_of(entry) for entry in satellite_entries(hass))
    return {room.id: room for room in rooms}


def room_of(entry: ConfigEntry[Any]) -> Room:
    """Return the room that a satellite hears."""
    limit = entry.options.get(CONF_LIMIT)
    return Room(
        id=device_key(entry),
        name=entry.title,
        excluded=frozenset(entry.options.get(CONF_EXCLUDED, ())),
        limit_seconds=None if limit is None else float(limit),
    )
