"""Who tries what is not theirs is shown to those heard, and learns nothing by it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from custom_components.indoor_voice.privacy.ledger import Kind

from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, SYSTEM, Home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "household.sqlite")
    yield home
    home.household.close()


def test_who_came_into_the_room_later_does_not_learn_which_recording_a_name_is_of(
    home: Home,
) -> None:
    clip = home.say()
    home.household.called(CLEO, {"a name": clip})
    room = replace(home.arrangement.rooms[KITCHEN], excluded=frozenset({CLEO}))
    rooms = {**home.arrangement.rooms, KITCHEN: room}
    home.household.arrange(replace(home.arrangement, rooms=rooms), SYSTEM)
    assert DEE in home.household.status(KITCHEN).members
    home.household.refuse_names(DEE, ["a name"])
    refused = {
        person: [row for row in home.household.rows(person) if row.kind is Kind.REFUSED]
        for person in (ADA, BEN, DEE)
    }
    assert {row.detail.get("clip") for row in refused[ADA]} == {None, clip}
    assert refused[ADA] == refused[BEN]
    (row,) = refused[DEE]
    assert (row.actor, row.room, row.detail) == (DEE, None, {})
