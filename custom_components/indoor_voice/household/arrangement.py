"""Reads the household's people, rooms and settings from Home Assistant."""

from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from homeassistant.auth import EVENT_USER_ADDED, EVENT_USER_REMOVED, EVENT_USER_UPDATED
from homeassistant.components.person.const import DOMAIN as PERSON_DOMAIN
from homeassistant.components.websocket_api.connection import current_connection
from homeassistant.const import CONF_ID, CONF_NAME
from homeassistant.core import callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.http import current_request

from ..const import (
    CONF_CERTIFICATE,
    CONF_EXCLUDED,
    CONF_GUIDANCE,
    CONF_LIMIT,
    CONF_MAX_HOURS,
    CONF_RETENTION,
    CONF_REVIEW,
    CONF_RULED_OUT,
    CONF_STRICT,
    DOMAIN,
)
from ..devices.entries import device_key, satellite_entries
from ..privacy.people import (
    DEFAULT_MAX_BYTES,
    MAX_RETENTION_SECONDS,
    SPEECH_BYTES_PER_HOUR,
    Arrangement,
    Ceiling,
    Person,
    Room,
)
from ..privacy.strict_json import number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import CALLBACK_TYPE, HomeAssistant
    from homeassistant.helpers.collection import ObservableCollection

    from ..privacy.people import PersonId, RoomId

DEFAULT_MAX_HOURS: Final = DEFAULT_MAX_BYTES / SPEECH_BYTES_PER_HOUR
_USER_ID: Final = "user_id"


class UnusableSettingsError(Exception):
    """The settings of the entry called `title` can't have been written by the options flow."""

    def __init__(self, title: str) -> None:
        super().__init__(f"The settings of {title} are invalid")
        self.title = title


async def async_arrangement(hass: HomeAssistant, household: ConfigEntry[Any]) -> Arrangement | None:
    """Return the current setup of the household, or None while its people are not known.

    Raises `UnusableSettingsError` if settings are invalid.
    """
    people = await async_people(hass)
    if people is None:
        return None
    users = await hass.auth.async_get_users()
    options = household.options
    strict, guidance = options.get(CONF_STRICT, False), options.get(CONF_GUIDANCE, "")
    if not isinstance(strict, bool) or not isinstance(guidance, str):
        raise UnusableSettingsError(household.title)
    try:
        ceiling = ceiling_of(options)
    except ValueError as err:
        raise UnusableSettingsError(household.title) from err
    return Arrangement(
        people=people,
        accounts=frozenset(user.id for user in users),
        inactive=frozenset(user.id for user in users if not user.is_active),
        rooms=rooms_of(hass),
        ceiling=ceiling,
        strict=strict,
        guidance=guidance,
    )


async def async_people(hass: HomeAssistant) -> dict[PersonId, Person] | None:
    """Return all persons in Home Assistant, or None while they are not known.

    People whose entity or account is disabled are included, because satellites still hear them.
    """
    items = _items(hass)
    if items is None:
        return None
    people: dict[PersonId, Person] = {}
    for item in items:
        user_id = item.get(_USER_ID)
        user = await hass.auth.async_get_user(user_id) if user_id else None
        if user is not None:
            people[user.id] = Person(
                id=user.id, name=item[CONF_NAME], has_account=True, active=user.is_active
            )
        else:
            # A person whose own id equals another person's account id must not replace them.
            nobody = Person(id=item[CONF_ID], name=item[CONF_NAME], has_account=False)
            people.setdefault(nobody.id, nobody)
    return people


@callback
def person_of(hass: HomeAssistant, entity_id: str) -> PersonId | None:
    """Return the account of the person that an entity represents, or None if there is none.

    Looks it up in the registries, not in the entity's state, which anything can set.
    """
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != PERSON_DOMAIN:
        return None
    items = _items(hass) or ()
    return next((item.get(_USER_ID) for item in items if item[CONF_ID] == entity.unique_id), None)


@callback
def async_watch_people(
    hass: HomeAssistant, changed: Callable[..., Coroutine[Any, Any, None]]
) -> CALLBACK_TYPE:
    """Call `changed` whenever a person or an account is added, removed or updated."""
    removals = [
        hass.bus.async_listen(event, changed)
        for event in (EVENT_USER_ADDED, EVENT_USER_UPDATED, EVENT_USER_REMOVED)
    ]
    with suppress(AttributeError, KeyError, TypeError, ValueError):
        removals += [group.async_add_listener(changed) for group in _collections(hass)]

    @callback
    def stop() -> None:
        for remove in removals:
            remove()

    return stop


@callback
def async_watch_rooms(
    hass: HomeAssistant, changed: Callable[..., Coroutine[Any, Any, None]]
) -> CALLBACK_TYPE:
    """Call `changed` whenever a satellite may have moved to another area or an area changed."""

    @callback
    def is_ours(data: Mapping[str, Any]) -> bool:
        device = dr.async_get(hass).async_get(data["device_id"])
        return device is None or any(domain == DOMAIN for domain, *_ in device.identifiers)

    removals = [
        hass.bus.async_listen(ar.EVENT_AREA_REGISTRY_UPDATED, changed),
        hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, changed, event_filter=is_ours),
    ]

    @callback
    def stop() -> None:
        for remove in removals:
            remove()

    return stop


def _items(hass: HomeAssistant) -> list[Any] | None:
    """Return Home Assistant's record of each person, or None while they are not available."""
    try:
        return [item for group in _collections(hass) for item in group.async_items()]
    except AttributeError, KeyError, TypeError, ValueError:
        return None


def _collections(hass: HomeAssistant) -> Iterator[ObservableCollection[Any]]:
    # Home Assistant offers this only to its frontend, and its structure has changed before.
    data: Any = hass.data[PERSON_DOMAIN]
    if isinstance(data, tuple):  # before 2026.11
        yield from data[:2]
    else:
        yield data.storage_collection
        yield data.yaml_collection


@callback
def acting_user_id() -> str | None:
    """Return the account behind the current request, or None if nobody is logged in.

    A webhook URL doesn't count as a login, because the administrator can read it.
    """
    if (connection := current_connection.get()) is not None:
        return connection.user.id
    request = current_request.get()
    user = request.get("hass_user") if request is not None else None
    return None if user is None else user.id


def ceiling_of(options: Mapping[str, Any]) -> Ceiling:
    """Return the administrator's ceiling from the household's options.

    Raises `ValueError` if an option is invalid.
    """
    review = options.get(CONF_REVIEW, False)
    if not isinstance(review, bool):
        raise ValueError("Expected a boolean")  # noqa: TRY004 - one error for all invalid options
    hours = number_of(options.get(CONF_MAX_HOURS, DEFAULT_MAX_HOURS))
    return Ceiling(
        retention_seconds=_seconds_of(options.get(CONF_RETENTION, 0)),
        max_bytes=round(hours * SPEECH_BYTES_PER_HOUR),
        review=review,
        ruled_out=_people_of(options.get(CONF_RULED_OUT, ())),
    )


def _seconds_of(data: object) -> float:
    seconds = number_of(data)
    if not 0 <= seconds <= MAX_RETENTION_SECONDS:
        raise ValueError("Expected a retention time within the limit")
    return seconds


def _people_of(data: object) -> frozenset[PersonId]:
    return frozenset(map(text_of, data if isinstance(data, list | tuple) else [None]))


@callback
def rooms_of(hass: HomeAssistant) -> dict[RoomId, Room]:
    """Return the rooms that have a satellite."""
    rooms = (room_of(hass, entry) for entry in satellite_entries(hass))
    return {room.id: room for room in rooms}


@callback
def room_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Room:
    """Return a satellite's room; raises `UnusableSettingsError` if its settings are invalid."""
    limit = entry.options.get(CONF_LIMIT)
    try:
        limit_seconds = None if limit is None else _seconds_of(limit)
        excluded = _people_of(entry.options.get(CONF_EXCLUDED, ()))
    except ValueError as err:
        raise UnusableSettingsError(entry.title) from err
    area = _area_of(hass, entry)
    certificate = entry.data.get(CONF_CERTIFICATE, "")
    return Room(
        id=device_key(entry),
        name=entry.title,
        excluded=excluded,
        limit_seconds=limit_seconds,
        area=area.id if area else None,
        area_name=area.name if area else "",
        device=sha256(certificate.encode()).hexdigest() if certificate else "",
    )


def _area_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> ar.AreaEntry | None:
    """Return the area of a satellite's device."""
    identifier = (DOMAIN, device_key(entry))
    device = dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)
    if device is None or device.area_id is None:
        return None
    return ar.async_get(hass).async_get_area(device.area_id)
