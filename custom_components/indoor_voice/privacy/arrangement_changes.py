"""Find the differences between two setups of a household, for the ledger."""

from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from .people import Arrangement, Ceiling, Person, Room
from .strict_json import members_of, number_of, text_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .people import RoomId
    from .store.ledger_rows import Detail


class Difference(NamedTuple):
    """One difference, in a room or in the household."""

    room: RoomId | None
    detail: Detail


def differences(before: Arrangement, after: Arrangement) -> Iterator[Difference]:
    """Yield the differences, except those of the ceiling that `ceiling_detail` records."""
    yield from _of_people(before, after)
    for id_ in sorted(before.rooms.keys() | after.rooms.keys()):
        was, now = before.rooms.get(id_), after.rooms.get(id_)
        for detail in _of_room(was, now):
            yield Difference(id_, detail)
    for person in sorted(before.ceiling.ruled_out ^ after.ceiling.ruled_out):
        ruled_out = person in after.ceiling.ruled_out
        yield Difference(None, {"what": "ruled-out", "person": person, "now": ruled_out})
    if before.strict != after.strict:
        yield Difference(None, {"what": "strict", "now": after.strict})
    if before.guidance != after.guidance:
        yield Difference(None, {"what": "guidance"})


def _of_people(before: Arrangement, after: Arrangement) -> Iterator[Difference]:
    for id_ in sorted(before.people.keys() | after.people.keys()):
        was, now = before.people.get(id_), after.people.get(id_)
        about = {"person": id_}
        if now is None:
            yield Difference(
                None, {"what": "person-gone", "name": was.name if was else "", **about}
            )
            continue
        if was is None:
            yield Difference(None, {"what": "person-came", "name": now.name, **about})
            was = Person(id=id_, name=now.name, has_account=now.has_account)
        if was.name != now.name:
            renamed = {"what": "person-name", "was": was.name, "now": now.name}
            yield Difference(None, renamed | about)
        if was.has_account != now.has_account:
            yield Difference(None, {"what": "account", "now": now.has_account, **about})
        if was.active != now.active:
            yield Difference(None, {"what": "login", "now": now.active, **about})


def _of_room(was: Room | None, now: Room | None) -> Iterator[Detail]:
    if now is None:
        yield {"what": "room-gone", "name": was.name if was else ""}
        return
    if was is None:
        yield {"what": "room-came", "name": now.name, "area": now.area_name}
        was = Room(id=now.id, name=now.name, area=now.area, area_name=now.area_name)
    elif was.device != now.device:
        yield {"what": "satellite"}
    if was.name != now.name:
        yield {"what": "room-name", "was": was.name, "now": now.name}
    if (was.area, was.area_name) != (now.area, now.area_name):
        yield {"what": "area", "was": was.area_name, "now": now.area_name}
    for person in sorted(was.excluded ^ now.excluded):
        yield {"what": "taken-out", "person": person, "now": person in now.excluded}
    if was.limit_seconds != now.limit_seconds:
        if now.limit_seconds is None:
            yield {"what": "room-limit"}
        else:
            yield {"what": "room-limit", "now": now.limit_seconds}


def arrangement_json(arrangement: Arrangement) -> dict[str, object]:
    """Return an arrangement as JSON types, for `arrangement_of`.

    Accounts and the ceiling are stored separately, except for the people ruled out.
    """
    return {
        "people": [asdict(person) for person in arrangement.people.values()],
        "rooms": [
            asdict(room) | {"excluded": sorted(room.excluded)}
            for room in arrangement.rooms.values()
        ],
        "ruled_out": sorted(arrangement.ceiling.ruled_out),
        "strict": arrangement.strict,
        "guidance": arrangement.guidance,
    }


def arrangement_of(data: object) -> Arrangement:
    """Read an arrangement; raises `ValueError` if `arrangement_json` can't have written it."""
    stored = members_of(data, {"people", "rooms", "ruled_out", "strict", "guidance"})
    people, rooms = stored["people"], stored["rooms"]
    strict, guidance = stored["strict"], stored["guidance"]
    if not (
        isinstance(people, list)
        and isinstance(rooms, list)
        and isinstance(strict, bool)
        and isinstance(guidance, str)
    ):
        raise ValueError("Expected an arrangement")  # noqa: TRY004 - one documented error
    return Arrangement(
        people={person.id: person for person in map(_person_of, people)},
        rooms={room.id: room for room in map(_room_of, rooms)},
        ceiling=Ceiling(ruled_out=texts_of(stored["ruled_out"])),
        strict=strict,
        guidance=guidance,
    )


def _person_of(data: object) -> Person:
    person = members_of(data, {"id", "name", "has_account", "active"})
    return Person(
        id=text_of(person["id"]),
        name=str(person["name"]),
        has_account=person["has_account"] is True,
        active=person["active"] is True,
    )


def _room_of(data: object) -> Room:
    room = members_of(
        data, {"id", "name", "excluded", "limit_seconds", "area", "area_name", "device"}
    )
    limit, area = room["limit_seconds"], room["area"]
    return Room(
        id=text_of(room["id"]),
        name=str(room["name"]),
        excluded=texts_of(room["excluded"]),
        limit_seconds=None if limit is None else number_of(limit),
        area=None if area is None else str(area),
        area_name=str(room["area_name"]),
        device=str(room["device"]),
    )
