"""Reviews: who may judge a recording, what becomes of it, and what protects reviewers."""

import json
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.privacy.errors import NotAllowedError
from custom_components.indoor_voice.privacy.refusals import REFUSALS_SECONDS
from custom_components.indoor_voice.privacy.review import RECORDINGS_A_DAY, choose
from custom_components.indoor_voice.privacy.sitting import (
    BATCH_RECORDINGS,
    RECORDINGS_BEFORE_REST,
    REST_SECONDS,
    SECONDS_BEFORE_REST,
    UNDO_SECONDS,
    Sitting,
    Stop,
)
from custom_components.indoor_voice.privacy.store.recordings import Recording
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import OpenReason, Verdict

from .listener import seal_verdict
from .older import make_older
from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, SECRET, STUDY, SYSTEM, WEEK, Home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "household.log.sqlite")
    yield home
    home.household.close()


def refused(reason: str) -> pytest.RaisesExc[NotAllowedError]:
    return pytest.raises(NotAllowedError, match=f"^{reason}$")


# Who may review


def test_a_listener_named_by_everybody_judges_and_everybody_sees_it(home: Home) -> None:
    recording = home.say()
    sitting = Sitting()
    assert home.judge(sitting, CLEO, Verdict.WRONG_WORDS, "what is the recipe") == SECRET
    for person in (ADA, BEN):
        rows = [row for row in home.household.rows(person) if row.kind == "opened"]
        assert {row.detail["part"] for row in rows} == {"sound", "words"}
        assert {row.detail["why"] for row in rows} == {"review"}
        assert {(row.actor, row.room) for row in rows} == {(CLEO, KITCHEN)}
    assert home.household.totals().verdicts[Verdict.WRONG_WORDS] == 1
    # Ada may not: Ben has not named her.
    assert home.read_by() == {(recording, BEN)}


def test_a_verdict_is_sealed_to_the_recordings_members_who_may_open_it(home: Home) -> None:
    home.name(BEN, ADA, CLEO)
    recording = home.say()
    home.judge(Sitting(), CLEO, Verdict.WRONG_WORDS, "what is the recipe")
    assert home.read_by() == {(recording, ADA), (recording, BEN)}
    for person in (ADA, BEN):
        assert home.verdicts(person, recording) == [
            {"clip": recording, "verdict": "wrong-words", "words": "what is the recipe"}
        ]
        opened = home.household.open_recording(recording, person, Part.WORDS, OpenReason.OWN)
        assert len(opened.verdicts) == 1
        assert (
            home.household.open_recording(recording, person, Part.SOUND, OpenReason.OWN).verdicts
            == ()
        )


def test_nobody_reads_corrected_words_who_may_not_open_the_recording(home: Home) -> None:
    home.name(ADA, CLEO)
    home.say()
    home.judge(Sitting(), CLEO, Verdict.WRONG_WORDS, "what is the recipe")
    assert home.read_by() == set()
    assert home.household.totals().verdicts[Verdict.WRONG_WORDS] == 1


def test_nothing_of_a_verdict_is_in_the_files(home: Home, tmp_path: Path) -> None:
    home.name(BEN, ADA, CLEO)
    home.say()
    home.judge(Sitting(), CLEO, Verdict.WRONG_WORDS, "the corrected words")
    home.say()
    sealed = home.household.database.read("SELECT sealed FROM verdict")
    assert len(sealed) == 2
    assert {len(one) for (one,) in sealed} == {512 + 48}
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"corrected words" not in raw
    detail = json.dumps([dict(row.detail) for row in home.household.rows(ADA)])
    assert "wrong-words" not in detail
    assert "corrected" not in detail


@pytest.mark.parametrize("person", [ADA, "stranger"])
def test_a_person_never_named_is_refused_and_recorded(home: Home, person: str) -> None:
    """Ada administers the household and is heard herself, but Ben has not named her."""
    home.say()
    with refused("not-a-listener"):
        home.household.review.next(Sitting(), person)
    assert home.kinds(person)[0] == "refused"


def test_who_was_named_in_another_room_gets_nothing_of_this_one(home: Home) -> None:
    home.say()
    sitting = Sitting()
    assert home.stop(sitting, DEE) is Stop.NOTHING
    with refused("unknown-recording"):
        home.household.review.open(sitting, DEE, home.show(Sitting(), CLEO), Part.SOUND)
    assert home.kinds(DEE)[0] == "refused"
    home.say(room=STUDY)
    assert home.hear(sitting, DEE, home.show(sitting, DEE)) == SECRET


def test_who_is_not_heard_in_a_recording_and_may_not_hear_it_deletes_nothing(home: Home) -> None:
    recording = home.say()
    with refused("not-yours"):
        home.household.delete([recording], DEE)
    assert home.kinds(DEE)[0] == "refused"
    assert home.household.delete([recording], ADA) == 1


def test_a_name_is_of_one_sitting_and_of_one_showing(home: Home) -> None:
    home.say()
    sitting = Sitting()
    names = [home.show(sitting, CLEO) for _ in range(5)]
    assert len(set(names)) == 5
    review = home.household.review
    for other, name in ((Sitting(), names[-1]), (sitting, names[0]), (sitting, "")):
        for attempt in (
            lambda other, name: review.open(other, CLEO, name, Part.WORDS),
            lambda other, name: review.judge(other, CLEO, name, Verdict.RIGHT, {}),
            lambda other, name: review.skip(other, CLEO, name),
            lambda other, name: review.destroy(other, CLEO, name),
            lambda other, name: review.give_up(other, CLEO, name),
        ):
            home.wait(REFUSALS_SECONDS)
            home.household.expire()
            before = home.kinds(CLEO)
            with refused("unknown-recording"):
                attempt(other, name)
            assert home.kinds(CLEO) == ["refused", *before]
    assert home.hear(sitting, CLEO, names[-1]) == SECRET
    home.say_of(sitting, CLEO, names[-1])
    with refused("unknown-recording"):
        review.open(sitting, CLEO, names[-1], Part.SOUND)


def test_a_listener_no_longer_named_gets_nothing_and_verdicts_go_with_the_key(
    home: Home,
) -> None:
    home.name(BEN, ADA, CLEO)
    recording = home.say()
    sitting = Sitting()
    home.judge(Sitting(), CLEO)
    home.judge(Sitting(), ADA)
    name = home.show(sitting, BEN)
    home.hear(sitting, BEN, name)
    assert home.read_by() == {(recording, ADA), (recording, BEN)}
    home.name(ADA, CLEO)
    for attempt in (
        lambda: home.household.review.open(sitting, BEN, name, Part.SOUND),
        lambda: home.household.review.judge(sitting, BEN, name, Verdict.RIGHT, {}),
        lambda: home.household.review.destroy(sitting, BEN, name),
    ):
        with refused("not-a-listener"):
            attempt()
    assert home.read_by() == {(recording, ADA)}
    home.household.withdraw(BEN, Purpose.KEEP, None, "panel")
    assert home.read_by() == set()
    assert home.household.database.read("SELECT * FROM reviewed") == []


def test_verdicts_are_deleted_with_the_recording_and_with_the_listening_key(home: Home) -> None:
    home.say()
    home.judge(Sitting(), CLEO)
    assert home.read_by()
    home.household.remove_key(BEN, SYSTEM)
    assert home.read_by() == set()
    home.wait(WEEK)
    home.household.expire()
    assert home.household.database.read("SELECT * FROM reviewed") == []


# A sitting


def test_a_verdict_is_taken_only_after_the_sound_was_handed_out_in_this_sitting(
    home: Home,
) -> None:
    home.say()
    review = home.household.review
    home.hear(other := Sitting(), CLEO, home.show(other, CLEO))
    sitting = Sitting()
    name = home.show(sitting, CLEO)
    with refused("not-heard"):
        review.judge(sitting, CLEO, name, Verdict.RIGHT, {})
    review.open(sitting, CLEO, name, Part.WORDS)
    with refused("not-heard"):
        review.judge(sitting, CLEO, name, Verdict.RIGHT, {})
    assert home.household.totals().verdicts[Verdict.RIGHT] == 0
    review.open(sitting, CLEO, name, Part.SOUND)
    home.say_of(sitting, CLEO, name)
    assert home.household.totals().verdicts[Verdict.RIGHT] == 1


def test_a_recording_is_judged_once_by_each(home: Home) -> None:
    recording = home.say()
    sittings = Sitting(), Sitting()
    names = [home.show(sitting, CLEO) for sitting in sittings]
    for sitting, name in zip(sittings, names, strict=True):
        home.hear(sitting, CLEO, name)
    home.say_of(sittings[0], CLEO, names[0])
    with refused("already-reviewed"):
        home.say_of(sittings[1], CLEO, names[1], Verdict.NOT_SPEECH)
    assert home.stop(Sitting(), CLEO) is Stop.NOTHING
    home.judge(Sitting(), BEN, Verdict.WRONG_ACTION)
    assert Counter(one["verdict"] for one in home.verdicts(BEN, recording)) == {
        "right": 1,
        "wrong-action": 1,
    }


def test_what_is_said_is_sealed_before_it_comes_here_and_only_its_readers_get_it(
    home: Home,
) -> None:
    recording = home.say()
    sitting = Sitting()
    name = home.show(sitting, CLEO)
    home.hear(sitting, CLEO, name)
    review = home.household.review
    opened = review.open(sitting, CLEO, name, Part.SOUND)
    assert opened.readers == (home.listeners[BEN].public,)
    for nonsense in (b"", b"what is the recipe", bytes(512), bytes(512 * 9 + 48)):
        with refused("bad-terms"):
            review.judge(sitting, CLEO, name, Verdict.RIGHT, {opened.readers[0]: nonsense})
    long = "\N{HUGGING FACE}" * 500
    keys = [home.listeners[person].public for person in (ADA, BEN, DEE)]
    sealed = seal_verdict(recording, "wrong-words", long, keys)
    review.judge(sitting, CLEO, name, Verdict.WRONG_WORDS, sealed)
    assert home.read_by() == {(recording, BEN)}
    assert home.verdicts(BEN, recording)[0]["words"] == long


def test_what_is_skipped_comes_again_in_another_sitting(home: Home) -> None:
    home.say("one")
    home.say("two")
    sitting = Sitting()
    name = home.show(sitting, CLEO)
    skipped = home.hear(sitting, CLEO, name)
    home.household.review.skip(sitting, CLEO, name)
    assert {skipped, home.judge(sitting, CLEO)} == {"one", "two"}
    assert home.stop(sitting, CLEO) is Stop.NOTHING
    assert home.judge(Sitting(), CLEO) == skipped


def test_the_last_verdict_can_be_taken_back_for_a_while(home: Home) -> None:
    recording = home.say("one")
    sitting = Sitting()
    review = home.household.review
    with refused("nothing-to-undo"):
        review.undo(sitting, CLEO)
    home.judge(sitting, CLEO, Verdict.NOT_SPEECH)
    home.wait(UNDO_SECONDS - 0.5)
    name = review.undo(sitting, CLEO)
    assert home.household.totals().verdicts[Verdict.NOT_SPEECH] == 0
    assert home.read_by() == set()
    home.say_of(sitting, CLEO, name)
    assert [one["verdict"] for one in home.verdicts(BEN, recording)] == ["right"]
    home.wait(UNDO_SECONDS + 0.5)
    with refused("nothing-to-undo"):
        review.undo(sitting, CLEO)
    home.say("two")
    home.judge(sitting, CLEO)
    with refused("nothing-to-undo"):
        review.undo(Sitting(), CLEO)
    review.undo(sitting, CLEO)
    with refused("nothing-to-undo"):
        review.undo(sitting, CLEO)


def test_what_is_sensitive_is_destroyed_for_everybody(home: Home) -> None:
    home.say()
    sitting = Sitting()
    name = home.show(sitting, CLEO)
    home.hear(sitting, CLEO, name)
    home.household.review.destroy(sitting, CLEO, name)
    assert not home.household.recordings(BEN)
    row = home.household.rows(ADA)[0]
    assert (row.kind, row.actor, row.detail["why"]) == ("deleted", CLEO, "review")
    with refused("nothing-to-undo"):
        home.household.review.undo(sitting, CLEO)


def test_a_recording_given_up_by_one_reviewer_stays_for_the_others(home: Home) -> None:
    recording = home.say()
    sitting = Sitting()
    name = home.show(sitting, CLEO)
    home.hear(sitting, CLEO, name)
    before = home.kinds(ADA)
    home.household.review.give_up(sitting, CLEO, name)
    assert home.kinds(ADA) == before, "the opening is recorded, but not why the review ended"
    home.restart()
    assert home.stop(Sitting(), CLEO) is Stop.NOTHING
    with refused("not-a-listener"):
        home.household.open_recording(recording, CLEO, Part.SOUND, OpenReason.OWN)
    sitting = Sitting()
    assert home.judge(sitting, BEN) == SECRET
    home.household.review.undo(sitting, BEN)
    name = home.show(sitting, BEN)
    home.household.review.give_up(sitting, BEN, name)
    assert home.household.totals().recordings == 0, "nobody could open it any more"


# Limits


def test_a_sitting_suggests_to_stop_and_may_be_continued(home: Home) -> None:
    for _ in range(RECORDINGS_BEFORE_REST + 2):
        home.say()
    sitting = Sitting()
    for number in range(RECORDINGS_BEFORE_REST):
        if number and number % BATCH_RECORDINGS == 0:
            assert home.stop(sitting, CLEO) is Stop.BATCH
        home.judge(sitting, CLEO, go_on=True)
    assert home.stop(sitting, CLEO) is Stop.REST
    home.judge(sitting, CLEO, go_on=True)
    home.wait(SECONDS_BEFORE_REST / 2)
    home.show(sitting, CLEO)
    for _ in range(4):
        home.wait(REST_SECONDS - 1)
        stop = home.household.review.next(sitting, CLEO)
    assert stop is Stop.REST
    home.wait(REST_SECONDS)
    home.show(sitting, CLEO)


def test_a_day_ends_whatever_clock_or_browser_says(home: Home) -> None:
    for number in range(RECORDINGS_A_DAY + 1):
        home.say(f"{number}")
    reviewed = set()
    for _ in range(RECORDINGS_A_DAY // BATCH_RECORDINGS):
        sitting = Sitting()
        reviewed |= {home.judge(sitting, CLEO) for _ in range(BATCH_RECORDINGS)}
    assert len(reviewed) == RECORDINGS_A_DAY

    def turn_clock_back() -> None:
        home.wall -= 3 * WEEK

    def wait_half_a_day() -> None:
        home.wait(12 * 3600)

    assert home.stop(Sitting(), CLEO, go_on=True) is Stop.ENOUGH
    for change in (home.restart, turn_clock_back, home.restart, wait_half_a_day):
        change()
        assert home.stop(Sitting(), CLEO, go_on=True) is Stop.ENOUGH
    home.show(Sitting(), BEN)
    home.wait(13 * 3600)
    home.judge(Sitting(), CLEO)


def test_the_end_of_a_day_holds_for_recordings_that_are_shown_already(home: Home) -> None:
    for _ in range(RECORDINGS_A_DAY + 1):
        home.say()
    waiting = Sitting()
    name = home.show(waiting, CLEO)
    sitting = Sitting()
    for _ in range(RECORDINGS_A_DAY):
        other = home.show(sitting, CLEO, go_on=True)
        home.household.review.open(sitting, CLEO, other, Part.WORDS)
        home.household.review.skip(sitting, CLEO, other)
    with refused("enough-today"):
        home.household.review.open(waiting, CLEO, name, Part.WORDS)
    sitting = Sitting()
    home.household.review.open(sitting, BEN, home.show(sitting, BEN), Part.WORDS)


# Which recording comes


def recording(number: int, captured: float, room: str = KITCHEN) -> Recording:
    return Recording(
        id=f"{number}",
        room=room,
        captured=captured,
        expires=captured + WEEK,
        seconds=2.0,
        members=frozenset({BEN}),
        listeners=frozenset({BEN}),
    )


def test_half_of_what_comes_was_said_again_soon_and_the_rest_is_random() -> None:
    calm = [recording(number, 1000.0 * number) for number in range(10)]
    repeated = [recording(20, 50_000.0), recording(21, 50_020.0)]
    elsewhere = [recording(30, 60_000.0), recording(31, 60_005.0, STUDY)]
    recordings = sorted([*calm, *repeated, *elsewhere], key=lambda one: -one.captured)
    chance = Random(7)  # noqa: S311 - repeatable
    shown = Counter(one.id for _ in range(1400) if (one := choose(recordings, (), (), chance)))
    assert set(shown) == {one.id for one in recordings}
    assert 650 < shown["20"] < 850
    assert all(20 < count < 80 for name, count in shown.items() if name != "20")
    assert choose(recordings, {one.id for one in recordings}, (), chance) is None
    assert all(choose(recordings, {"20"}, (), chance) != repeated[0] for _ in range(50))


def test_what_was_reported_comes_first_with_what_was_said_after_it() -> None:
    calm = [recording(number, 1000.0 * number) for number in range(10)]
    reported = [recording(20, 50_000.0), recording(21, 70_000.0)]
    after = [recording(30, 50_060.0), recording(31, 70_020.0)]
    others = [recording(40, 50_061.0), recording(41, 50_010.0, STUDY)]
    recordings = sorted([*calm, *reported, *after, *others], key=lambda one: -one.captured)
    chance = Random(7)  # noqa: S311 - repeatable
    seen: list[str] = []
    while one := choose(recordings, seen, {"20", "21"}, chance):
        seen.append(one.id)
    assert set(seen[:4]) == {"20", "21", "30", "31"}
    assert len(seen) == len(recordings)


def test_a_reported_recording_is_reviewed_before_all_others(home: Home) -> None:
    for _ in range(3):
        home.say()
    wrong = home.report()
    home.wait(61)
    for _ in range(3):
        home.say()
    home.restart()
    sitting = Sitting()
    assert sitting.recording(home.show(sitting, CLEO)) == wrong
    assert home.household.delete_since(None, 0.0, SYSTEM) == 7
    assert home.household.database.read("SELECT * FROM reported") == []


# A sitting on its own


@given(
    st.lists(
        st.tuples(st.sampled_from(["next", "go on", "skip", "wait"]), st.floats(0, 1000)),
        max_size=200,
    )
)
def test_nobody_is_shown_more_than_a_batch_or_for_longer_without_being_asked(
    steps: list[tuple[str, float]],
) -> None:
    sitting, now, names = Sitting(), 0.0, list[str]()
    unasked: list[float] = []
    for step, seconds in steps:
        if step == "wait":
            now += seconds
        elif step == "skip":
            if names and (shown := sitting.recording(names[-1])):
                sitting.finish(shown)
        else:
            if step == "go on" or (unasked and now >= unasked[-1] + REST_SECONDS):
                unasked.clear()
            if sitting.stop(now, go_on=step == "go on") is None:
                names.append(sitting.show(f"{len(names)}", now))
                unasked.append(now)
        assert len(unasked) <= BATCH_RECORDINGS
        assert not unasked or unasked[-1] <= unasked[0] + SECONDS_BEFORE_REST
    assert len(set(names)) == len(names)
    assert not any(sitting.recording(name) for name in names[:-1])


# The store


def test_a_store_from_before_reviews_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "household.log.sqlite"
    home = Home(path)
    kept = home.say()
    home.household.close()
    make_older(path, 1)
    home.start()
    for _ in range(2):
        home.restart()
        assert [one.id for one in home.household.recordings(CLEO)] == [kept]
    assert home.judge(Sitting(), CLEO) == SECRET
    assert home.household.verify().ok
    home.household.close()
