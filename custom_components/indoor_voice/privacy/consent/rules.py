"""Decide what a room keeps, for how long, and who may hear it.

These rules are all of it; no other code decides:

    keeps_for(room)     = 0 if any member has no live consent to keep, else the shortest limit
    listeners(room)     = the people whom every member named, as far as the ceiling allows
    kept(turn)          = understood, and keeps_for > 0, and a listener has a listening key
                          (`decide`, whose reasons are shown wherever somebody asks why not)
                          or reported as wrong at once, if every member's consent says so, too
                          (`keeps_reported`)
    may_open(recording) = a listener at capture and now, and the recording has not expired
    disguise(room)      = what tells least of a voice among what its members chose for listeners
                          from outside; they get no other key (`disguise_for`)
    teaches(recording)  = everybody who may be heard in it has a live consent to teach

All are pure functions of a `Situation`. An unknown person or room, or any doubt, means no.

Two pairs of rules look alike but answer different questions. `keeps_for` and `listeners_now`
are about what may happen now. They look at everything that holds now: pauses, the current
members, disabled accounts. If one of these says no, nothing that is stored is lost.
`stays_for` and `trusted` are about what must be deleted, which nothing can undo. They look only
at the people who may be heard in the recording and at the ceiling. Thus when somebody moves in,
nobody can open the older recordings until that person has named listeners, but nothing is
deleted; when somebody who may be heard withdraws, the recording or its keys are deleted at once.

Each condition exists because an administrator, who controls Home Assistant, could otherwise
decide for the others:

- Excluding people from a room would silence them. So people with an account stay members until
  they consent to be left out, even while their account is disabled.
- Somebody who moved out of a room would lose their say in what they said there. So `may_open`
  also asks the members at capture.
- A later, higher ceiling would stretch a consent given under a lower one. So a consent is worth
  at most the lowest ceiling since it was given.
- A satellite moved from the kitchen to a bedroom, or another one paired under its id, would take
  the consent along. So a consent holds for the room as its giver saw it, and for the exact text
  of the notice they were shown.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, Protocol

from .ceilings import CeilingEntry, narrowest, tightest
from .consent import Purpose
from .disguise import DEFAULT_DISGUISE, strictest

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from ..people import Arrangement, Pauses, PersonId, RoomId
    from .ceilings import Allowed
    from .consent import ConsentRecord, Notices
    from .disguise import Disguise


class DropReason(StrEnum):
    """Why a turn is not kept."""

    ABOUT_KEEPING = "about-keeping"
    """The turn was itself about recordings."""

    ACCIDENT = "accident"
    """The turn led to nothing."""

    FAILED = "failed"
    """Nothing can be stored."""

    NOT_ALLOWED = "not-allowed"
    """The administrator allows nothing to be kept in the room."""

    HOUSEHOLD_PAUSED = "household-paused"
    ROOM_PAUSED = "room-paused"
    GUESTS = "guests"
    """Keeping is switched off: everywhere, in the room, or while there are guests."""

    NOBODY_EXPECTED = "nobody-expected"
    """Nobody is expected in the room, so nobody can agree."""

    NO_ACCOUNT = "no-account"
    """Somebody who is expected in the room has no account, and so can't agree."""

    NOT_AGREED = "not-wanted"
    """Somebody who is expected in the room has not agreed."""

    NOBODY_MAY_LISTEN = "nobody-may-listen"
    """There is nobody whom everyone in the room has named."""

    NO_KEY = "no-key"
    """Nobody who may listen has a listening key."""


_WHICH_PAUSE: Final = {
    "household": DropReason.HOUSEHOLD_PAUSED,
    "room": DropReason.ROOM_PAUSED,
    "guests": DropReason.GUESTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that the rules depend on."""

    arrangement: Arrangement
    pauses: Pauses
    ceilings: tuple[CeilingEntry, ...]
    """Oldest first; the last one is the arrangement's."""

    consents: Sequence[ConsentRecord]
    """All consents in any order, whether they still hold or not."""

    notices: Notices
    now: float
    """Seconds since 1970."""


class Heard(Protocol):
    """Where something was captured, and who may be heard in it."""

    @property
    def room(self) -> RoomId:
        """The room where it was captured."""

    @property
    def members(self) -> frozenset[PersonId]:
        """The room's members at capture."""


class CaptureFacts(Heard, Protocol):
    """The properties of a recording that the rules depend on."""

    @property
    def expires(self) -> float:
        """When it expires, in seconds since 1970."""

    @property
    def listeners(self) -> frozenset[PersonId]:
        """The people to whom it was sealed at capture."""

    @property
    def disguise(self) -> Disguise:
        """What those of them got who were not expected in the room."""


def members(s: Situation, room: RoomId) -> frozenset[PersonId]:
    """Return the people who are expected to be heard in a room.

    That is everyone except people whom the administrator excluded; a person with an account must
    also have consented to be left out.
    """
    arranged_room = s.arrangement.rooms.get(room)
    if arranged_room is None:
        return frozenset()
    return frozenset(
        id_
        for id_, person in s.arrangement.people.items()
        if id_ not in arranged_room.excluded
        or (person.has_account and not live(s, id_, Purpose.LEFT_OUT, room))
    )


def keeps_for(s: Situation, room: RoomId) -> float:
    """Return for how many seconds a room keeps what is said now; 0 if it keeps nothing."""
    here = members(s, room)
    if paused(s, room) or missing(s, room) or not here:
        return 0.0
    limits = [
        _limit(s, consent, room)
        for person in here
        for consent in live(s, person, Purpose.KEEP, room)
    ]
    return max(0.0, min(limits))


def keeps_reported(s: Situation, room: RoomId) -> bool:
    """Return whether a room also keeps what led to nothing, if somebody says that it was wrong.

    Only the present notice asks for that; a consent to an earlier text doesn't cover it.
    """
    here = members(s, room)
    return bool(here) and all(
        any(
            consent.is_to(s.notices.get((Purpose.KEEP, consent.language)))
            for consent in live(s, person, Purpose.KEEP, room)
        )
        for person in here
    )


def named(s: Situation, person: PersonId, room: RoomId) -> frozenset[PersonId]:
    """Return the people who may hear `person` in a room by that person's own consent.

    Everyone names themselves. Other names count only if the ceiling has allowed them ever since
    the consent was given.
    """
    if person not in s.arrangement.people or room not in s.arrangement.rooms:
        return frozenset()
    here = members(s, room)
    others = [
        _permitted(consent.terms.listeners, _allowed(s, consent, room), here)
        for consent in live(s, person, Purpose.LISTEN, room)
    ]
    return frozenset({person}).union(frozenset.intersection(*others) if others else ())


def disguise_for(s: Situation, room: RoomId) -> Disguise:
    """Return what listeners from outside a room get of what is said there now.

    Whatever tells least of the voices among what its members chose; who had no choice, because they
    were shown an earlier notice, gets the default.
    """
    return strictest(
        *(
            consent.terms.disguise or DEFAULT_DISGUISE
            for person in members(s, room)
            for consent in live(s, person, Purpose.LISTEN, room)
        )
    )


def listeners(s: Situation, room: RoomId) -> frozenset[PersonId]:
    """Return the people who may listen to what is said in a room now."""
    here = members(s, room)
    if not here:
        return frozenset()
    able = frozenset(id_ for id_ in _accounts(s) if s.arrangement.people[id_].active)
    permitted = _permitted(able, _allowed_now(s, room), here)
    return permitted.intersection(*(named(s, member, room) for member in here))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the rules say about a room at one time."""

    members: frozenset[PersonId]
    listeners: frozenset[PersonId]
    without_key: frozenset[PersonId]
    """The listeners who have no listening key yet, and so can hear nothing."""

    missing: frozenset[PersonId]
    """The members who have not consented to keeping."""

    declined: frozenset[PersonId]
    """The members who have said no, which nobody else may learn."""

    waiting_for: frozenset[PersonId]
    """The members whose answer is still to come; empty as soon as one of them has declined.

    Pressing the others for an answer would then be of no use, and it would show by elimination who
    has said no.
    """

    paused: Literal["household", "room", "guests"] | None
    disguise: Disguise
    """What listeners get who are not members."""

    keeps_for_seconds: float
    """How long a turn that ends now is kept; 0 if it is not."""

    teaches: bool
    """Whether everybody consents to learn from what is kept now."""

    why_not: tuple[DropReason, ...]
    """All reasons why the room keeps nothing now, the first of which counts; empty if it keeps."""

    @property
    def able(self) -> frozenset[PersonId]:
        """The listeners who have a listening key."""
        return self.listeners - self.without_key

    @property
    def outsiders(self) -> frozenset[PersonId]:
        """Those of them who are not members, and so get what they hear in disguise."""
        return self.able - self.members


def decide(s: Situation, room: RoomId, keys: Container[PersonId]) -> Decision:
    """Apply all rules to a room at one time; `keys` are the people who have a listening key."""
    here, not_agreed, accounts = members(s, room), missing(s, room), _accounts(s)
    may_listen, pause = listeners(s, room), paused(s, room)
    without_key = frozenset(person for person in may_listen if person not in keys)
    declined = frozenset(person for person in not_agreed if _declined(s, person, room))
    holds = {
        DropReason.NOT_ALLOWED: not _allowed_seconds(s, room),
        **{reason: pause == which for which, reason in _WHICH_PAUSE.items()},
        DropReason.NOBODY_EXPECTED: not here,
        DropReason.NO_ACCOUNT: not here <= accounts,
        DropReason.NOT_AGREED: bool(not_agreed & accounts),
        DropReason.NOBODY_MAY_LISTEN: bool(here) and not may_listen,
        DropReason.NO_KEY: bool(may_listen) and may_listen == without_key,
    }
    why_not = tuple(reason for reason, applies in holds.items() if applies)
    return Decision(
        members=here,
        listeners=may_listen,
        without_key=without_key,
        missing=not_agreed,
        declined=declined,
        waiting_for=frozenset() if declined else not_agreed & accounts,
        paused=pause,
        disguise=disguise_for(s, room),
        keeps_for_seconds=0.0 if why_not else keeps_for(s, room),
        teaches=_all_teach(s, here, room),
        why_not=why_not,
    )


def listeners_now(
    s: Situation, recording_room: RoomId, members_at_capture: frozenset[PersonId]
) -> frozenset[PersonId]:
    """Return the people who may listen now to a recording that was captured in a room.

    The members at capture keep their say after they have left the room. A member who has left the
    household names nobody, so nobody may listen.
    """
    if not members_at_capture:
        return frozenset()
    return listeners(s, recording_room).intersection(
        *(named(s, member, recording_room) for member in members_at_capture)
    )


def stays_for(s: Situation, recording: CaptureFacts) -> float:
    """Return how many seconds after its capture a recording must be deleted, as things are now.

    Everyone who may be heard in it must still consent to keeping. Pauses don't matter: they stop
    new recordings, but delete none.
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
    """Return the people whose sealed keys to a recording may stay.

    Everyone who may be heard in the recording must still name them, and their account must exist.
    """
    named_still = (recording.listeners & _accounts(s)).intersection(
        *(named(s, person, recording.room) for person in recording.members)
    )
    return named_still & _hidden_enough_from(s, recording, recording.members)


def may_open(s: Situation, recording: CaptureFacts, person: PersonId) -> bool:
    """Return whether a person may open a recording now."""
    return (
        person in recording.listeners
        and person in listeners_now(s, recording.room, recording.members)
        and person
        in _hidden_enough_from(s, recording, recording.members | members(s, recording.room))
        and s.now < recording.expires
    )


def teaches(s: Situation, heard: Heard) -> bool:
    """Return whether lessons may rest on a recording, also after it has expired."""
    return _all_teach(s, heard.members, heard.room)


def may_review(s: Situation, person: PersonId) -> bool:
    """Return whether a person may review recordings: they must be a listener in some room."""
    return any(person in listeners(s, room) for room in s.arrangement.rooms)


def paused(s: Situation, room: RoomId) -> Literal["household", "room", "guests"] | None:
    """Return which switch stops a room from keeping anything now, or None."""
    if s.pauses.household:
        return "household"
    if room in s.pauses.rooms:
        return "room"
    if s.pauses.guests_until is not None and s.now < s.pauses.guests_until:
        return "guests"
    return None


def missing(s: Situation, room: RoomId) -> frozenset[PersonId]:
    """Return the members of a room who have not consented to keeping."""
    return frozenset(person for person in members(s, room) if not _keeps(s, person, room))


def _declined(s: Situation, person: PersonId, room: RoomId) -> bool:
    """Return whether a person's latest answer about keeping in a room is no, or was taken back."""
    answers = [
        consent
        for consent in s.consents
        if consent.principal == person
        and consent.terms.purpose is Purpose.KEEP
        and room in consent.terms.rooms
    ]
    latest = max(answers, key=lambda consent: consent.events[0].time, default=None)
    return latest is not None and latest.is_declined(room, s.notices)


def _allowed_seconds(s: Situation, room: RoomId) -> float:
    """Return for how many seconds the administrator lets a room keep recordings; 0 for nothing."""
    return _allowed_now(s, room).retention_seconds if room in s.arrangement.rooms else 0.0


def _keeps(s: Situation, person: PersonId, room: RoomId) -> bool:
    """Return whether a person's consent lets a room keep recordings.

    A consent is worth nothing for good once the ceiling has been zero.
    """
    consents = live(s, person, Purpose.KEEP, room)
    return bool(consents) and all(_limit(s, consent, room) > 0 for consent in consents)


def live(
    s: Situation, person: PersonId, purpose: Purpose, room: RoomId
) -> tuple[ConsentRecord, ...]:
    """Return the consents of a person that hold now in a room; none without an account.

    A consent holds only while the room is the one its person saw, and only if the ceiling at the
    time it was given is known.

    There is normally at most one. If there are more, each of them narrows what is allowed.
    """
    giver, arranged_room = s.arrangement.people.get(person), s.arrangement.rooms.get(room)
    if giver is None or not giver.has_account or arranged_room is None or not s.ceilings:
        return ()
    place = arranged_room.place
    return tuple(
        consent
        for consent in s.consents
        if consent.principal == person
        and consent.terms.purpose is purpose
        and consent.holds(room, place, s.now, s.notices)
        and consent.events[0].time >= s.ceilings[0].since
    )


def live_rooms(s: Situation, consent: ConsentRecord) -> frozenset[RoomId]:
    """Return the rooms in which a consent holds now, and is worth something."""
    return frozenset(
        room
        for room in consent.terms.rooms
        if consent in live(s, consent.principal, consent.terms.purpose, room)
        and (consent.terms.purpose is not Purpose.KEEP or _limit(s, consent, room) > 0)
    )


def refused_rooms(s: Situation, consent: ConsentRecord) -> frozenset[RoomId]:
    """Return the rooms for which a record refuses the question as it is worded now."""
    return frozenset(
        room
        for room in consent.terms.rooms & s.arrangement.rooms.keys()
        if consent.refuses(room, s.notices)
    )


def _hidden_enough_from(
    s: Situation, recording: CaptureFacts, people: frozenset[PersonId]
) -> frozenset[PersonId]:
    """Return the listeners to whom a recording tells no more of voices than `people` chose.

    To those who were expected there it may tell all. A consent to an earlier notice let everybody
    hear the sound as it was.
    """
    if recording.listeners <= recording.members:
        return recording.listeners
    chosen = [
        consent.terms.disguise
        for person in people
        for consent in live(s, person, Purpose.LISTEN, recording.room)
        if consent.terms.disguise is not None
    ]
    if all(map(recording.disguise.hides_at_least, chosen)):
        return recording.listeners
    return recording.listeners & recording.members


def _all_teach(s: Situation, people: frozenset[PersonId], room: RoomId) -> bool:
    """Return whether people consent to teach in a room; nobody does not."""
    return bool(people) and all(live(s, person, Purpose.TEACH, room) for person in people)


def _accounts(s: Situation) -> frozenset[PersonId]:
    return frozenset(id_ for id_, person in s.arrangement.people.items() if person.has_account)


def _limit(s: Situation, consent: ConsentRecord, room: RoomId) -> float:
    """Return for how many seconds a consent to keep allows a room to keep recordings."""
    return min(consent.terms.limit_seconds or 0.0, _allowed(s, consent, room).retention_seconds)


def _allowed(s: Situation, consent: ConsentRecord, room: RoomId) -> Allowed:
    """Return what the administrator has allowed ever since a consent was given."""
    assert consent.given_at is not None, "only live consents get here"
    return narrowest((tightest(s.ceilings, consent.given_at, room), _allowed_now(s, room)))


def _allowed_now(s: Situation, room: RoomId) -> Allowed:
    return CeilingEntry.of(s.arrangement, s.now).allows(room)


def _permitted(
    people: frozenset[PersonId], allowed: Allowed, here: frozenset[PersonId]
) -> frozenset[PersonId]:
    """Return which of `people` the ceiling lets listen; without review only members (`here`)."""
    permitted = people - allowed.ruled_out
    return permitted if allowed.review else permitted & here
