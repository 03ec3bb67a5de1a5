"""Consent records: valid contents, when they apply, and that nothing edits them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import given as forall
from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.consent.consent import (
    VALID_SECONDS_MAX,
    ConsentEvent,
    ConsentRecord,
    Purpose,
    State,
    Terms,
)
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from custom_components.indoor_voice.privacy.people import DAY_SECONDS, MAX_RETENTION_SECONDS

from .strategies import NOW, ROOMS, SEEN, consents, given

HALL = frozenset({"hall"})
KEEP = given("ann", Purpose.KEEP, limit_seconds=DAY_SECONDS, time=NOW)


def event(state: State, rooms: frozenset[str] | None = None, time: float = NOW + 1) -> ConsentEvent:
    return ConsentEvent(time=time, state=state, by="ann", how="voice", rooms=rooms)


class TestHolds:
    def test_from_when_it_is_given_until_it_expires(self) -> None:
        assert KEEP.given_at == NOW
        assert KEEP.expires_at == NOW + VALID_SECONDS_MAX
        assert not KEEP.holds("hall", SEEN["hall"], NOW - 1, CURRENT)
        assert KEEP.holds("hall", SEEN["hall"], NOW, CURRENT)
        assert KEEP.holds("hall", SEEN["hall"], NOW + VALID_SECONDS_MAX - 1, CURRENT)
        assert not KEEP.holds("hall", SEEN["hall"], NOW + VALID_SECONDS_MAX, CURRENT)

    def test_in_its_rooms_only(self) -> None:
        assert not KEEP.holds("attic", SEEN["hall"], NOW, CURRENT)

    @pytest.mark.parametrize("state", [State.WITHDRAWN, State.SUPERSEDED, State.EXPIRED])
    def test_until_anything_ends_it_there(self, state: State) -> None:
        in_one = KEEP.with_event(event(state, HALL))
        assert not in_one.holds("hall", SEEN["hall"], NOW + 2, CURRENT)
        assert in_one.holds("kitchen", SEEN["kitchen"], NOW + 2, CURRENT)
        everywhere = KEEP.with_event(event(state))
        assert not any(everywhere.holds(room, SEEN[room], NOW + 2, CURRENT) for room in ROOMS)

    def test_not_after_what_a_clock_that_went_wrong_calls_earlier(self) -> None:
        ended = KEEP.with_event(event(State.WITHDRAWN, time=NOW - 100))
        assert not ended.holds("hall", SEEN["hall"], NOW + 2, CURRENT)

    def test_never_if_it_was_refused(self) -> None:
        refused = replace(KEEP, events=(event(State.REFUSED),))
        assert refused.given_at is None
        assert refused.expires_at is None
        assert not refused.holds("hall", SEEN["hall"], NOW + 2, CURRENT)

    def test_only_while_its_notice_is_the_current_one(self) -> None:
        notice = CURRENT[Purpose.KEEP, "en"]
        other = replace(notice, text=notice.text + " ")
        assert not KEEP.holds("hall", SEEN["hall"], NOW, {(Purpose.KEEP, "en"): other})
        assert not KEEP.holds("hall", SEEN["hall"], NOW, {(Purpose.LISTEN, "en"): notice})
        assert not KEEP.holds("hall", SEEN["hall"], NOW, {})

    @forall(consents(), st.sampled_from(sorted(State)), st.none() | st.just(HALL))
    def test_no_event_gives_anything_back(
        self, record: ConsentRecord, state: State, rooms: frozenset[str] | None
    ) -> None:
        if state in {State.GIVEN, State.REFUSED} or (rooms and not rooms <= record.terms.rooms):
            with pytest.raises(ValueError, match="consent"):
                record.with_event(event(state, rooms))
            return
        after = record.with_event(event(state, rooms))
        assert after.events[:-1] == record.events
        assert replace(after, events=record.events) == record
        for room in ROOMS:
            covered = (
                record.holds(room, SEEN[room], NOW, CURRENT)
                and rooms is not None
                and room not in rooms
            )
            assert after.holds(room, SEEN[room], NOW, CURRENT) == covered


class TestTerms:
    @pytest.mark.parametrize(
        "terms",
        [
            {"purpose": Purpose.KEEP, "rooms": frozenset()},
            {"purpose": Purpose.KEEP, "rooms": HALL, "listeners": frozenset({"ben"})},
            {"purpose": Purpose.LEFT_OUT, "rooms": HALL, "listeners": frozenset({"ben"})},
            {"purpose": Purpose.LISTEN, "rooms": HALL, "limit_seconds": 1.0},
            {"purpose": Purpose.LEFT_OUT, "rooms": HALL, "limit_seconds": 1.0},
            {"purpose": Purpose.KEEP, "rooms": HALL, "limit_seconds": 0.0},
            {"purpose": Purpose.KEEP, "rooms": HALL, "limit_seconds": -1.0},
            {"purpose": Purpose.KEEP, "rooms": HALL, "limit_seconds": float("nan")},
            {"purpose": Purpose.KEEP, "rooms": HALL, "limit_seconds": float("inf")},
            {
                "purpose": Purpose.KEEP,
                "rooms": HALL,
                "limit_seconds": MAX_RETENTION_SECONDS + 1,
            },
        ],
    )
    def test_say_one_thing_clearly(self, terms: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"consent|limit"):
            Terms(**terms)

    @pytest.mark.parametrize(
        "changes",
        [
            {"valid_seconds": VALID_SECONDS_MAX + 1},
            {"valid_seconds": 0.0},
            {"valid_seconds": float("nan")},
            {"id": "1"},
            {"id": KEEP.id.upper()},
            {"events": ()},
            {"events": (event(State.WITHDRAWN),)},
            {"events": (*KEEP.events, *KEEP.events)},
            {"events": (*KEEP.events, event(State.REFUSED))},
            {"events": (replace(KEEP.events[0], by="ben"),)},
            {"events": (replace(KEEP.events[0], by=None),)},
            {"events": (replace(KEEP.events[0], time=float("nan")),)},
            {"events": (replace(KEEP.events[0], time=-1.0),)},
            {"events": (*KEEP.events, event(State.WITHDRAWN, frozenset({"attic"})))},
            {"terms": replace(KEEP.terms, limit_seconds=None)},
            {
                "terms": Terms(
                    purpose=Purpose.LISTEN, rooms=HALL, listeners=frozenset({"ann", "ben"})
                )
            },
        ],
    )
    def test_nobody_can_have_consented_to_nonsense_or_for_another(
        self, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            replace(KEEP, **changes)


class TestJson:
    @forall(consents())
    def test_is_read_as_it_was_written(self, record: ConsentRecord) -> None:
        assert ConsentRecord.from_json(json.loads(json.dumps(record.to_json()))) == record

    @forall(consents(), st.data())
    def test_refuses_anything_else(self, record: ConsentRecord, data: st.DataObject) -> None:
        written = json.loads(json.dumps(record.to_json()))
        objects = [written, written["terms"], written["notice"], *written["events"]]
        spoiled = data.draw(st.sampled_from(objects))
        name = data.draw(st.sampled_from(sorted(spoiled)))
        how = data.draw(st.sampled_from(("missing", "more", "wrong")))
        if how == "missing":
            assume(name not in {"seen", "disguise"})  # as in older versions
            del spoiled[name]
        elif how == "more":
            spoiled["more"] = None
        else:
            # An empty `seen` is valid: it means that the rooms of an older consent no longer exist.
            wrong: list[object] = [True, "", [1], [""]] + ([] if name == "seen" else [{}])
            spoiled[name] = data.draw(st.sampled_from(wrong))
        with pytest.raises(ValueError, match=r"\w"):
            ConsentRecord.from_json(written)

    @pytest.mark.parametrize("data", [None, [], "consent", 1])
    def test_refuses_what_is_no_record(self, data: object) -> None:
        with pytest.raises(ValueError, match="Expected"):
            ConsentRecord.from_json(data)

    def test_refuses_a_room_named_twice_and_an_unknown_way(self) -> None:
        twice = KEEP.to_json()
        twice["terms"] = {
            "purpose": "keep",
            "rooms": ["hall", "hall"],
            "limit_seconds": 1.0,
            "listeners": [],
        }
        with pytest.raises(ValueError, match="duplicates"):
            ConsentRecord.from_json(twice)
        unknown = json.loads(json.dumps(KEEP.to_json()))
        unknown["events"][0]["how"] = "telepathy"
        with pytest.raises(ValueError, match="channel"):
            ConsentRecord.from_json(unknown)
