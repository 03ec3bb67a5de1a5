"""The ledger ages by running time, not by jumps of the clock, and shows where it begins."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.household import Household
from custom_components.indoor_voice.privacy.people import DAY_SECONDS
from custom_components.indoor_voice.privacy.store.clock import Clock
from custom_components.indoor_voice.privacy.store.ledger import ROW_LIFE_SECONDS
from custom_components.indoor_voice.privacy.store.ledger_rows import RowKind

from .reviewing import ADA, DEE, SYSTEM, Home

START = 1.8e9


def begins(home: Home) -> int | None:
    return home.household.verify().first


def test_a_clock_put_forward_by_more_than_a_rows_life_empties_no_ledger(home: Home) -> None:
    rows = home.household.verify().rows
    home.wall += 401 * DAY_SECONDS
    home.household.expire()
    found = home.household.verify()
    assert (found.ok, found.first, found.since) == (True, 1, START)
    assert found.rows > rows
    for person in (ADA, DEE):
        assert RowKind.CLOCK_JUMPED in home.kinds(person)
    row = next(row for row in home.household.rows(ADA) if row.kind is RowKind.CLOCK_JUMPED)
    assert row.detail == {"days": 401.0}
    assert home.household.totals().captured == 0
    for _ in range(30):
        home.wait(DAY_SECONDS)
        home.household.expire()
    assert begins(home) == 1


def test_nor_do_many_small_jumps(home: Home) -> None:
    for _ in range(450):
        home.wall += DAY_SECONDS - 1
        home.household.expire()
    assert begins(home) == 1


@pytest.mark.parametrize("counts_on", [True, False])
def test_a_year_and_more_in_which_nothing_ran_ages_nothing(home: Home, *, counts_on: bool) -> None:
    home.household.close()
    home.wall += 500 * DAY_SECONDS
    home.elapsed = home.elapsed + 500 * DAY_SECONDS if counts_on else 0.0
    home.start()
    home.household.close()  # before its first reading of the time
    home.start()
    home.household.expire()
    assert begins(home) == 1
    assert RowKind.CLOCK_JUMPED in home.kinds(DEE)


def test_rows_expire_by_running_time_even_after_a_jump(home: Home) -> None:
    home.wall += 401 * DAY_SECONDS
    home.household.expire()
    home.wait(ROW_LIFE_SECONDS - DAY_SECONDS)
    home.household.expire()
    assert begins(home) == 1
    home.wait(2 * DAY_SECONDS)
    home.household.expire()
    found = home.household.verify()
    assert found.ok
    assert found.first is not None
    assert found.first > 1
    assert found.since is not None
    assert found.since > START + 800 * DAY_SECONDS


def test_everybody_sees_where_the_ledger_begins_and_what_was_removed(home: Home) -> None:
    assert home.kinds(ADA)[-1] == RowKind.BEGUN
    home.wait(ROW_LIFE_SECONDS + DAY_SECONDS)
    home.household.expire()
    assert home.kinds(DEE)[0] == RowKind.AGED
    assert RowKind.BEGUN not in home.kinds(DEE)


hours = st.floats(0, 100 * 24).map(lambda number: number * 3_600)


@settings(max_examples=40)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(("runs", "jumps", "stops", "goes back")), hours),
        min_size=4,
        max_size=25,
    )
)
def test_no_row_expires_early_and_none_stays_long_after(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, float]]
) -> None:
    wall, elapsed, boot, lived = START, 0.0, 0, 0.0
    written: list[tuple[int, float]] = []
    path = tmp_path_factory.mktemp("ledger") / "store"

    def opened() -> Household:
        return Household.open(
            path, Clock(lambda: wall, lambda: elapsed, lambda: str(boot)), bytes(32)
        )

    household = opened()
    for what, seconds in steps:
        match what:
            case "runs":
                wall, elapsed, lived = wall + seconds, elapsed + seconds, lived + seconds
            case "jumps":
                wall += seconds
            case "goes back":
                wall -= seconds
            case _:
                household.close()
                wall, elapsed, boot = wall + seconds, 0.0, boot + 1
                household = opened()
        household.expire()
        household.note(RowKind.PAIRED, SYSTEM, None)
        written.append((household.head().seq, lived))
        found = household.verify()
        assert found.ok
        assert found.first is not None
        for seq, then in written:
            if lived - then < ROW_LIFE_SECONDS - 2 * 3_600:
                assert seq >= found.first, (lived - then) / DAY_SECONDS
            if lived - then > ROW_LIFE_SECONDS + 2 * DAY_SECONDS and what == "runs":
                assert seq < found.first or seconds < DAY_SECONDS
    household.close()
