"""The rules for all households that Hypothesis generates."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import Phase, assume, find, settings
from hypothesis import given as forall
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from custom_components.indoor_voice.privacy.consent.consent import (
    ConsentEvent,
    ConsentRecord,
    Notice,
    Purpose,
    State,
)
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from custom_components.indoor_voice.privacy.consent.rules import (
    DropReason,
    Situation,
    decide,
    disguise_for,
    keeps_for,
    listeners,
    listeners_now,
    live,
    may_open,
    members,
    missing,
    named,
    stays_for,
    trusted,
)
from custom_components.indoor_voice.privacy.people import DAY_SECONDS, Ceiling, Pauses, Person

from .strategies import (
    LANGUAGE,
    NOW,
    PEOPLE,
    ROOMS,
    SomeRecording,
    any_situations,
    arranged,
    ceilings,
    consents,
    generous_situations,
    own_limits,
    recordings,
    some_rooms,
    with_room,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

places = st.sampled_from(ROOMS)


def one_of[T](data: st.DataObject, choices: Sequence[T]) -> T:
    assume(choices)
    return data.draw(st.sampled_from(choices))


class TestNobodyElse:
    """Nothing is kept unless the room wants it, and consent decides who hears."""

    @forall(any_situations, places)
    def test_listens_unless_every_member_named_them(self, s: Situation, room: str) -> None:
        for listener in listeners(s, room):
            for member in members(s, room):
                assert listener == member or any(
                    listener in consent.terms.listeners
                    for consent in answers(s, member, Purpose.LISTEN, room)
                )

    @forall(any_situations, places)
    def test_listens_beyond_the_ceiling(self, s: Situation, room: str) -> None:
        ceiling = s.arrangement.ceiling
        for listener in listeners(s, room):
            assert s.arrangement.people[listener].has_account
            assert listener not in ceiling.ruled_out
            assert ceiling.review or listener in members(s, room)

    @forall(any_situations, places)
    def test_decides_for_a_member(self, s: Situation, room: str) -> None:
        seconds = keeps_for(s, room)
        if not seconds:
            return
        assert members(s, room)
        assert seconds <= s.arrangement.ceiling.retention_seconds
        own = s.arrangement.rooms[room].limit_seconds
        assert own is None or seconds <= own
        for member in members(s, room):
            assert s.arrangement.people[member].has_account
            assert any(
                seconds <= (consent.terms.limit_seconds or 0)
                for consent in answers(s, member, Purpose.KEEP, room)
            )

    @forall(any_situations, places)
    def test_is_left_out_by_the_administrator(self, s: Situation, room: str) -> None:
        if room in s.arrangement.rooms:
            for person in s.arrangement.people.keys() - members(s, room):
                assert person in s.arrangement.rooms[room].excluded
                assert not s.arrangement.people[person].has_account or answers(
                    s, person, Purpose.LEFT_OUT, room
                )

    @forall(st.data(), any_situations)
    def test_opens_a_recording(self, data: st.DataObject, s: Situation) -> None:
        recording = data.draw(recordings(s))
        for person in (*PEOPLE, "nobody"):
            if may_open(s, recording, person):
                assert person in recording.listeners
                assert person in listeners(s, recording.room)
                assert s.now < recording.expires
                assert person in trusted(s, recording)
                for member in recording.members:
                    assert person in named(s, member, recording.room)
                    assert person in recording.members or all(
                        recording.disguise.hides_at_least(consent.terms.disguise)
                        for consent in answers(s, member, Purpose.LISTEN, recording.room)
                        if consent.terms.disguise is not None
                    )

    @forall(st.data(), any_situations)
    def test_has_a_key_to_a_recording(self, data: st.DataObject, s: Situation) -> None:
        recording = data.draw(recordings(s))
        assert trusted(s, recording) <= recording.listeners
        for member in recording.members:
            assert trusted(s, recording) <= named(s, member, recording.room)

    @forall(any_situations, places)
    def test_decides_without_an_account(self, s: Situation, room: str) -> None:
        for person, who in s.arrangement.people.items():
            if not who.has_account:
                assert named(s, person, room) <= {person}
                assert not any(live(s, person, purpose, room) for purpose in Purpose)

    @forall(any_situations, places)
    def test_is_known_by_another_room_or_name(self, s: Situation, room: str) -> None:
        assert not members(s, "attic")
        assert not keeps_for(s, "attic")
        assert not listeners(s, "attic")
        assert decide(s, "attic", PEOPLE).why_not
        assert not named(s, "nobody", room)
        assert not named(s, PEOPLE[0], "attic")
        assert not listeners_now(s, room, frozenset())
        assert not listeners_now(s, room, frozenset({"nobody"}))
        assert not listeners_now(s, "attic", frozenset(PEOPLE))


class TestNarrowing:
    """Every restriction adds nothing for anybody."""

    @forall(st.data(), any_situations, places)
    def test_a_tighter_ceiling(self, data: st.DataObject, s: Situation, room: str) -> None:
        old, other = s.arrangement.ceiling, data.draw(ceilings)
        tight = Ceiling(
            retention_seconds=min(old.retention_seconds, other.retention_seconds),
            review=old.review and other.review,
            ruled_out=old.ruled_out | other.ruled_out,
        )
        assert_narrower(s, arranged(s, replace(s.arrangement, ceiling=tight)), room)

    @forall(st.data(), any_situations, st.sampled_from((0.0, DAY_SECONDS)))
    def test_a_shorter_limit_of_the_room(
        self, data: st.DataObject, s: Situation, limit: float
    ) -> None:
        room = one_of(data, sorted(s.arrangement.rooms))
        own = s.arrangement.rooms[room].limit_seconds
        shorter = limit if own is None else min(own, limit)
        changed = replace(s.arrangement.rooms[room], limit_seconds=shorter)
        assert_narrower(s, with_room(s, changed), room)

    @forall(
        any_situations,
        places,
        st.sampled_from(
            (
                Pauses(household=True),
                Pauses(rooms=frozenset(ROOMS)),
                Pauses(guests_until=NOW + 1),
            )
        ),
    )
    def test_a_pause(self, s: Situation, room: str, pauses: Pauses) -> None:
        after = replace(s, pauses=pauses)
        assert keeps_for(after, room) == 0
        assert_narrower(s, after, room)

    @forall(st.data(), any_situations)
    def test_a_member_more(self, data: st.DataObject, s: Situation) -> None:
        """Only that member may gain access, and only if all the others have named them."""
        room = one_of(data, [room for room in ROOMS if members(s, room)])
        person = one_of(data, sorted(s.arrangement.people))
        place = s.arrangement.rooms[room]
        after = with_room(s, replace(place, excluded=place.excluded - {person}))
        assert members(after, room) == members(s, room) | {person}
        assert_narrower(s, after, room, but=person)
        assert all(
            person in named(after, member, room)
            for member in members(after, room)
            if person in listeners(after, room)
        )

    @forall(any_situations, places, st.booleans())
    def test_somebody_who_moves_in(self, s: Situation, room: str, has_account: bool) -> None:  # noqa: FBT001 - drawn
        person = Person(id="new", name="New", has_account=has_account)
        people = {**s.arrangement.people, person.id: person}
        after = replace(s, arrangement=replace(s.arrangement, people=people))
        assert keeps_for(after, room) == 0
        assert_narrower(s, after, room, but=person.id if not members(s, room) else None)

    @forall(st.data(), any_situations)
    def test_an_exclusion_that_its_person_has_not_agreed_to(
        self, data: st.DataObject, s: Situation
    ) -> None:
        room, person = one_of(
            data,
            [
                (room, person)
                for room in ROOMS
                for person in sorted(members(s, room))
                if s.arrangement.people[person].has_account
                and not answers(s, person, Purpose.LEFT_OUT, room)
            ],
        )
        place = s.arrangement.rooms[room]
        after = with_room(s, replace(place, excluded=place.excluded | {person}))
        assert members(after, room) == members(s, room)
        assert keeps_for(after, room) == keeps_for(s, room)
        assert listeners(after, room) == listeners(s, room)

    @forall(st.data(), any_situations, places)
    def test_a_second_consent_to_the_same(
        self, data: st.DataObject, s: Situation, room: str
    ) -> None:
        first = one_of(
            data,
            [
                consent
                for person in PEOPLE
                for purpose in (Purpose.KEEP, Purpose.LISTEN)
                for consent in live(s, person, purpose, room)
            ],
        )
        more = data.draw(consents(first.principal, first.terms.purpose))
        assert_narrower(s, replace(s, consents=(*s.consents, more)), room)

    @forall(any_situations, places)
    def test_time_that_passes(self, s: Situation, room: str) -> None:
        """Guest mode ends and exclusions lapse, but no consent lasts longer or allows more."""
        later = replace(s, now=s.now + 200 * DAY_SECONDS)
        for person in s.arrangement.people:
            for purpose in Purpose:
                assert set(live(later, person, purpose, room)) <= set(
                    live(s, person, purpose, room)
                )


class TestLoosening:
    """A later loosening by the administrator needs new consents."""

    @forall(st.data(), any_situations, places)
    def test_gives_nothing_to_consents_that_are_there(
        self, data: st.DataObject, s: Situation, room: str
    ) -> None:
        rooms = {
            id_: replace(place, limit_seconds=data.draw(own_limits))
            for id_, place in s.arrangement.rooms.items()
        }
        loose = replace(s.arrangement, ceiling=data.draw(ceilings), rooms=rooms)
        after = arranged(s, loose)
        assert keeps_for(after, room) <= keeps_for(s, room)
        for person in PEOPLE:
            assert named(after, person, room) <= named(s, person, room)
        everyone = members(s, room)
        alone = everyone if len(everyone) == 1 else frozenset()
        assert listeners(after, room) <= listeners(s, room) | alone
        recording = data.draw(recordings(s))
        assert stays_for(after, recording) <= stays_for(s, recording)
        assert trusted(after, recording) <= trusted(s, recording)

    @forall(any_situations, places)
    def test_a_history_that_is_lost_allows_nothing(self, s: Situation, room: str) -> None:
        never = replace(s, consents=())
        assert_equal(replace(s, ceilings=()), never, room)
        late = tuple(replace(entry, since=NOW) for entry in s.ceilings[-1:])
        assert_equal(replace(s, ceilings=late), never, room)


class TestTakingBack:
    """Withdrawing takes effect at once."""

    @forall(st.data(), any_situations, some_rooms)
    def test_takes_everything_of_a_consent(
        self, data: st.DataObject, s: Situation, rooms: frozenset[str]
    ) -> None:
        room = one_of(data, sorted(s.arrangement.rooms))
        person = one_of(data, sorted(s.arrangement.people))
        rooms |= {room}
        after = replace(s, consents=[withdrawn(c, person, rooms) for c in s.consents])
        assert named(after, person, room) == {person}
        if person in members(after, room):
            assert keeps_for(after, room) == 0
            assert listeners(after, room) <= {person}
        heard = SomeRecording(
            room=room, expires=NOW + 1, members=frozenset({person}), listeners=frozenset(PEOPLE)
        )
        assert stays_for(after, heard) == 0
        assert trusted(after, heard) <= {person}
        if s.arrangement.people[person].has_account:
            assert person in members(after, room)

    @forall(any_situations, some_rooms)
    def test_leaves_other_rooms_as_they_were(self, s: Situation, rooms: frozenset[str]) -> None:
        after = replace(s, consents=[withdrawn(c, c.principal, rooms) for c in s.consents])
        for room in set(ROOMS) - rooms:
            assert keeps_for(after, room) == keeps_for(s, room)
            assert listeners(after, room) == listeners(s, room)

    @forall(any_situations, places, st.sampled_from(Purpose))
    def test_a_changed_notice_asks_again(self, s: Situation, room: str, purpose: Purpose) -> None:
        changed = Notice(id="new", language=LANGUAGE, text="Something else")
        after = replace(s, notices={**CURRENT, (purpose, LANGUAGE): changed})
        never = replace(s, consents=[c for c in s.consents if c.terms.purpose is not purpose])
        assert_equal(after, never, room)
        gone = {key: notice for key, notice in CURRENT.items() if key[0] is not purpose}
        assert_equal(replace(s, notices=gone), never, room)


@forall(st.data(), any_situations, places)
def test_the_order_of_consents_does_not_matter(
    data: st.DataObject, s: Situation, room: str
) -> None:
    shuffled = data.draw(st.permutations(s.consents))
    assert_equal(s, replace(s, consents=shuffled), room)


@forall(any_situations, places)
def test_a_recording_stays_for_as_long_as_it_was_kept_for_while_nothing_changes(
    s: Situation, room: str
) -> None:
    recording = SomeRecording(
        room=room,
        expires=NOW + 1,
        members=members(s, room),
        listeners=listeners(s, room),
        disguise=disguise_for(s, room),
    )
    assert stays_for(s, recording) == keeps_for(replace(s, pauses=Pauses()), room)
    assert trusted(s, recording) == listeners(s, room)


@forall(st.data(), generous_situations(), places)
def test_a_turn_is_kept_exactly_if_nothing_is_named_that_prevents_it(
    data: st.DataObject, s: Situation, room: str
) -> None:
    keys = data.draw(st.frozensets(st.sampled_from(PEOPLE)))
    decision = decide(s, room, keys)
    wanted = keeps_for(s, room)
    heard = bool(listeners(s, room) & keys)
    assert (not decision.why_not) == (wanted > 0 and heard)
    assert decision.keeps_for_seconds == (wanted if heard else 0.0)


def _fits(s: Situation, room: str, keys: frozenset[str]) -> dict[DropReason, bool]:
    """Return when each reason must be named, worked out from the smaller rules."""
    people, here = s.arrangement.people, members(s, room)
    accounts = frozenset(person for person in here if people[person].has_account)
    may_listen = listeners(s, room)
    allowed = min(
        s.arrangement.ceiling.retention_seconds,
        (limit if (limit := s.arrangement.rooms[room].limit_seconds) is not None else float("inf")),
    )
    return {
        DropReason.NOT_ALLOWED: not allowed,
        DropReason.NOBODY_EXPECTED: not here,
        DropReason.NO_ACCOUNT: accounts != here,
        DropReason.NOT_AGREED: bool(missing(s, room) & accounts),
        DropReason.NOBODY_MAY_LISTEN: bool(here) and not may_listen,
        DropReason.NO_KEY: bool(may_listen) and not may_listen & keys,
    }


@forall(st.data(), any_situations, places)
def test_every_reason_is_named_and_no_other(data: st.DataObject, s: Situation, room: str) -> None:
    assume(room in s.arrangement.rooms)
    keys = data.draw(st.frozensets(st.sampled_from(PEOPLE)))
    named_reasons = set(decide(s, room, keys).why_not)
    for reason, fits in _fits(s, room, keys).items():
        assert (reason in named_reasons) == fits, reason
    pauses = {DropReason.HOUSEHOLD_PAUSED, DropReason.ROOM_PAUSED, DropReason.GUESTS}
    assert bool(named_reasons & pauses) == (decide(s, room, keys).paused is not None)
    assert named_reasons <= pauses | _fits(s, room, keys).keys()


@forall(any_situations, places)
def test_nobody_learns_who_has_said_no(s: Situation, room: str) -> None:
    awaited = decide(s, room, ()).waiting_for
    assert awaited <= missing(s, room)
    for person in missing(s, room):
        said = [
            consent
            for consent in s.consents
            if consent.principal == person
            and consent.terms.purpose is Purpose.KEEP
            and consent.is_declined(room, s.notices)
        ]
        answered_since = any(
            consent.principal == person
            and consent.terms.purpose is Purpose.KEEP
            and room in consent.terms.rooms
            and consent.events[0].time >= max(one.events[0].time for one in said)
            and consent not in said
            for consent in (s.consents if said else ())
        )
        if said and not answered_since:
            assert not awaited


INTERESTING: dict[str, Callable[[Situation], object]] = {
    "several people keep": lambda s: keeps_for(s, "hall") and len(members(s, "hall")) > 2,
    "two hear each other": lambda s: listeners(s, "hall") >= members(s, "hall") > {"ann"},
    "somebody else listens": lambda s: listeners(s, "hall") - members(s, "hall"),
    "somebody is left out": lambda s: s.arrangement.people.keys() > members(s, "hall") > set(),
    "only the ceiling forbids": lambda s: (
        members(s, "hall") and not missing(s, "hall") and not keeps_for(s, "hall")
    ),
    "a person is stricter": lambda s: (
        0 < keeps_for(s, "hall") < s.arrangement.ceiling.retention_seconds
    ),
}


def test_the_households_above_are_of_every_kind() -> None:
    """Otherwise the properties would be tested on too few cases."""
    unseen = set(INTERESTING)

    def is_last_kind(s: Situation) -> bool:
        unseen.difference_update([name for name in unseen if INTERESTING[name](s)])
        return not unseen

    only_look = settings(
        max_examples=2000, database=None, derandomize=True, phases=[Phase.generate]
    )
    with suppress(NoSuchExample):
        find(any_situations, is_last_kind, settings=only_look)
    assert unseen == set()


def answers(s: Situation, person: str, purpose: Purpose, room: str) -> list[ConsentRecord]:
    """Return the consents that nothing has ended, computed independently of the rules."""
    found = []
    for consent in s.consents:
        given_, *ended = consent.events
        if (
            consent.principal == person
            and consent.terms.purpose is purpose
            and room in consent.terms.rooms
            and given_.state is State.GIVEN
            and not any(event.rooms is None or room in event.rooms for event in ended)
            and given_.time <= s.now < given_.time + consent.valid_seconds
            and consent.notice_sha256 == s.notices[purpose, consent.language].sha256
        ):
            found.append(consent)
    return found


def withdrawn(consent: ConsentRecord, person: str, rooms: frozenset[str]) -> ConsentRecord:
    """Return a person's consent after its withdrawal in some rooms."""
    where = rooms & consent.terms.rooms
    if consent.principal != person or not where:
        return consent
    event = ConsentEvent(time=NOW, state=State.WITHDRAWN, by=person, how="action", rooms=where)
    return consent.with_event(event)


def assert_narrower(
    before: Situation, after: Situation, room: str, *, but: str | None = None
) -> None:
    """Check that at most one person gains access and that nothing is kept for longer."""
    exempt = frozenset() if but is None else frozenset({but})
    assert keeps_for(after, room) <= keeps_for(before, room)
    assert listeners(after, room) <= listeners(before, room) | exempt
    everyone = members(before, room)
    assert listeners_now(after, room, everyone) <= listeners_now(before, room, everyone) | exempt


def assert_equal(one: Situation, other: Situation, room: str) -> None:
    assert members(one, room) == members(other, room)
    assert missing(one, room) == missing(other, room)
    assert keeps_for(one, room) == keeps_for(other, room)
    assert listeners(one, room) == listeners(other, room)
    for person in PEOPLE:
        assert named(one, person, room) == named(other, person, room)
