"""Who decides in a room, how long is kept what is said there, and who may hear it.

This is the whole of it, and nothing else decides:

    keeps_for(room) = 0 if anyone there has no live consent to keep, else the shortest limit
    listeners(room) = whom the ceiling allows and every member named; everyone names themselves
    kept(turn)      = understood, and keeps_for > 0, and listeners is not empty
    may_open(recording)  = was a listener when it was captured, is one now, and it has not expired

Pure functions of a situation. Whoever is not known, wherever it is, whatever is in doubt: no.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from .ceilings import CeilingEntry, narrowest, tightest
from .consent import Purpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..people import Arrangement, Pauses, PersonId, RoomId
    from .ceilings import Allowed
    from .consent import ConsentRecord, Notices


class DropReason(StrEnum):
    """Why a turn is not kept."""

    ACCIDENT = "accident"
    """It led to nothing."""

    NOT_WANTED = "not-wanted"
    """The room keeps nothing now."""

    NOBODY_MAY_LISTEN = "nobody-may-listen"
    NO_KEY = "no-key"
    """Nobody who may listen has a listening key."""

    ABOUT_KEEPING = "about-keeping"
    """It was itself about what is kept."""

    FAILED = "failed"
    """It could not be stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that the rules look at."""

    arrangement: Arrangement
    pauses: Pauses
    ceilings: tuple[CeilingEntry, ...]
    """In the order of time; the last is the arrangement's."""

    consents: Sequence[ConsentRecord]
    """In any order, live or not."""

    notices: Notices
    now: float
    """Seconds since 1970."""


class CaptureFacts(Protocol):
    """What the rules look at of a recording."""

    @property
    def room(self) -> RoomId:
        """Where it was captured."""

    @property
    def expires(self) -> float:
        """When it is over, in seconds since 1970."""

    @property
    def members(self) -> frozenset[PersonId]:
        """Who were the room's members when it was captured."""

    @property
    def listeners(self) -> frozenset[PersonId]:
        """Who were the room's listeners when it was captured."""


def members(s: Situation, room: RoomId) -> frozenset[PersonId]:
    """Return who is expected to be heard in a room.

    Everyone, but whom the administrator excluded and who has no account or has agreed to it.
    """
    place = s.arrangement.rooms.get(room)
    if place is None:
        return frozenset()
    return frozenset(
        id_
        for id_, person in s.arrangement.people.items()
        if id_ not in place.excluded
        or (person.has_account and not live(s, id_, Purpose.LEFT_OUT, room))
    )


def keeps_for(s: Situation, room: RoomId) -> float:
    """Return for how many seconds a room keeps what is said now; 0 keeps nothing."""
    everyone = members(s, room)
    if paused(s, room) or missing(s, room) or not everyone:
        return 0.0
    limits = [
        _limit(s, consent, room)
        for person in everyone
        for consent in live(s, person, Purpose.KEEP, room)
    ]
    return max(0.0, min(limits))


def named(s: Situation, person: PersonId, room: RoomId) -> frozenset[PersonId]:
    """Return by whom somebody is willing to be heard in a room: always by oneself.

    A name counts as far as the ceiling has allowed it at every time since it was given.
    """
    if person not in s.arrangement.people or room not in s.arrangement.rooms:
        return frozenset()
    here = members(s, room)
    others = [
        _permitted(consent.terms.listeners, _allowed(s, consent, room), here)
        for consent in live(s, person, Purpose.LISTEN, room)
    ]
    return frozenset({person}).union(frozenset.intersection(*others) if others else ())


def listeners(s: Situation, room: RoomId) -> frozenset[PersonId]:
    """Return who may listen to what is said in a room now."""
    everyone = members(s, room)
    if not everyone:
        return frozenset()
    can = frozenset(id_ for id_ in _accounts(s) if s.arrangement.people[id_].active)
    permitted = _permitted(can, _allowed_now(s, room), everyone)
    return permitted.intersection(*(named(s, member, room) for member in everyone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What holds in a room at one time: who is heard, who may listen, and what is kept how long."""

    members: frozenset[PersonId]
    listeners: frozenset[PersonId]
    missing: frozenset[PersonId]
    """The members who have not consented to keeping."""

    paused: Literal["household", "room", "guests"] | None
    allowed_seconds: float
    """For how long the administrator allows keeping."""

    keeps_for_seconds: float
    """0 where nothing is kept; what nobody may listen to is not kept either."""

    wanted: bool
    """Whether the room would keep something if anybody might listen to it."""

    def why_dropped(self, *, understood: bool) -> DropReason | None:
        """Return why a turn that ends now is not kept; None if it is."""
        if not understood:
            return DropReason.ACCIDENT
        if not self.wanted:
            return DropReason.NOT_WANTED
        if not self.listeners:
            return DropReason.NOBODY_MAY_LISTEN
        return None


def decide(s: Situation, room: RoomId) -> Decision:
    """Answer at once all that decides about a turn in a room."""
    here, seconds = listeners(s, room), keeps_for(s, room)
    return Decision(
        members=members(s, room),
        listeners=here,
        missing=missing(s, room),
        paused=paused(s, room),
        allowed_seconds=allowed_seconds(s, room),
        keeps_for_seconds=seconds if here else 0.0,
        wanted=seconds > 0,
    )


def listeners_now(
    s: Situation, recording_room: RoomId, members_at_capture: frozenset[PersonId]
) -> frozenset[PersonId]:
    """Return who may listen now to a recording of a room.

    Who was heard in it keeps a say after leaving the room, and who left the household names nobody.
    """
    if not members_at_capture:
        return frozenset()
    return listeners(s, recording_room).intersection(
        *(named(s, member, recording_room) for member in members_at_capture)
    )


def stays_for(s: Situation, recording: CaptureFacts) -> float:
    """Return for how many seconds after its capture a recording may stay, as things are now.

    Everyone who may be heard in it must still consent. A pause keeps nothing new, and deletes
    nothing.
    """
    if recording.room not in s.arrangement.rooms:
        return 0.0
    limits = [
        min((_limit(s, consent, recording.room) for consent in consents), default=0.0)
        for consents in (
            live(s, person, Purpose.KEEP, recording.room) for person in recording.members
        )
    ]
    return max(0.0, min(limits, default=0.0))


def trusted(s: Situation, recording: CaptureFacts) -> frozenset[PersonId]:
    """Return who may keep a key to a recording: whom everyone who may be heard in it still names.

    Whose account is gone has none, whoever names them.
    """
    return (recording.listeners & _accounts(s)).intersection(
        *(named(s, person, recording.room) for person in recording.members)
    )


def may_open(s: Situation, recording: CaptureFacts, person: PersonId) -> bool:
    """Return whether somebody may open a recording now."""
    return (
        person in recording.listeners
        and person in listeners_now(s, recording.room, recording.members)
        and s.now < recording.expires
    )


def may_review(s: Situation, person: PersonId) -> bool:
    """Return whether somebody may be asked to review at all: who may listen somewhere."""
    return any(person in listeners(s, room) for room in s.arrangement.rooms)


def paused(s: Situation, room: RoomId) -> Literal["household", "room", "guests"] | None:
    """Return what keeps a room from keeping anything for now, whatever was consented to."""
    if s.pauses.household:
        return "household"
    if room in s.pauses.rooms:
        return "room"
    if s.pauses.guests_until is not None and s.now < s.pauses.guests_until:
        return "guests"
    return None


def missing(s: Situation, room: RoomId) -> frozenset[PersonId]:
    """Return the members of a room who have not consented to keeping."""
    return frozenset(
        person for person in members(s, room) if not live(s, person, Purpose.KEEP, room)
    )


def allowed_seconds(s: Situation, room: RoomId) -> float:
    """Return for how many seconds the administrator lets a room keep at most; 0 is nothing."""
    return _allowed_now(s, room).retention_seconds if room in s.arrangement.rooms else 0.0


def live(
    s: Situation, person: PersonId, purpose: Purpose, room: RoomId
) -> tuple[ConsentRecord, ...]:
    """Return somebody's consents that hold now in a room; only who has an account has any.

    A consent is for the room that its person saw: where that is another now, it is asked again.

    There is at most one; should there be more, each of them narrows. What the ceiling was when it
    was given must be known.
    """
    who, here = s.arrangement.people.get(person), s.arrangement.rooms.get(room)
    if who is None or not who.has_account or here is None or not s.ceilings:
        return ()
    place = here.place
    return tuple(
        consent
        for consent in s.consents
        if consent.principal == person
        and consent.terms.purpose is purpose
        and consent.holds(room, place, s.now, s.notices)
        and consent.events[0].time >= s.ceilings[0].since
    )


def live_rooms(s: Situation, consent: ConsentRecord) -> frozenset[RoomId]:
    """Return the rooms in which a consent holds now."""
    return frozenset(
        room
        for room in consent.terms.rooms
        if consent in live(s, consent.principal, consent.terms.purpose, room)
    )


def refused_rooms(s: Situation, consent: ConsentRecord) -> frozenset[RoomId]:
    """Return the rooms for which a record says no, to the question as it is asked now."""
    return frozenset(
        room
        for room in consent.terms.rooms & s.arrangement.rooms.keys()
        if consent.refuses(room, s.notices)
    )


def _accounts(s: Situation) -> frozenset[PersonId]:
    return frozenset(id_ for id_, who in s.arrangement.people.items() if who.has_account)


def _limit(s: Situation, consent: ConsentRecord, room: RoomId) -> float:
    """Return for how many seconds a consent to keep lets a room keep."""
    return min(consent.terms.limit_seconds or 0.0, _allowed(s, consent, room).retention_seconds)


def _allowed(s: Situation, consent: ConsentRecord, room: RoomId) -> Allowed:
    """Return what the administrator has allowed at every time since a consent was given."""
    assert consent.given_at is not None, "it holds"
    return narrowest((tightest(s.ceilings, consent.given_at, room), _allowed_now(s, room)))


def _allowed_now(s: Situation, room: RoomId) -> Allowed:
    return CeilingEntry.of(s.arrangement, s.now).allows(room)


def _permitted(
    people: frozenset[PersonId], allowed: Allowed, here: frozenset[PersonId]
) -> frozenset[PersonId]:
    """Return who of some people may listen in a room: without review, only its members."""
    permitted = people - allowed.ruled_out
    return permitted if allowed.review else permitted & here
