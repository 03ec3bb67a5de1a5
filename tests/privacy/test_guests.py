"""Guest mode for an evening: no jump of the clock shortens it."""

import math

import pytest

from custom_components.indoor_voice.privacy.people import DAY_SECONDS

from .reviewing import KITCHEN, SYSTEM, Home

HOUR = 3_600.0


@pytest.fixture
def home(home: Home) -> Home:
    """A household with guest mode on for eight hours."""
    home.household.pause(actor=SYSTEM, guests_until=home.wall + 8 * HOUR)
    return home


def has_guests(home: Home) -> bool:
    guests = home.household.status(KITCHEN).paused == "guests"
    home.household.expire()
    assert guests == (home.household.pauses.guests_until is not None)
    return guests


def stay_for(home: Home, hours: float) -> None:
    """Check that guest mode lasts exactly this much longer."""
    home.wait((hours - 0.1) * HOUR)
    assert has_guests(home)
    home.wait(0.2 * HOUR)
    home.household.expire()
    assert not has_guests(home)


def test_it_ends_by_itself(home: Home) -> None:
    stay_for(home, 8)
    assert home.household.status(KITCHEN).keeps_for_seconds > 0


@pytest.mark.parametrize("days", [0.5, 1, 40, 401, 3650])
def test_a_clock_that_leaps_ahead_and_back_ends_nothing(home: Home, days: float) -> None:
    home.wait(HOUR)
    for _ in range(3):
        home.wall += days * DAY_SECONDS
        assert has_guests(home)
        home.wall -= days * DAY_SECONDS
        assert has_guests(home)
        home.restart()
        assert has_guests(home)
    stay_for(home, 7)


def test_a_clock_that_is_put_forward_while_it_is_stopped_ends_nothing(home: Home) -> None:
    home.household.close()
    home.wait(HOUR)
    home.wall += DAY_SECONDS
    home.start()
    assert has_guests(home)
    stay_for(home, 7)


def test_a_night_in_which_it_was_off_counts(home: Home) -> None:
    home.household.close()
    home.wait(9 * HOUR)
    home.start()
    home.household.expire()
    assert not has_guests(home)


def test_guest_mode_without_an_end_continues(home: Home) -> None:
    home.household.pause(actor=SYSTEM, guests_until=math.inf)
    home.wall += 3650 * DAY_SECONDS
    home.restart()
    assert has_guests(home)
    home.household.pause(actor=SYSTEM, guests_until=0.0)
    assert home.household.pauses.guests_until is None


def test_an_end_that_a_person_chooses_is_wall_clock_time(home: Home) -> None:
    """The clock was wrong for a while; the household's own clock continues from there."""
    home.wall += 2 * DAY_SECONDS
    home.household.expire()
    home.wall -= 2 * DAY_SECONDS
    until = home.wall + HOUR
    home.household.pause(actor=SYSTEM, guests_until=until)
    assert home.household.pauses.guests_until == pytest.approx(until, abs=1)
    home.wait(0.9 * HOUR)
    assert has_guests(home)
    home.restart()
    assert has_guests(home)
    home.wait(0.2 * HOUR)
    home.household.expire()
    assert not has_guests(home)
