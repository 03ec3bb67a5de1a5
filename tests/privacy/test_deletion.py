"""Every way of deleting recordings, keys and verdicts also scrubs the files."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.privacy.sitting import Sitting
from custom_components.indoor_voice.privacy.types import Actor, Verdict

from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, SYSTEM, WEEK, Home

if TYPE_CHECKING:
    from collections.abc import Callable

    from custom_components.indoor_voice.privacy.people import Ceiling

ADAS = Actor(person=ADA, how="panel")


def by_its_member(home: Home) -> None:
    home.household.delete([recording.id for recording in home.household.recordings(ADA)], ADA)


def by_voice(home: Home) -> None:
    while home.household.delete_last(KITCHEN, ADAS, WEEK):
        pass


def by_voice_since(home: Home) -> None:
    home.household.delete_since(None, 0.0, ADAS)


def by_age(home: Home) -> None:
    home.wait(WEEK + 1)
    home.household.expire()


def by_withdrawal(home: Home) -> None:
    home.household.withdraw(BEN, Purpose.KEEP, None, "panel")


def by_a_shorter_limit(home: Home) -> None:
    home.wait(120)
    home.give(ADA, Purpose.KEEP, KITCHEN, 60.0)


def by_size(home: Home) -> None:
    lower(home, replace(home.arrangement.ceiling, max_bytes=0))


def by_the_ceilings_retention(home: Home) -> None:
    home.wait(120)
    lower(home, replace(home.arrangement.ceiling, retention_seconds=60.0))


def lower(home: Home, ceiling: Ceiling) -> None:
    home.arrangement = replace(home.arrangement, ceiling=ceiling)
    home.household.arrange(home.arrangement, SYSTEM)


def by_the_end_of_accounts(home: Home) -> None:
    people = {DEE: home.arrangement.people[DEE]}
    home.arrangement = replace(home.arrangement, people=people, accounts=frozenset({DEE}))
    home.household.arrange(home.arrangement, SYSTEM)


def by_the_end_of_the_room(home: Home) -> None:
    rooms = {id_: room for id_, room in home.arrangement.rooms.items() if id_ != KITCHEN}
    home.arrangement = replace(home.arrangement, rooms=rooms)
    home.household.arrange(home.arrangement, SYSTEM)


def by_the_listening_keys(home: Home) -> None:
    for person in (ADA, BEN, CLEO):
        home.household.remove_key(person, Actor(person=person, how="panel"))


def by_review(home: Home) -> None:
    for person in (CLEO, ADA):  # each is shown what they have not judged yet
        sitting = Sitting()
        home.household.review.destroy(sitting, person, home.show(sitting, person))


PATHS = [
    by_its_member,
    by_voice,
    by_voice_since,
    by_age,
    by_withdrawal,
    by_a_shorter_limit,
    by_size,
    by_the_ceilings_retention,
    by_the_end_of_accounts,
    by_the_end_of_the_room,
    by_the_listening_keys,
    by_review,
]


@pytest.fixture
def home(home: Home) -> Home:
    home.name(BEN, ADA, CLEO)
    home.say()
    home.say()
    home.judge(Sitting(), CLEO, Verdict.WRONG_WORDS, "what is the recipe")
    return home


def sealed(home: Home) -> list[bytes]:
    """Return pieces of all sealed data in the store."""
    read = home.household.database.read
    pieces = read("SELECT words, sound FROM clip")
    pieces += read("SELECT sealed FROM sealed_key") + read("SELECT sealed FROM verdict")
    return [whole[at : at + 16] for row in pieces for whole in row for at in (0, 32, 64)]


def found(home: Home, pieces: list[bytes]) -> set[bool]:
    raw = b"".join(file.read_bytes() for file in home.path.parent.iterdir())
    return {piece in raw for piece in pieces}


@pytest.mark.parametrize("delete", PATHS)
def test_nothing_of_a_deleted_recording_is_in_the_files(
    home: Home, delete: Callable[[Home], None]
) -> None:
    pieces = sealed(home)
    assert found(home, pieces) == {True}
    delete(home)
    assert sealed(home) == []
    assert found(home, pieces) == {False}


def test_nothing_of_a_verdict_that_was_taken_back_is_in_the_files(home: Home) -> None:
    before = sealed(home)
    sitting = Sitting()
    home.judge(sitting, CLEO)
    pieces = [piece for piece in sealed(home) if piece not in before]
    assert found(home, pieces) == {True}
    home.household.review.undo(sitting, CLEO)
    assert found(home, pieces) == {False}


def test_nothing_of_the_key_that_one_listener_gave_up_is_in_the_files(home: Home) -> None:
    sitting = Sitting()
    before = sealed(home)
    home.household.review.give_up(sitting, CLEO, home.show(sitting, CLEO))
    pieces = [piece for piece in before if piece not in sealed(home)]
    assert pieces
    assert found(home, pieces) == {False}
