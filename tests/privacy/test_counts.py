"""The counts add up: commands were kept or dropped, recordings exist or were deleted."""

from custom_components.indoor_voice.privacy.people import DAY_SECONDS
from custom_components.indoor_voice.privacy.store.ledger_rows import RowKind

from .reviewing import ADA, KITCHEN, SYSTEM, Home


def add_up(home: Home) -> tuple[int, int, int, int]:
    """Check the counts; return how many recordings were kept, exist, were deleted, and expired."""
    totals = home.household.totals()
    assert totals.captured == totals.kept + sum(totals.dropped.values())
    assert totals.kept == totals.recordings + totals.deleted
    return totals.kept, totals.recordings, totals.deleted, totals.expired


def test_it_counts_apart_what_was_deleted_because_its_time_was_over(home: Home) -> None:
    first = home.say()
    home.say()
    assert add_up(home) == (2, 2, 0, 0)
    home.household.delete([first], ADA)
    assert add_up(home) == (2, 1, 1, 0)
    home.wait(8 * DAY_SECONDS)
    home.household.expire()
    assert add_up(home) == (2, 0, 2, 1)
    home.household.note_failure()
    add_up(home)


def test_counts_add_up_also_where_the_oldest_are_forgotten(home: Home) -> None:
    home.say()
    home.wait(395 * DAY_SECONDS)
    home.household.expire()
    for _ in range(8):
        home.wait(DAY_SECONDS)
        home.household.expire()
        assert add_up(home) == (1, 0, 1, 1), "kept on a day that is forgotten, deleted later"
    home.wait(400 * DAY_SECONDS)
    home.household.expire()
    assert add_up(home) == (0, 0, 0, 0)


def test_it_shows_by_which_way_something_was_done_by_who_is_nobody_here(home: Home) -> None:
    home.say()
    home.household.delete_last(KITCHEN, SYSTEM, 600)
    ways = {row.kind: row.detail.get("how") for row in home.household.rows(ADA)}
    assert ways[RowKind.CEILING_CHANGED] == ways[RowKind.DELETED] == "system"
