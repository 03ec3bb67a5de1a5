"""The rules in plain examples of a household."""

from dataclasses import replace

import pytest

from custom_components.indoor_voice.privacy.consent.ceilings import CeilingEntry
from custom_components.indoor_voice.privacy.consent.consent import (
    ConsentEvent,
    ConsentRecord,
    Purpose,
    State,
)
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from custom_components.indoor_voice.privacy.consent.rules import (
    DropReason,
    Situation,
    decide,
    keeps_for,
    listeners,
    listeners_now,
    live_rooms,
    may_open,
    may_review,
    members,
    missing,
    paused,
    stays_for,
    trusted,
)
from custom_components.indoor_voice.privacy.people import (
    DAY_SECONDS,
    Arrangement,
    Ceiling,
    Pauses,
    Person,
    Room,
)

from .strategies import NOW, ROOMS, SomeRecording, arranged, given

WEEK = 7 * DAY_SECONDS
MONTH = 30 * DAY_SECONDS


def household(
    *records: ConsentRecord,
    people: tuple[str, ...] = ("ann", "ben"),
    ceiling: Ceiling | None = None,
    excluded: frozenset[str] = frozenset(),
) -> Situation:
    """Return a household with two rooms whose administrator allows a month and reviews."""
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


def test_at_first_nothing_is_kept() -> None:
    assert decide(household(), "hall", {"ann", "ben"}).why_not == (
        DropReason.NOT_AGREED,
        DropReason.NOBODY_MAY_LISTEN,
    )
    assert missing(household(), "hall") == {"ann", "ben"}


def test_one_who_does_not_agree_is_enough() -> None:
    assert keeps_for(household(keep("ann")), "hall") == 0


def test_the_shortest_limit_counts() -> None:
    s = household(keep("ann", WEEK), keep("ben", DAY_SECONDS))
    assert keeps_for(s, "hall") == DAY_SECONDS
    day = Ceiling(retention_seconds=DAY_SECONDS / 2)
    assert keeps_for(household(*s.consents, ceiling=day), "hall") == DAY_SECONDS / 2


def test_a_room_waits_for_who_has_not_answered() -> None:
    assert decide(household(keep("ann")), "hall", ()).waiting_for == {"ben"}
    assert decide(household(keep("ann"), keep("ben")), "hall", ()).waiting_for == frozenset()


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN])
def test_a_room_waits_for_nobody_once_somebody_has_said_no(state: State) -> None:
    yes = keep("ben")
    no = ConsentEvent(time=NOW - 1, state=state, by="ben", how="panel")
    events = (no,) if state is State.REFUSED else (*yes.events, no)
    declined = replace(yes, events=events)
    s = household(declined, people=("ann", "ben"))
    assert missing(s, "hall") == {"ann", "ben"}
    assert decide(s, "hall", ()).waiting_for == frozenset()


def test_a_room_asks_again_after_nothing_was_allowed_for_a_while() -> None:
    s = household(keep("ann"), keep("ben"), listen("ann", "ben"))
    nothing = CeilingEntry.of(replace(s.arrangement, ceiling=Ceiling()), NOW - 2)
    again = CeilingEntry.of(s.arrangement, NOW - 1)
    s = replace(s, ceilings=(*s.ceilings, nothing, again))
    assert keeps_for(s, "hall") == 0
    assert decide(s, "hall", {"ben"}).why_not == (DropReason.NOT_AGREED,)
    assert decide(s, "hall", ()).waiting_for == {"ann", "ben"}
    assert live_rooms(s, s.consents[0]) == frozenset()


def test_who_has_no_account_counts_as_no() -> None:
    s = household(keep("ann"), people=("ann", "eve"))
    assert keeps_for(s, "hall") == 0
    assert missing(s, "hall") == {"eve"}
    assert decide(s, "hall", ()).waiting_for == frozenset()
    assert decide(s, "hall", {"ann"}).why_not[0] is DropReason.NO_ACCOUNT


def test_the_administrator_leaves_out_who_has_no_account() -> None:
    s = household(keep("ann"), people=("ann", "eve"), excluded=frozenset({"eve"}))
    assert members(s, "hall") == {"ann"}
    assert keeps_for(s, "hall") == WEEK


def test_who_has_an_account_must_agree_to_be_left_out() -> None:
    s = household(keep("ann"), excluded=frozenset({"ben"}))
    assert members(s, "hall") == {"ann", "ben"}
    agreed = given("ben", Purpose.LEFT_OUT, rooms=frozenset({"hall"}))
    s = replace(s, consents=(*s.consents, agreed))
    assert members(s, "hall") == {"ann"}
    assert members(s, "kitchen") == {"ann", "ben"}


def test_agreeing_alone_leaves_nobody_out() -> None:
    s = household(keep("ann"), given("ben", Purpose.LEFT_OUT))
    assert members(s, "hall") == {"ann", "ben"}


def test_nobody_hears_a_person_who_has_not_named_them() -> None:
    s = household(keep("ann"), keep("ben"))
    assert listeners(s, "hall") == frozenset()
    assert decide(s, "hall", {"ann", "ben"}).why_not == (DropReason.NOBODY_MAY_LISTEN,)


def test_who_is_named_by_everyone_listens() -> None:
    s = household(keep("ann"), keep("ben"), listen("ann", "ben"))
    assert listeners(s, "hall") == {"ben"}
    assert decide(s, "hall", {"ben"}).why_not == ()
    assert decide(s, "hall", {"ann"}).why_not == (DropReason.NO_KEY,)
    assert may_review(s, "ben")
    assert not may_review(s, "ann")
    assert not may_review(s, "eve")


def test_without_review_only_members_listen() -> None:
    everyone = [listen("ann", "ben", "cem"), listen("ben", "ann", "cem")]
    agreed = given("cem", Purpose.LEFT_OUT)
    s = household(*everyone, agreed, people=("ann", "ben", "cem"), excluded=frozenset({"cem"}))
    assert listeners(s, "hall") == {"ann", "ben", "cem"}
    private = replace(s.arrangement, ceiling=Ceiling(retention_seconds=MONTH))
    assert listeners(replace(s, arrangement=private), "hall") == {"ann", "ben"}


def test_who_is_ruled_out_does_not_listen() -> None:
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
def test_a_pause_keeps_nothing(pauses: Pauses, reason: str | None) -> None:
    s = replace(household(keep("ann"), people=("ann",)), pauses=pauses)
    assert paused(s, "hall") == reason
    assert keeps_for(s, "hall") == (0 if reason else WEEK)


def test_a_limit_stays_as_short_as_the_ceiling_was() -> None:
    s = household(
        keep("ann", MONTH), people=("ann",), ceiling=Ceiling(retention_seconds=DAY_SECONDS)
    )
    loose = replace(s.arrangement, ceiling=Ceiling(retention_seconds=MONTH))
    s = replace(arranged(s, loose), now=NOW + 10)
    assert keeps_for(s, "hall") == DAY_SECONDS
    again = given("ann", Purpose.KEEP, limit_seconds=MONTH, time=NOW + 5)
    assert keeps_for(replace(s, consents=(again,)), "hall") == MONTH


def test_what_is_set_up_now_counts_even_where_the_history_has_missed_it() -> None:
    s = household(keep("ann", WEEK), listen("ann", "ben"), people=("ann",))
    tight = Ceiling(retention_seconds=DAY_SECONDS, review=False)
    s = replace(s, arrangement=replace(s.arrangement, ceiling=tight))
    assert keeps_for(s, "hall") == DAY_SECONDS
    assert listeners(s, "hall") == {"ann"}


def test_who_was_heard_keeps_a_say_after_leaving_the_room() -> None:
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


def test_who_left_the_household_names_nobody() -> None:
    s = household(listen("ann", "cem"), listen("ben", "cem"), people=("ann", "ben", "cem"))
    gone = with_people(s, "ann", "cem")
    assert listeners(gone, "hall") == {"cem"}
    assert listeners_now(gone, "hall", frozenset({"ann", "ben", "cem"})) == frozenset()


def test_a_recording_opens_for_its_listeners_until_it_expires() -> None:
    s = household(listen("ann", "ben"), listen("ben", "ann"))
    both = frozenset({"ann", "ben"})
    recording = SomeRecording(room="hall", expires=NOW + 1, members=both, listeners=both)
    assert may_open(s, recording, "ann")
    assert not may_open(replace(s, now=NOW + 1), recording, "ann")
    assert not may_open(s, replace(recording, listeners=frozenset({"ben"})), "ann")
    assert not may_open(replace(s, consents=s.consents[:1]), recording, "ann")


def test_a_recording_stays_while_everyone_heard_in_it_consents_and_no_longer_than_they_do() -> None:
    s = household(keep("ann", WEEK), keep("ben", DAY_SECONDS))
    both = frozenset({"ann", "ben"})
    recording = SomeRecording(room="hall", expires=NOW + 1, members=both, listeners=both)
    assert stays_for(s, recording) == DAY_SECONDS
    assert stays_for(replace(s, pauses=Pauses(household=True)), recording) == DAY_SECONDS
    assert stays_for(replace(s, consents=s.consents[:1]), recording) == 0
    assert stays_for(with_people(s, "ann"), recording) == 0
    assert stays_for(s, replace(recording, room="attic")) == 0
    assert stays_for(s, replace(recording, members=frozenset())) == 0


def test_a_key_stays_with_whom_everyone_heard_still_names() -> None:
    s = household(listen("ann", "ben"), listen("ben", "ann"))
    both = frozenset({"ann", "ben"})
    recording = SomeRecording(room="hall", expires=NOW + 1, members=both, listeners=both)
    assert trusted(s, recording) == both
    assert trusted(replace(s, consents=s.consents[:1]), recording) == {"ben"}
    assert trusted(s, replace(recording, listeners=frozenset({"ann"}))) == {"ann"}


def test_without_review_a_listener_who_moves_out_of_a_room_loses_their_keys() -> None:
    no_review = Ceiling(retention_seconds=MONTH)
    s = household(keep("ann"), keep("ben"), listen("ben", "ann"), ceiling=no_review)
    recording = SomeRecording(
        room="hall",
        expires=NOW + 1,
        members=frozenset({"ann", "ben"}),
        listeners=frozenset({"ann"}),
    )
    assert trusted(s, recording) == {"ann"}
    left = given("ann", Purpose.LEFT_OUT, rooms=frozenset({"hall"}))
    s = household(
        *s.consents, left, listen("ben", "ann"), ceiling=no_review, excluded=frozenset({"ann"})
    )
    assert members(s, "hall") == {"ben"}
    assert trusted(s, recording) == frozenset()
