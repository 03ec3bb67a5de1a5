"""Hypothesis strategies for households: few people and rooms, every state of consent."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.consent.ceilings import CeilingEntry
from custom_components.indoor_voice.privacy.consent.consent import (
    VALID_SECONDS_MAX,
    ConsentEvent,
    ConsentRecord,
    Purpose,
    State,
    Terms,
)
from custom_components.indoor_voice.privacy.consent.disguise import Disguise
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from custom_components.indoor_voice.privacy.consent.rules import (
    Situation,
    disguise_for,
    listeners,
    members,
)
from custom_components.indoor_voice.privacy.people import (
    DAY_SECONDS,
    Arrangement,
    Ceiling,
    Pauses,
    Person,
    Place,
    Room,
)

NOW: Final = 1_000 * DAY_SECONDS
PEOPLE: Final = ("ann", "ben", "cem", "dee")
ROOMS: Final = ("kitchen", "hall")
LANGUAGE: Final = "en"
LIMITS: Final = tuple(days * DAY_SECONDS for days in (1.0, 7.0, 30.0))

times = st.integers(int(NOW - 400 * DAY_SECONDS), int(NOW) - 1).map(float)
recent = st.integers(int(NOW - 100 * DAY_SECONDS), int(NOW) - 1).map(float)
people = st.sampled_from(PEOPLE)
every_purpose = st.sampled_from(
    (*[Purpose.KEEP, Purpose.LISTEN, Purpose.LEFT_OUT] * 3, Purpose.TEACH)
)
"""Teaching least often, because the other rules don't depend on it."""
_either = st.booleans()
some_people = st.frozensets(st.sampled_from(PEOPLE))
most_people = st.sampled_from((*PEOPLE, None)).map(lambda left: frozenset(PEOPLE) - {left})
some_rooms = st.frozensets(st.sampled_from(ROOMS), min_size=1)
limits = st.sampled_from(LIMITS)
ceilings = st.builds(
    Ceiling,
    retention_seconds=st.sampled_from((0.0, *LIMITS)),
    review=st.booleans(),
    ruled_out=st.frozensets(st.sampled_from(PEOPLE), max_size=1),
)
disguises = st.sampled_from(Disguise)
own_limits = st.none() | st.sampled_from((0.0, *LIMITS))


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeRecording:
    """The facts of a recording that the rules use."""

    room: str
    expires: float
    members: frozenset[str]
    listeners: frozenset[str]
    disguise: Disguise = Disguise.NONE


@st.composite
def arrangements(draw: st.DrawFn) -> Arrangement:
    """Draw a household in which most people have an account."""
    present = draw(_present)
    without = draw(_without_account)
    household = {
        id_: Person(id=id_, name=id_.capitalize(), has_account=id_ != without)
        for id_ in sorted(present)
    }
    rooms = {
        id_: Room(
            id=id_,
            name=id_.capitalize(),
            excluded=draw(_excluded),
            limit_seconds=draw(own_limits),
        )
        for id_ in sorted(draw(some_rooms))
    }
    return Arrangement(people=household, rooms=rooms, ceiling=draw(ceilings))


pauses = (
    st.just(Pauses())
    | st.just(Pauses())
    | st.builds(
        Pauses,
        household=st.booleans(),
        rooms=st.frozensets(st.sampled_from(ROOMS)),
        guests_until=st.none() | st.sampled_from((NOW - 1, NOW, NOW + 1, float("inf"))),
    )
)
"""Pauses; most often there are none."""

_excluded = st.frozensets(people, max_size=2)
_present = st.frozensets(people, min_size=1)
_without_account = st.sampled_from((*PEOPLE, None, None, None, None))


SEEN = {room: Place(name=room.capitalize()) for room in ROOMS}
_mostly_as_it_is = st.sampled_from((True,) * 9 + (False,)).map(
    lambda same: SEEN if same else {room: Place(name=room, area="elsewhere") for room in ROOMS}
)


@dataclass(frozen=True, slots=True)
class _Ending:
    """An event that may end a consent, drawn before the consent is known."""

    state: State
    own: bool
    rooms: frozenset[str] | None


_endings = st.lists(
    st.builds(
        _Ending,
        state=st.sampled_from((State.WITHDRAWN, State.SUPERSEDED, State.EXPIRED)),
        own=st.booleans(),
        rooms=st.none() | some_rooms,
    ),
    max_size=2,
)
_no_endings: st.SearchStrategy[list[_Ending]] = st.just([])
_mostly_no_endings = _no_endings | _no_endings | _endings
_first_states = st.sampled_from((State.GIVEN,) * 7 + (State.REFUSED,))
_mostly_current = st.sampled_from((True,) * 9 + (False,))
_mostly_recent = recent | recent | times
_valid_seconds = st.sampled_from((VALID_SECONDS_MAX, VALID_SECONDS_MAX, DAY_SECONDS))
_mostly_all_rooms = st.just(frozenset(ROOMS)) | some_rooms
_ids = st.integers(0, 2**128 - 1).map(lambda number: str(UUID(int=number, version=4)))


@st.composite
def consents(
    draw: st.DrawFn, principal: str | None = None, purpose: Purpose | None = None
) -> ConsentRecord:
    """Draw a consent: given, refused, withdrawn in part, expired, or to an older notice."""
    principal = principal or draw(people)
    purpose = purpose or draw(every_purpose)
    rooms = draw(_mostly_all_rooms)
    notice = CURRENT[purpose, LANGUAGE]
    time = draw(_mostly_recent)
    first = ConsentEvent(time=time, state=draw(_first_states), by=principal, how="panel")
    ended = tuple(
        ConsentEvent(
            time=NOW,
            state=ending.state,
            by=principal if ending.own else None,
            how="action" if ending.own else "system",
            rooms=None if ending.rooms is None else ending.rooms & rooms,
        )
        for ending in draw(_mostly_no_endings)
    )
    return ConsentRecord(
        id=draw(_ids),
        principal=principal,
        terms=Terms(
            purpose=purpose,
            rooms=rooms,
            limit_seconds=draw(limits) if purpose is Purpose.KEEP else None,
            listeners=(
                draw(most_people) - {principal} if purpose is Purpose.LISTEN else frozenset()
            ),
            disguise=draw(st.none() | disguises) if purpose is Purpose.LISTEN else None,
        ),
        notice_id=notice.id,
        language=LANGUAGE,
        notice_sha256=notice.sha256 if draw(_mostly_current) else "0" * 64,
        valid_seconds=draw(_valid_seconds),
        seen=draw(_mostly_as_it_is),
        events=(first, *ended),
    )


def given(
    principal: str,
    purpose: Purpose,
    *,
    rooms: frozenset[str] = frozenset(ROOMS),
    limit_seconds: float | None = None,
    listeners: frozenset[str] = frozenset(),
    time: float = NOW - DAY_SECONDS,
) -> ConsentRecord:
    """Return a consent that was given in the panel."""
    notice = CURRENT[purpose, LANGUAGE]
    return ConsentRecord(
        id="3f0b0c52-6d0e-4c55-9f0b-0b8c3f1f8a10",
        principal=principal,
        terms=Terms(purpose=purpose, rooms=rooms, limit_seconds=limit_seconds, listeners=listeners),
        notice_id=notice.id,
        language=notice.language,
        notice_sha256=notice.sha256,
        valid_seconds=VALID_SECONDS_MAX,
        seen=SEEN,
        events=(ConsentEvent(time=time, state=State.GIVEN, by=principal, how="panel"),),
    )


_transactions = st.lists(recent, max_size=3)


@st.composite
def histories(draw: st.DrawFn, arrangement: Arrangement) -> tuple[CeilingEntry, ...]:
    """Draw a history of ceilings that ends with the arrangement's."""
    since = [0.0, *sorted(draw(_transactions))]
    earlier = [
        CeilingEntry(
            since=time,
            ceiling=draw(ceilings),
            room_limits={room: draw(own_limits) for room in arrangement.rooms},
        )
        for time in since[:-1]
    ]
    return (*earlier, CeilingEntry.of(arrangement, since[-1]))


_mostly = st.sampled_from((True, True, True, False))
_more_consents = st.lists(consents(), max_size=2)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Draw a household with consents of most members, so that much is allowed."""
    arrangement = draw(arrangements())
    records = [
        draw(consents(person, purpose))
        for person in sorted(arrangement.people)
        for purpose in (Purpose.KEEP, Purpose.LISTEN)
        if draw(_mostly)
    ]
    records += draw(_more_consents)
    return Situation(
        arrangement=arrangement,
        pauses=draw(pauses),
        ceilings=draw(histories(arrangement)),
        consents=tuple(records),
        notices=CURRENT,
        now=NOW,
    )


@st.composite
def generous_situations(draw: st.DrawFn) -> Situation:
    """Draw a household in which much is kept and heard until one thing changes."""
    present = draw(_present)
    arrangement = Arrangement(
        people={id_: Person(id=id_, name=id_, has_account=True) for id_ in sorted(present)},
        rooms={
            id_: Room(id=id_, name=id_, excluded=draw(some_people), limit_seconds=None)
            for id_ in ROOMS
        },
        ceiling=Ceiling(retention_seconds=draw(limits), review=draw(_either)),
    )
    records = [
        given(
            person,
            purpose,
            limit_seconds=draw(limits) if purpose is Purpose.KEEP else None,
            listeners=draw(most_people) - {person} if purpose is Purpose.LISTEN else frozenset(),
            time=draw(recent),
        )
        for person in sorted(present)
        for purpose in (Purpose.KEEP, Purpose.LISTEN)
    ]
    records += [
        given(person, Purpose.LEFT_OUT, rooms=draw(some_rooms)) for person in draw(some_people)
    ]
    return Situation(
        arrangement=arrangement,
        pauses=Pauses(),
        ceilings=(CeilingEntry.of(arrangement, 0.0),),
        consents=tuple(records),
        notices=CURRENT,
        now=NOW,
    )


any_situations = situations() | generous_situations()


@st.composite
def recordings(draw: st.DrawFn, situation: Situation) -> SomeRecording:
    """Draw a recording that was captured in this situation or in another."""
    room = draw(st.sampled_from(ROOMS))
    expires = draw(st.sampled_from((NOW - 1, NOW, NOW + DAY_SECONDS, NOW + DAY_SECONDS)))
    if draw(_either):
        return SomeRecording(
            room=room,
            expires=expires,
            members=members(situation, room),
            listeners=listeners(situation, room),
            disguise=disguise_for(situation, room),
        )
    return SomeRecording(
        room=room,
        expires=expires,
        members=draw(some_people),
        listeners=draw(some_people),
        disguise=draw(disguises),
    )


def with_room(situation: Situation, room: Room) -> Situation:
    """Return the situation with `room` replaced."""
    rooms = {**situation.arrangement.rooms, room.id: room}
    return replace(situation, arrangement=replace(situation.arrangement, rooms=rooms))


def arranged(situation: Situation, arrangement: Arrangement, since: float = NOW) -> Situation:
    """Return the situation after the administrator has changed the arrangement."""
    entry = CeilingEntry.of(arrangement, since)
    return replace(situation, arrangement=arrangement, ceilings=(*situation.ceilings, entry))
