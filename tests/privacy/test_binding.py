"""A consent holds for the room as it was seen; an older one, as it was when it was bound."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.privacy.store.ledger_rows import RowKind

from .older import forget_places, make_older
from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, SYSTEM, WEEK, Home


@pytest.fixture
def home(home: Home) -> Home:
    move(home, area="ground-floor-1", area_name="Kitchen")
    consent_again(home)
    home.say()
    return home


@pytest.fixture
def older(home: Home) -> Home:
    """The same household with a store of an earlier version, started."""
    return of_version(home, 2)


def of_version(home: Home, version: int) -> Home:
    home.household.close()
    forget_places(home.path)
    make_older(home.path, version)
    home.start()
    return home


def move(home: Home, **where: Any) -> None:
    """Move or replace the kitchen's satellite."""
    kitchen = replace(home.arrangement.rooms[KITCHEN], **where)
    rooms = {**home.arrangement.rooms, KITCHEN: kitchen}
    home.arrangement = replace(home.arrangement, rooms=rooms)
    home.household.arrange(home.arrangement, SYSTEM)


def consent_again(home: Home) -> None:
    for person in (CLEO, DEE):
        home.give(person, Purpose.LEFT_OUT, KITCHEN)
    for person in (ADA, BEN):
        home.give(person, Purpose.KEEP, KITCHEN, WEEK)
    home.name(ADA, BEN, CLEO)
    home.name(BEN, CLEO)


def nothing_holds(home: Home) -> bool:
    """Return whether everybody is asked again in the kitchen and nothing of it is kept."""
    status = home.household.status(KITCHEN)
    return (
        status.missing == status.members == {ADA, BEN, CLEO, DEE}
        and not status.recordings
        and not home.household.recordings(CLEO)
    )


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_consent_holds_where_it_was_given_and_its_person_sees_that(
    home: Home, version: int
) -> None:
    of_version(home, version)
    assert [recording.room for recording in home.household.recordings(CLEO)] == [KITCHEN]
    for person in (ADA, BEN, DEE):
        assert RowKind.CONSENT_BOUND.value in home.kinds(person)
    before = home.kinds(ADA)
    home.restart()
    assert home.kinds(ADA) == before, "it is bound once"


WHERE_ELSE = [
    {"area": "first-floor-1", "area_name": "Bedroom"},
    {"area": "ground-floor-2"},
    {"area_name": "Bedroom"},
    {"area": None, "area_name": ""},
    {"name": "Bedroom"},
    {"device": "another satellite's"},
]


@pytest.mark.parametrize("where", WHERE_ELSE, ids=str)
def test_an_older_consent_is_asked_for_again_where_the_room_is_another(
    older: Home, where: dict[str, Any]
) -> None:
    move(older, **where)
    assert nothing_holds(older)
    older.restart()
    assert nothing_holds(older)


@pytest.mark.parametrize("where", WHERE_ELSE, ids=str)
def test_a_consent_is_asked_for_again_where_the_room_is_another(
    home: Home, where: dict[str, Any]
) -> None:
    home.household.close()
    kitchen = replace(home.arrangement.rooms[KITCHEN], **where)
    home.arrangement = replace(home.arrangement, rooms={**home.arrangement.rooms, KITCHEN: kitchen})
    home.start()  # it changed while Home Assistant was off
    assert nothing_holds(home)
    consent_again(home)
    home.say()
    assert len(home.household.recordings(CLEO)) == 1


def test_what_was_deleted_with_a_room_does_not_come_back_with_it(home: Home) -> None:
    """The consents hold again for the original room, but only for new recordings."""
    there = home.arrangement.rooms[KITCHEN]
    move(home, area="first-floor-1", area_name="Bedroom")
    move(home, area=there.area, area_name=there.area_name)
    assert home.household.status(KITCHEN).recordings == 0
    assert not home.household.status(KITCHEN).missing
    home.say()
    assert len(home.household.recordings(CLEO)) == 1


def test_an_older_consent_does_not_hold_in_a_room_that_is_not_there(home: Home) -> None:
    """Otherwise a later room with that name would be taken for the room that was seen."""
    home.household.close()
    forget_places(home.path)
    make_older(home.path, 2)
    rooms = dict(home.arrangement.rooms)
    kitchen = rooms.pop(KITCHEN)
    home.arrangement = replace(home.arrangement, rooms=rooms)
    home.start()
    home.arrangement = replace(home.arrangement, rooms={**rooms, KITCHEN: kitchen})
    home.household.arrange(home.arrangement, SYSTEM)
    assert nothing_holds(home)
