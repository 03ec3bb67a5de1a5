"""Refusals are shown to the people heard, can't flood the ledger, and are all counted."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.errors import NotAllowedError
from custom_components.indoor_voice.privacy.refusals import DIFFERENT, REFUSALS_SECONDS, Refusals
from custom_components.indoor_voice.privacy.store.ledger_rows import Row, RowKind
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import OpenReason

from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, SYSTEM, Home


def refusals(home: Home, reader: str) -> list[Row]:
    """Return the refusals that are shown to a person, newest first."""
    return [row for row in home.household.rows(reader) if row.kind is RowKind.REFUSED]


def tries(home: Home, reader: str) -> int:
    """Return the number of attempts shown to a person, including attempts on others' names."""
    return sum(
        int(row.detail.get("count", 1)) for row in refusals(home, reader) if "by" not in row.detail
    )


def open_(home: Home, person: str, recording: str) -> None:
    with pytest.raises(NotAllowedError):
        home.household.open_recording(recording, person, Part.WORDS, OpenReason.OWN)


def test_those_heard_see_who_tried_their_recording(home: Home) -> None:
    recording = home.say()
    open_(home, DEE, recording)
    for reader in (ADA, BEN):
        (row,) = refusals(home, reader)
        assert (row.actor, row.detail["clip"]) == (DEE, recording)
    assert all(row.detail.get("clip") != recording for row in refusals(home, CLEO))


def test_repeated_attempts_fill_nothing_and_each_is_counted(home: Home) -> None:
    recordings = [home.say() for _ in range(15)]
    for _ in range(20):
        for recording in recordings:
            open_(home, DEE, recording)
    assert len(refusals(home, ADA)) == DIFFERENT
    home.wait(REFUSALS_SECONDS)
    home.household.expire()
    home.household.expire()
    assert len(refusals(home, ADA)) == DIFFERENT + 1
    assert tries(home, ADA) == 15 * 20


def test_a_name_of_others_is_counted_once_a_try_as_any_other(home: Home) -> None:
    """Otherwise the count would reveal which guessed names exist."""
    counts = []
    for names in (["theirs"] * 7, ["nobody's"] * 7):
        recording = home.say()
        home.household.called(ADA, {"theirs": recording})
        before = tries(home, DEE)
        for name in names:
            home.household.refuse_names(DEE, [name])
        home.wait(REFUSALS_SECONDS)
        home.household.expire()
        counts.append(tries(home, DEE) - before)
    assert counts == [7, 7]
    told = [row for row in refusals(home, ADA) if "by" in row.detail]
    assert [(row.actor, row.detail["by"]) for row in told] == [(None, DEE)]
    assert all("by" not in row.detail for one in (CLEO, DEE) for row in refusals(home, one))
    assert tries(home, ADA) == tries(home, DEE) == 14


def test_refusals_and_their_count_survive_a_restart(home: Home) -> None:
    recording = home.say()
    for _ in range(5):
        open_(home, DEE, recording)
    home.restart()
    assert tries(home, ADA) == 5
    open_(home, DEE, recording)
    home.restart()
    assert tries(home, BEN) == 6


def test_repeated_attempts_of_one_hide_nobody_elses(home: Home) -> None:
    recordings = [home.say() for _ in range(DIFFERENT + 5)]
    for recording in recordings:
        open_(home, DEE, recording)
    study = home.say(room="study")
    open_(home, CLEO, study)
    (row,) = [row for row in refusals(home, DEE) if row.detail.get("clip") == study]
    assert row.actor == CLEO


@given(
    st.lists(
        st.tuples(
            st.floats(min_value=0, max_value=REFUSALS_SECONDS),
            st.sampled_from([*"abc", None]),
            st.integers(0, 20).map(str),
        ),
        max_size=200,
    )
)
def test_each_refusal_is_told_once_or_counted_once(
    steps: list[tuple[float, str | None, str]],
) -> None:
    refusals, now, hour = Refusals(), 0.0, 0.0
    tried: Counter[str | None] = Counter()
    told: Counter[str | None] = Counter()
    this_hour: Counter[str | None] = Counter()
    for wait, person, about in steps:
        now += wait
        if now >= hour + REFUSALS_SECONDS:
            hour = now
            this_hour.clear()
            told.update(dict(refusals.over(now, all_=True)))
        tried[person] += 1
        if refusals.is_new(now, person, about):
            told[person] += 1
            this_hour[person] += 1
        assert this_hour[person] <= DIFFERENT
    told.update(dict(refusals.over(now, all_=True)))
    assert told == tried
    assert not refusals.over(now + 2 * REFUSALS_SECONDS)


def test_who_came_into_the_room_later_does_not_learn_which_recording_a_name_is_of(
    home: Home,
) -> None:
    recording = home.say()
    home.household.called(CLEO, {"a name": recording})
    room = replace(home.arrangement.rooms[KITCHEN], excluded=frozenset({CLEO}))
    rooms = {**home.arrangement.rooms, KITCHEN: room}
    home.household.arrange(replace(home.arrangement, rooms=rooms), SYSTEM)
    assert DEE in home.household.status(KITCHEN).members
    home.household.refuse_names(DEE, ["a name"])
    refused = {
        person: [row for row in home.household.rows(person) if row.kind is RowKind.REFUSED]
        for person in (ADA, BEN, DEE)
    }
    assert {row.detail.get("clip") for row in refused[ADA]} == {None, recording}
    assert refused[ADA] == refused[BEN]
    (row,) = refused[DEE]
    assert (row.actor, row.room, row.detail) == (DEE, None, {})
