"""Histories of ceilings. The tests of the rules cover that loosening restores nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.consent.ceilings import (
    NOTHING,
    Allowed,
    CeilingEntry,
    tightest,
)
from custom_components.indoor_voice.privacy.people import DAY_SECONDS, Arrangement, Ceiling, Room

from .strategies import NOW, ROOMS, ceilings, own_limits

entries = st.builds(
    CeilingEntry,
    since=st.integers(0, 100).map(float),
    ceiling=ceilings,
    room_limits=st.dictionaries(st.sampled_from(ROOMS), own_limits),
)
histories = st.lists(entries, min_size=1, max_size=6).map(
    lambda unsorted: tuple(sorted(unsorted, key=lambda entry: entry.since))
)


def entry(since: float, retention: float, **ceiling: object) -> CeilingEntry:
    return CeilingEntry(
        since=since,
        ceiling=Ceiling(retention_seconds=retention, **ceiling),  # type: ignore[arg-type]
        room_limits={},
    )


def test_takes_the_shortest_of_household_and_room() -> None:
    arrangement = Arrangement(
        rooms={
            "kitchen": Room(id="kitchen", name="Kitchen", limit_seconds=DAY_SECONDS),
            "hall": Room(id="hall", name="Hall"),
        },
        ceiling=Ceiling(retention_seconds=7 * DAY_SECONDS, review=True),
    )
    history = (CeilingEntry.of(arrangement, 0.0),)
    assert tightest(history, 5.0, "kitchen").retention_seconds == DAY_SECONDS
    assert tightest(history, 5.0, "hall").retention_seconds == 7 * DAY_SECONDS


def test_stays_as_narrow_as_at_any_time_since() -> None:
    history = (
        entry(0, 30.0, review=True),
        entry(10, 1.0, review=False, ruled_out=frozenset({"ann"})),
        entry(20, 30.0, review=True, ruled_out=frozenset({"ben"})),
    )
    assert tightest(history, 5.0, "hall") == Allowed(1.0, False, frozenset({"ann", "ben"}))
    assert tightest(history, 15.0, "hall") == Allowed(1.0, False, frozenset({"ann", "ben"}))
    assert tightest(history, 21.0, "hall") == Allowed(30.0, True, frozenset({"ben"}))


def test_at_the_moment_of_a_change_both_hold() -> None:
    history = (entry(0, 1.0), entry(10, 30.0))
    assert tightest(history, 10.0, "hall").retention_seconds == 1.0


def test_allows_nothing_for_a_time_that_is_not_known() -> None:
    assert tightest((), 5.0, "hall") == NOTHING
    assert tightest((entry(10, 30.0),), 5.0, "hall") == NOTHING


@given(histories, st.integers(0, 120).map(float), st.sampled_from(ROOMS))
def test_is_what_every_moment_since_allowed(
    history: tuple[CeilingEntry, ...], since: float, room: str
) -> None:
    found = tightest(history, since, room)
    if since < history[0].since:
        assert found == NOTHING
        return
    for moment in range(int(since), 121):
        in_force = [entry for entry in history if entry.since <= moment][-1].allows(room)
        assert found.retention_seconds <= in_force.retention_seconds
        assert found.review <= in_force.review
        assert found.ruled_out >= in_force.ruled_out
    assert found.retention_seconds in {entry.allows(room).retention_seconds for entry in history}


@given(histories, entries, st.sampled_from(ROOMS))
def test_another_entry_never_allows_more_to_what_was_there(
    history: tuple[CeilingEntry, ...], late: CeilingEntry, room: str
) -> None:
    before = tightest(history, 50.0, room)
    late = CeilingEntry(since=NOW, ceiling=late.ceiling, room_limits=late.room_limits)
    after = tightest((*history, late), 50.0, room)
    assert after.retention_seconds <= before.retention_seconds
    assert after.review <= before.review
    assert after.ruled_out >= before.ruled_out


@given(entries)
def test_is_read_as_it_was_written(entry: CeilingEntry) -> None:
    assert CeilingEntry.from_json(json.loads(json.dumps(entry.to_json()))) == entry


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("since", "yesterday"),
        ("since", float("nan")),
        ("retention_seconds", True),
        ("max_bytes", 1.5),
        ("max_bytes", True),
        ("review", 1),
        ("ruled_out", "ann"),
        ("ruled_out", ["ann", "ann"]),
        ("room_limits", []),
        ("room_limits", {"hall": "7"}),
    ],
)
def test_refuses_nonsense(name: str, value: object) -> None:
    data = entry(0, 1.0).to_json() | {name: value}
    with pytest.raises(ValueError, match="Expected"):
        CeilingEntry.from_json(data)


def test_refuses_other_members() -> None:
    data = entry(0, 1.0).to_json()
    with pytest.raises(ValueError, match="Expected"):
        CeilingEntry.from_json(data | {"more": 1})
    del data["review"]
    with pytest.raises(ValueError, match="Expected"):
        CeilingEntry.from_json(data)
    with pytest.raises(ValueError, match="Expected"):
        CeilingEntry.from_json([data])
