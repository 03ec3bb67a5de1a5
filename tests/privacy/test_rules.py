"""The rules, in plain examples first, then under every household that Hypothesis thinks of."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, settings
from hypothesis import given as forall
from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.ceilings import CeilingEntry
from custom_components.indoor_voice.privacy.consent import (
    ConsentEvent,
    ConsentRecord,
    Notice,
    Purpose,
    State,
)
from custom_components.indoor_voice.privacy.notices import CURRENT
from custom_components.indoor_voice.privacy.people import (
    DAY_SECONDS,
    Arrangement,
    Ceiling,
    Pauses,
    Person,
    Room,
)
from custom_components.indoor_voice.privacy.rules import (
    DropReason,
    Situation,
    keeps_for,
    kept,
    listeners,
    listeners_now,
    live,
    may_open,
    members,
    missing,
    named,
    paused,
)

from .strategies import (
    LANGUAGE,
    NOW,
    PEOPLE,
    ROOMS,
    SomeClip,
    any_situations,
    arranged,
    ceilings,
    clips,
    consents,
    generous_situations,
    given,
    own_limits,
    some_rooms,
    with_room,
)

WEEK = 7 * DAY_SECONDS
MONTH = 30 * DAY_SECONDS
places = st.sampled_from(ROOMS)


def household(
    *records: ConsentRecord,
    people: tuple[str, ...] = ("ann", "ben"),
    ceiling: Ceiling | None = None,
    excluded: frozenset[str] = frozenset(),
) -> Situation:
    """Return a household with two rooms; its administrator allows a month and review."""
    arrangement = Arrangement(
        people={id_: Person(id=id_, name=id_, has_account=id_ != "eve") for id_ in people},
        rooms={id_: Room(id=id_, name=id_, excluded=excluded) for id_ in ROOMS},
        ceiling=ceiling or Ceiling(retention_seconds=MONTH, review=True),
    )
    return Situation(
        arrangement=arrangement,
        pauses=Pauses(),
        ceilings=(CeilingEntry.of(arrangement, 0.0),),
        consents=records,
        notices=CURRENT,
        now=NOW,
    )


def keep(person: str, limit_seconds: float = WEEK) -> ConsentRecord:
    return given(person, Purpose.KEEP, limit_seconds=limit_seconds)


def listen(person: str, *others: str) -> ConsentRecord:
    return given(person, Purpose.LISTEN, listeners=frozenset(others))


def with_people(situation: Situation, *people: str) -> Situation:
    present = {id_: Person(id=id_, name=id_, has_account=id_ != "eve") for id_ in people}
    return replace(situation, arrangement=replace(situation.arrangement, people=present))


class TestExamples:
    """What a household sees."""

    def test_at_first_nothing_is_kept(self) -> None:
        assert kept(household(), "hall", understood=True) is DropReason.NOT_WANTED
        assert missing(household(), "hall") == {"ann", "ben"}

    def test_one_who_does_not_agree_is_enough(self) -> None:
        assert keeps_for(household(keep("ann")), "hall") == 0

    def test_the_shortest_limit_counts(self) -> None:
        s = household(keep("ann", WEEK), keep("ben", DAY_SECONDS))
        assert keeps_for(s, "hall") == DAY_SECONDS
        day = Ceiling(retention_seconds=DAY_SECONDS / 2)
        assert keeps_for(replace(household(*s.consents, ceiling=day)), "hall") == DAY_SECONDS / 2

    def test_who_has_no_account_counts_as_no(self) -> None:
        s = household(keep("ann"), people=("ann", "eve"))
        assert keeps_for(s, "hall") == 0
        assert missing(s, "hall") == {"eve"}

    def test_the_administrator_leaves_out_who_has_no_account(self) -> None:
        s = household(keep("ann"), people=("ann", "eve"), excluded=frozenset({"eve"}))
        assert members(s, "hall") == {"ann"}
        assert keeps_for(s, "hall") == WEEK

    def test_who_has_an_account_must_agree_to_be_left_out(self) -> None:
        s = household(keep("ann"), excluded=frozenset({"ben"}))
        assert members(s, "hall") == {"ann", "ben"}
        agreed = given("ben", Purpose.LEFT_OUT, rooms=frozenset({"hall"}))
        s = replace(s, consents=(*s.consents, agreed))
        assert members(s, "hall") == {"ann"}
        assert members(s, "kitchen") == {"ann", "ben"}

    def test_agreeing_alone_leaves_nobody_out(self) -> None:
        s = household(keep("ann"), given("ben", Purpose.LEFT_OUT))
        assert members(s, "hall") == {"ann", "ben"}

    def test_nobody_hears_another_who_has_not_named_him(self) -> None:
        s = household(keep("ann"), keep("ben"))
        assert listeners(s, "hall") == frozenset()
        assert kept(s, "hall", understood=True) is DropReason.NOBODY_MAY_LISTEN

    def test_who_is_named_by_everyone_listens(self) -> None:
        s = household(keep("ann"), keep("ben"), listen("ann", "ben"))
        assert listeners(s, "hall") == {"ben"}
        assert kept(s, "hall", understood=True) is None
        assert kept(s, "hall", understood=False) is DropReason.ACCIDENT

    def test_without_review_only_members_listen(self) -> None:
        everyone = [listen("ann", "ben", "cem"), listen("ben", "ann", "cem")]
        agreed = given("cem", Purpose.LEFT_OUT)
        s = household(*everyone, agreed, people=("ann", "ben", "cem"), excluded=frozenset({"cem"}))
        assert listeners(s, "hall") == {"ann", "ben", "cem"}
        private = replace(s.arrangement, ceiling=Ceiling(retention_seconds=MONTH))
        assert listeners(replace(s, arrangement=private), "hall") == {"ann", "ben"}

    def test_who_is_ruled_out_does_not_listen(self) -> None:
        ruled_out = Ceiling(retention_seconds=MONTH, review=True, ruled_out=frozenset({"ben"}))
        s = household(listen("ann", "ben"), listen("ben", "ann"), ceiling=ruled_out)
        assert listeners(s, "hall") == {"ann"}

    @pytest.mark.parametrize(
        ("pauses", "reason"),
        [
            (Pauses(household=True), "household"),
            (Pauses(rooms=frozenset({"hall"})), "room"),
            (Pauses(guests_until=NOW + 1), "guests"),
            (Pauses(guests_until=float("inf")), "guests"),
            (Pauses(guests_until=NOW), None),
            (Pauses(rooms=frozenset({"kitchen"})), None),
        ],
    )
    def test_a_pause_keeps_nothing(self, pauses: Pauses, reason: str | None) -> None:
        s = replace(household(keep("ann"), people=("ann",)), pauses=pauses)
        assert paused(s, "hall") == reason
        assert keeps_for(s, "hall") == (0 if reason else WEEK)

    def test_a_limit_stays_as_short_as_the_ceiling_was(self) -> None:
        s = household(
            keep("ann", MONTH), people=("ann",), ceiling=Ceiling(retention_seconds=DAY_SECONDS)
        )
        loose = replace(s.arrangement, ceiling=Ceiling(retention_seconds=MONTH))
        s = replace(arranged(s, loose), now=NOW + 10)
        assert keeps_for(s, "hall") == DAY_SECONDS
        again = given("ann", Purpose.KEEP, limit_seconds=MONTH, time=NOW + 5)
        assert keeps_for(replace(s, consents=(again,)), "hall") == MONTH

    def test_who_was_heard_keeps_a_say_after_leaving_the_room(self) -> None:
        everyone = ("ann", "ben", "cem")
        s = household(listen("ann", "cem"), listen("ben", "cem"), people=everyone)
        assert listeners_now(s, "hall", frozenset({"ann", "ben", "cem"})) == {"cem"}
        left = household(
            listen("ann", "cem"),
            given("ben", Purpose.LEFT_OUT),
            people=everyone,
            excluded=frozenset({"ben"}),
        )
        assert listeners(left, "hall") == {"cem"}
        assert listeners_now(left, "hall", frozenset({"ann", "ben", "cem"})) == frozenset()
        assert listeners_now(left, "hall", frozenset({"ann", "cem"})) == {"cem"}

    def test_who_left_the_household_names_nobody(self) -> None:
        s = household(listen("ann", "cem"), listen("ben", "cem"), people=("ann", "ben", "cem"))
        gone = with_people(s, "ann", "cem")
        assert listeners(gone, "hall") == {"cem"}
        assert listeners_now(gone, "hall", frozenset({"ann", "ben", "cem"})) == frozenset()

    def test_a_clip_opens_for_its_listeners_until_it_expires(self) -> None:
        s = household(listen("ann", "ben"), listen("ben", "ann"))
        both = frozenset({"ann", "ben"})
        clip = SomeClip(room="hall", expires=NOW + 1, members=both, listeners=both)
        assert may_open(s, clip, "ann")
        assert not may_open(replace(s, now=NOW + 1), clip, "ann")
        assert not may_open(s, replace(clip, listeners=frozenset({"ben"})), "ann")
        assert not may_open(replace(s, consents=s.consents[:1]), clip, "ann")


class TestNobodyElse:
    """Promises 4 and 7."""

    @forall(any_situations, places)
    def test_listens_but_whom_every_member_named(self, s: Situation, room: str) -> None:
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
        assume(seconds)
        assert members(s, room)
        assert seconds <= s.arrangement.ceiling.retention_seconds
        own = s.arrangement.rooms[room].limit_seconds
        assert own is None or seconds <= own
        for member in members(s, room):
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
    def test_opens_a_clip(self, data: st.DataObject, s: Situation) -> None:
        clip = data.draw(clips(s))
        for person in (*PEOPLE, "nobody"):
            if may_open(s, clip, person):
                assert person in clip.listeners
                assert person in listeners(s, clip.room)
                assert s.now < clip.expires
                for member in clip.members:
                    assert person in named(s, member, clip.room)

    @forall(any_situations, places)
    def test_is_known_by_another_room_or_name(self, s: Situation, room: str) -> None:
        assert not members(s, "attic")
        assert not keeps_for(s, "attic")
        assert not listeners(s, "attic")
        assert kept(s, "attic", understood=True)
        assert not named(s, "nobody", room)
        assert not named(s, PEOPLE[0], "attic")
        assert not listeners_now(s, room, frozenset())
        assert not listeners_now(s, room, frozenset({"nobody"}))
        assert not listeners_now(s, "attic", frozenset(PEOPLE))


class TestNarrowing:
    """Whatever takes something away adds nothing for anybody."""

    @forall(st.data(), any_situations, places)
    def test_a_tighter_ceiling(self, data: st.DataObject, s: Situation, room: str) -> None:
        old, other = s.arrangement.ceiling, data.draw(ceilings)
        tight = Ceiling(
            retention_seconds=min(old.retention_seconds, other.retention_seconds),
            review=old.review and other.review,
            ruled_out=old.ruled_out | other.ruled_out,
        )
        assert_narrower(s, arranged(s, replace(s.arrangement, ceiling=tight)), room)

    @forall(any_situations, places, st.sampled_from((0.0, DAY_SECONDS)))
    def test_a_shorter_limit_of_the_room(self, s: Situation, room: str, limit: float) -> None:
        assume(room in s.arrangement.rooms)
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

    @forall(any_situations, places, st.sampled_from(PEOPLE))
    def test_a_member_more(self, s: Situation, room: str, person: str) -> None:
        """At most that member listens more, and only if all the others have named him."""
        assume(members(s, room) and person in s.arrangement.people)
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

    @forall(any_situations, places, st.sampled_from(PEOPLE))
    def test_an_exclusion_that_its_person_has_not_agreed_to(
        self, s: Situation, room: str, person: str
    ) -> None:
        assume(room in s.arrangement.rooms and person in s.arrangement.people)
        assume(s.arrangement.people[person].has_account)
        assume(not answers(s, person, Purpose.LEFT_OUT, room))
        place = s.arrangement.rooms[room]
        assume(person not in place.excluded)
        after = with_room(s, replace(place, excluded=place.excluded | {person}))
        assert members(after, room) == members(s, room)
        assert keeps_for(after, room) == keeps_for(s, room)
        assert listeners(after, room) == listeners(s, room)

    @forall(st.data(), any_situations, places)
    def test_a_second_consent_to_the_same(
        self, data: st.DataObject, s: Situation, room: str
    ) -> None:
        first = data.draw(st.sampled_from(s.consents)) if s.consents else None
        assume(first is not None)
        assert first is not None
        assume(first.terms.purpose is not Purpose.LEFT_OUT)
        assume(live(s, first.principal, first.terms.purpose, room))
        more = data.draw(consents(first.principal, first.terms.purpose))
        assert_narrower(s, replace(s, consents=(*s.consents, more)), room)

    @forall(any_situations, places)
    def test_time_that_passes(self, s: Situation, room: str) -> None:
        """Guest mode ends and exclusions lapse; no consent lasts longer or allows more."""
        later = replace(s, now=s.now + 200 * DAY_SECONDS)
        for person in s.arrangement.people:
            for purpose in Purpose:
                assert set(live(later, person, purpose, room)) <= set(
                    live(s, person, purpose, room)
                )


class TestLoosening:
    """What the administrator allows later is asked anew."""

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

    @forall(any_situations, places)
    def test_a_history_that_is_lost_allows_nothing(self, s: Situation, room: str) -> None:
        never = replace(s, consents=())
        assert_equal(replace(s, ceilings=()), never, room)
        late = tuple(replace(entry, since=NOW) for entry in s.ceilings[-1:])
        assert_equal(replace(s, ceilings=late), never, room)


class TestTakingBack:
    """Promise 8."""

    @forall(any_situations, places, st.sampled_from(PEOPLE), some_rooms)
    def test_takes_everything_of_a_consent(
        self, s: Situation, room: str, person: str, rooms: frozenset[str]
    ) -> None:
        assume(room in rooms and room in s.arrangement.rooms and person in s.arrangement.people)
        after = replace(s, consents=[withdrawn(c, person, rooms) for c in s.consents])
        assert named(after, person, room) == {person}
        if person in members(after, room):
            assert keeps_for(after, room) == 0
            assert listeners(after, room) <= {person}
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


@forall(generous_situations(), places)
def test_a_turn_is_kept_exactly_if_the_three_hold(s: Situation, room: str) -> None:
    wanted = keeps_for(s, room) > 0
    heard = bool(listeners(s, room))
    assert (kept(s, room, understood=True) is None) == (wanted and heard)
    assert kept(s, room, understood=False) is DropReason.ACCIDENT


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
    """Otherwise the properties would hold of nothing."""
    seen: set[str] = set()

    @settings(max_examples=500, database=None, derandomize=True)
    @forall(any_situations)
    def look(s: Situation) -> None:
        seen.update(name for name, is_so in INTERESTING.items() if is_so(s))

    look()
    assert seen == set(INTERESTING)


def answers(s: Situation, person: str, purpose: Purpose, room: str) -> list[ConsentRecord]:
    """Return the consents that nothing has ended, told from the records in another way."""
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
    """Return a consent of somebody after it was taken back in rooms."""
    where = rooms & consent.terms.rooms
    if consent.principal != person or not where:
        return consent
    event = ConsentEvent(time=NOW, state=State.WITHDRAWN, by=person, how="action", rooms=where)
    return consent.with_event(event)


def assert_narrower(
    before: Situation, after: Situation, room: str, *, but: str | None = None
) -> None:
    """Nobody but one person hears more, and nothing is kept for longer."""
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
