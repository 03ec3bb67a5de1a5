"""What is learned from recordings, and how it is taken back."""

import base64
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.privacy.errors import NotAllowedError
from custom_components.indoor_voice.privacy.lessons.content import (
    WEIGHTS,
    LessonKind,
    content_of,
    kind_of,
)
from custom_components.indoor_voice.privacy.sitting import Sitting
from custom_components.indoor_voice.privacy.types import Actor, EndedTurn, Verdict

from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, SOUND, STUDY, SYSTEM, WEEK, Home

if TYPE_CHECKING:
    from collections.abc import Mapping

CORRECTION = {"heard": "kitchen mic", "meant": "kitchen light", "language": "en"}
FEATURES = bytes(range(256)) * 9


def weights(*values: float) -> str:
    filled = [*values, *[0.5] * (WEIGHTS - len(values))]
    return base64.b64encode(struct.pack(f"<{WEIGHTS}f", *filled)).decode()


VERIFIER = {
    "room": KITCHEN,
    "wake_word": "hey_jarvis",
    "weights": weights(),
    "bias": -1.5,
    "threshold": 0.25,
}


@pytest.fixture
def home(home: Home) -> Home:
    """The same home, where Ada and Ben have agreed to teach and may listen to each other."""
    home.name(BEN, ADA, CLEO)
    for person in (ADA, BEN):
        home.give(person, Purpose.TEACH, KITCHEN)
    return home


def teach(
    home: Home,
    *recordings: str,
    by: str = ADA,
    kind: LessonKind = LessonKind.CORRECTION,
    content: Mapping[str, Any] = CORRECTION,
) -> str:
    return home.household.teaching.approve(by, kind, content, recordings)


def states(home: Home) -> dict[str, bool]:
    return {lesson.id: lesson.is_on for lesson in home.household.teaching.of(ADA)}


def test_an_approved_lesson_is_in_use_and_everybody_heard_sees_it(home: Home) -> None:
    lesson = teach(home, home.say())
    assert [one.id for one in home.household.teaching.in_use()] == [lesson]
    for person in (ADA, BEN):
        assert [one.id for one in home.household.teaching.of(person)] == [lesson]
        row = home.household.rows(person)[0]
        assert (row.kind, row.actor, row.room) == ("lesson-approved", ADA, KITCHEN)
        assert row.detail == {"lesson": lesson, "kind": "correction", "clips": 1}
    for person in (CLEO, DEE):
        assert home.household.teaching.of(person) == []
        assert "lesson-approved" not in home.kinds(person)


def test_a_listener_who_is_not_heard_sees_the_lesson_that_they_approved(home: Home) -> None:
    lesson = teach(home, home.say(), by=CLEO)
    assert [one.id for one in home.household.teaching.of(CLEO)] == [lesson]


@pytest.mark.parametrize("who", [ADA, BEN])
def test_nothing_is_learned_unless_everybody_who_was_heard_agrees(home: Home, who: str) -> None:
    recording = home.say()
    home.household.withdraw(who, Purpose.TEACH, None, "panel")
    with pytest.raises(NotAllowedError, match="not-agreed-to-teach"):
        teach(home, recording)
    assert home.household.teaching.in_use() == []


def test_nobody_teaches_with_what_they_may_not_open(home: Home) -> None:
    recording = home.say()
    with pytest.raises(NotAllowedError, match="not-a-listener"):
        teach(home, recording, by=DEE)
    assert "refused" in home.kinds(ADA)


def test_a_source_that_vanished_meanwhile_is_refused(home: Home) -> None:
    recording = home.say()
    home.household.delete([recording], ADA)
    with pytest.raises(NotAllowedError, match="unknown-recording"):
        teach(home, recording)


def test_a_lesson_without_sources_is_refused(home: Home) -> None:
    with pytest.raises(NotAllowedError, match="bad-lesson"):
        teach(home)


def test_withdrawing_ends_at_once_what_rests_on_it(home: Home) -> None:
    teach(home, home.say())
    home.household.withdraw(BEN, Purpose.TEACH, None, "panel")
    assert home.household.teaching.in_use() == []
    assert home.household.teaching.of(ADA) == []
    assert home.kinds(ADA)[0] == "lesson-ended"
    assert home.household.rows(ADA)[0].detail["why"] == "withdrawn"


@pytest.mark.parametrize("ending", ["delete", "keep", "key", "review", "account"])
def test_deleting_a_source_ends_it_in_whatever_way(home: Home, ending: str) -> None:
    recording = home.say()
    teach(home, recording)
    match ending:
        case "delete":
            home.household.delete([recording], BEN)
        case "keep":
            home.household.withdraw(BEN, Purpose.KEEP, None, "panel")
        case "key":
            for person in (ADA, BEN, CLEO):
                home.household.remove_key(person, Actor(person=person, how="panel"))
        case "review":
            sitting = Sitting()
            home.household.review.destroy(sitting, CLEO, home.show(sitting, CLEO))
        case _:
            people = {id_: one for id_, one in home.arrangement.people.items() if id_ != BEN}
            without = replace(
                home.arrangement, people=people, accounts=home.arrangement.accounts - {BEN}
            )
            home.household.arrange(without, SYSTEM)
    assert home.household.teaching.of(ADA) == []


def test_what_rests_on_others_too_is_off_until_it_is_worked_out_again(home: Home) -> None:
    first, second = home.say(), home.say()
    lesson = teach(home, first, second)
    home.household.delete([first], ADA)
    assert states(home) == {lesson: False}
    assert home.household.teaching.in_use() == []
    assert home.kinds(BEN)[0] == "lesson-off"
    home.household.teaching.rebuild(BEN, lesson, CORRECTION, [second])
    assert states(home) == {lesson: True}
    assert home.kinds(ADA)[0] == "lesson-rebuilt"
    home.household.delete([second], ADA)
    assert states(home) == {}


def test_it_can_be_worked_out_again_from_nothing_else(home: Home) -> None:
    first, second, third = home.say(), home.say(), home.say()
    lesson = teach(home, first, second)
    rebuild = home.household.teaching.rebuild
    with pytest.raises(NotAllowedError, match="bad-lesson"):
        rebuild(ADA, lesson, CORRECTION, [second])  # it is on
    home.household.delete([first], ADA)
    other = CORRECTION | {"heard": "something else"}
    for content, sources in (
        (CORRECTION, [third]),
        (CORRECTION, [second, third]),
        (CORRECTION, []),
        (other, [second]),
        ({"names": ["x"]}, [second]),
    ):
        with pytest.raises(NotAllowedError, match="bad-lesson"):
            rebuild(ADA, lesson, content, sources)
    with pytest.raises(NotAllowedError, match="unknown-lesson"):
        rebuild(DEE, lesson, CORRECTION, [second])
    assert states(home) == {lesson: False}


def test_names_can_be_fewer_after_it_is_worked_out_again(home: Home) -> None:
    first, second = home.say(), home.say()
    lesson = teach(
        home, first, second, kind=LessonKind.NAMES, content={"names": ["Ovosec", "Tradfri"]}
    )
    home.household.delete([first], ADA)
    home.household.teaching.rebuild(ADA, lesson, {"names": ["Tradfri"]}, [second])
    (rebuilt,) = home.household.teaching.in_use()
    assert rebuilt.content.to_json() == {"names": ["Tradfri"]}


def test_expiry_does_not_end_a_lesson_but_withdrawing_afterwards_does(home: Home) -> None:
    lesson = teach(home, home.say())
    home.wait(WEEK + 1)
    home.household.expire()
    assert home.household.recordings(ADA) == []
    assert states(home) == {lesson: True}
    home.household.withdraw(BEN, Purpose.TEACH, None, "panel")
    assert states(home) == {}


def test_what_has_expired_unnoticed_is_no_deletion(home: Home) -> None:
    """The work of each minute was late, and a consent settled everything first."""
    lesson = teach(home, home.say())
    home.wait(WEEK + 1)
    home.give(DEE, Purpose.TEACH, STUDY)
    assert home.household.recordings(ADA) == []
    assert states(home) == {lesson: True}


def test_a_lesson_ends_with_the_validity_of_the_consent(home: Home) -> None:
    teach(home, home.say())
    home.wait(91 * 24 * 3600)
    home.household.expire()
    assert home.household.teaching.of(ADA) == []


def test_a_room_that_became_another_one_takes_its_lessons_along(home: Home) -> None:
    teach(home, home.say())
    rooms = dict(home.arrangement.rooms)
    rooms[KITCHEN] = replace(rooms[KITCHEN], name="Bedroom")
    home.household.arrange(replace(home.arrangement, rooms=rooms), SYSTEM)
    assert home.household.teaching.of(ADA) == []


def test_lessons_survive_a_restart_and_count_only_once_the_home_is_known(home: Home) -> None:
    lesson = teach(home, home.say())
    home.household.close()
    home.household = home.open()
    assert home.household.teaching.in_use() == []
    home.household.arrange(home.arrangement, SYSTEM)
    assert states(home) == {lesson: True}


@pytest.mark.parametrize("who", [ADA, BEN])
def test_anybody_who_was_heard_can_end_it(home: Home, who: str) -> None:
    lesson = teach(home, home.say())
    with pytest.raises(NotAllowedError, match="unknown-lesson"):
        home.household.teaching.end(CLEO, lesson)
    home.household.teaching.end(who, lesson)
    assert states(home) == {}
    assert home.household.rows(ADA)[0].detail["why"] == "asked"


def test_two_meanings_of_the_same_words_are_not_learned(home: Home) -> None:
    recording = home.say()
    teach(home, recording)
    with pytest.raises(NotAllowedError, match="already-learned"):
        teach(home, recording, content=CORRECTION | {"heard": "Kitchen Mic", "meant": "radio"})
    teach(home, recording, content=CORRECTION | {"language": "de"})


def test_a_verifier_is_for_the_room_of_its_recordings(home: Home) -> None:
    recording = home.say()
    with pytest.raises(NotAllowedError, match="bad-lesson"):
        teach(home, recording, kind=LessonKind.VERIFIER, content=VERIFIER | {"room": STUDY})
    teach(home, recording, kind=LessonKind.VERIFIER, content=VERIFIER)


# Evidence


def test_who_judged_reads_again_what_they_judged_and_the_ledger_says_so(home: Home) -> None:
    home.say("turn on the kitchen mic")
    home.say("not judged")
    sitting = Sitting()
    said = home.judge(sitting, ADA, Verdict.WRONG_WORDS, "turn on the kitchen light")
    before = home.household.totals().opened
    evidence = home.household.teaching.evidence(ADA)
    ((opened, teachable),) = home.household.teaching.read(ADA, evidence)
    content = home.listeners[ADA].open(opened.key, opened.recording, "words", opened.ciphertext)
    assert said.encode() in content
    assert len(opened.verdicts) == 1
    assert teachable
    assert home.household.totals().opened == before + 1
    row = home.household.rows(BEN)[0]
    assert (row.kind, row.actor) == ("opened", ADA)
    assert row.detail == {"clips": 1, "part": "words", "why": "teach"}


def test_what_the_wake_word_sounded_like_opens_with_the_same_key(home: Home) -> None:
    turn = EndedTurn(
        room=KITCHEN,
        understood=True,
        about_keeping=False,
        sound=SOUND,
        words={"transcript": "hello"},
        features=FEATURES,
    )
    home.household.turn_ended(turn)
    home.judge(Sitting(), ADA)
    evidence = home.household.teaching.evidence(ADA)
    ((opened, _),) = home.household.teaching.read(ADA, evidence)
    assert opened.features is not None
    listener = home.listeners[ADA]
    assert listener.open(opened.key, opened.recording, "features", opened.features) == FEATURES


def test_evidence_is_nothing_to_others_and_not_after_a_withdrawal(home: Home) -> None:
    home.say()
    home.judge(Sitting(), ADA)
    evidence = home.household.teaching.evidence(ADA)
    assert home.household.teaching.evidence(DEE) == []
    assert home.household.teaching.read(DEE, evidence) == []
    home.household.withdraw(BEN, Purpose.LISTEN, None, "panel")
    home.household.withdraw(BEN, Purpose.KEEP, None, "panel")
    assert home.household.teaching.read(ADA, evidence) == []
    with pytest.raises(NotAllowedError):
        home.household.teaching.evidence(None)


def test_a_month_tells_how_often_commands_were_misunderstood(home: Home) -> None:
    for _ in range(4):
        home.say()
    home.household.turn_ended(
        EndedTurn(room=KITCHEN, understood=False, about_keeping=False, sound=b"", words={})
    )
    sitting = Sitting()
    home.judge(sitting, ADA, Verdict.WRONG_ACTION)
    home.judge(sitting, ADA, Verdict.RIGHT)
    (month,) = home.household.months()
    assert (month.commands, month.misunderstood) == (5, 2)


# Content

GOOD: dict[LessonKind, dict[str, Any]] = {
    LessonKind.CORRECTION: CORRECTION,
    LessonKind.ALIAS: {"entity_id": "light.living_room_ceiling", "alias": "big light"},
    LessonKind.NAMES: {"names": ["Ovosec", "Zoë"]},
    LessonKind.THRESHOLD: {"room": KITCHEN, "wake_word": "hey_jarvis", "stricter": 2},
    LessonKind.VERIFIER: VERIFIER,
}


@pytest.mark.parametrize("kind", LessonKind)
def test_each_kind_is_read_and_written_alike(kind: LessonKind) -> None:
    content = content_of(kind, GOOD[kind])
    assert content.to_json() == GOOD[kind]
    assert kind_of(content) is kind


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (LessonKind.CORRECTION, {"heard": ""}),
        (LessonKind.CORRECTION, {"heard": " kitchen"}),
        (LessonKind.CORRECTION, {"heard": "kit\nchen"}),
        (LessonKind.CORRECTION, {"heard": "x" * 101}),
        (LessonKind.CORRECTION, {"heard": "Kitchen light"}),
        (LessonKind.CORRECTION, {"heard": "…"}),
        (LessonKind.CORRECTION, {"heard": "u\u0308ber"}),
        (LessonKind.CORRECTION, {"heard": "a\u202eb"}),
        (LessonKind.CORRECTION, {"language": "english, please"}),
        (LessonKind.CORRECTION, {"more": 1}),
        (LessonKind.ALIAS, {"entity_id": "light"}),
        (LessonKind.ALIAS, {"entity_id": "light.x; drop"}),
        (LessonKind.NAMES, {"names": []}),
        (LessonKind.NAMES, {"names": ["a", "A"]}),
        (LessonKind.NAMES, {"names": ["a"] * 21}),
        (LessonKind.NAMES, {"names": "abc"}),
        (LessonKind.THRESHOLD, {"stricter": 0}),
        (LessonKind.THRESHOLD, {"stricter": -1}),
        (LessonKind.THRESHOLD, {"stricter": 4}),
        (LessonKind.THRESHOLD, {"stricter": True}),
        (LessonKind.THRESHOLD, {"wake_word": "../secret"}),
        (LessonKind.VERIFIER, {"weights": weights(float("nan"))}),
        (LessonKind.VERIFIER, {"weights": weights(float("inf"))}),
        (LessonKind.VERIFIER, {"weights": "AAAA"}),
        (LessonKind.VERIFIER, {"weights": "?"}),
        (LessonKind.VERIFIER, {"bias": float("nan")}),
        (LessonKind.VERIFIER, {"threshold": "0"}),
    ],
)
def test_what_makes_no_sense_is_refused(
    home: Home, kind: LessonKind, change: dict[str, Any]
) -> None:
    with pytest.raises(NotAllowedError, match="bad-lesson"):
        teach(home, home.say(), kind=kind, content=GOOD[kind] | change)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@given(kind=st.sampled_from(LessonKind), field=st.integers(0, 4), value=JSON)
def test_whatever_a_browser_sends_is_read_or_refused(
    kind: LessonKind, field: int, value: object
) -> None:
    names = list(GOOD[kind])
    changed: object = GOOD[kind] | {names[field % len(names)]: value}
    for data in (changed, value):
        try:
            content = content_of(kind, data)
        except ValueError:
            continue
        assert content_of(kind, content.to_json()) == content
