"""Check that a consent may be asked for or given; the `require_*` raise `NotAllowedError`."""

from typing import TYPE_CHECKING

from ..errors import NotAllowedError, Refusal
from . import rules
from .ceilings import CeilingEntry
from .consent import LIMIT_CHOICES_SECONDS, Purpose
from .notices import CURRENT

if TYPE_CHECKING:
    from ..people import Arrangement, PersonId, Place, RoomId
    from .consent import Notice, Terms


def require_person(arrangement: Arrangement, person: PersonId) -> None:
    """Refuse a person who is unknown, or has no account and so can't consent."""
    found = arrangement.people.get(person)
    if found is None:
        raise NotAllowedError(Refusal.UNKNOWN_PERSON)
    if not found.has_account:
        raise NotAllowedError(Refusal.NO_ACCOUNT)


def current_notice(purpose: Purpose, sha256: str) -> Notice:
    """Return the notice that a person was shown; raises `NotAllowedError` unless it is current."""
    for (its_purpose, _), notice in CURRENT.items():
        if its_purpose is purpose and notice.sha256 == sha256:
            return notice
    raise NotAllowedError(Refusal.OLD_NOTICE)


def require_within(situation: rules.Situation, person: PersonId, terms: Terms) -> None:
    """Refuse terms that the ceiling doesn't allow, so that a consent promises what will happen."""
    arrangement = situation.arrangement
    if not terms.rooms <= arrangement.rooms.keys():
        raise NotAllowedError(Refusal.UNKNOWN_ROOM)
    if terms.purpose is Purpose.KEEP and terms.limit_seconds is None:
        raise NotAllowedError(Refusal.BAD_TERMS)
    if person in terms.listeners:
        raise NotAllowedError(Refusal.BAD_TERMS)
    for listener in terms.listeners:
        require_person(arrangement, listener)
    for room in terms.rooms:
        allowed = CeilingEntry.of(arrangement, situation.now).allows(room)
        if terms.limit_seconds is not None and terms.limit_seconds > allowed.retention_seconds:
            raise NotAllowedError(Refusal.ABOVE_CEILING)
        if terms.listeners & allowed.ruled_out:
            raise NotAllowedError(Refusal.RULED_OUT)
        if not allowed.review and not terms.listeners <= rules.members(situation, room):
            raise NotAllowedError(Refusal.REVIEW_NOT_ALLOWED)


def may_be_named(arrangement: Arrangement, person: PersonId) -> bool:
    """Return whether a person may be named as a listener anywhere."""
    found = arrangement.people.get(person)
    return found is not None and found.has_account and person not in arrangement.ceiling.ruled_out


def limit_choices(arrangement: Arrangement) -> list[float]:
    """Return the retention limits (seconds) to offer for a consent; empty if nothing may be kept.

    The longest is what the most generous room allows.
    """
    ceiling = CeilingEntry.of(arrangement, 0.0)
    most = max((ceiling.allows(room).retention_seconds for room in arrangement.rooms), default=0.0)
    shorter = [seconds for seconds in LIMIT_CHOICES_SECONDS if seconds < most]
    return [*shorter, most] if most else []


def places_of(arrangement: Arrangement, rooms: frozenset[RoomId]) -> dict[RoomId, Place]:
    """Return the rooms as people see them when they are asked."""
    return {room: arrangement.rooms[room].place for room in sorted(rooms)}
