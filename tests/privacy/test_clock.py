"""The clock under all jumps and restarts that Hypothesis generates."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.store.clock import Clock

START = 1_800_000_000.0
YEAR = 365 * 86_400.0


def near(seconds: float) -> object:
    return pytest.approx(seconds, rel=0, abs=1e-3)


class World:
    """A wall clock that anybody can set, and passing time."""

    def __init__(self) -> None:
        self.wall = START
        self.elapsed = 0.0

    def clock(self) -> Clock:
        return Clock(wall=lambda: self.wall, elapsed=lambda: self.elapsed)

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.elapsed += seconds


steps = st.one_of(
    st.tuples(st.just("passes"), st.floats(0, 30 * 86_400)),
    st.tuples(st.just("set"), st.floats(START - 60 * YEAR, START + 60 * YEAR)),
    st.tuples(st.just("restart"), st.floats(0, 86_400)),
    st.tuples(st.just("read"), st.just(0.0)),
)


@given(st.lists(steps, max_size=40))
def test_never_goes_back_over_jumps_and_restarts(script: list[tuple[str, float]]) -> None:
    world = World()
    clock = world.clock()
    latest = clock.now()
    for what, value in script:
        if what == "passes":
            world.passes(value)
        elif what == "set":
            world.wall = value
        elif what == "restart":
            world.wall += value
            world.elapsed = 0.0
            clock = world.clock()
            clock.resume(latest)
        now = clock.now()
        assert now > latest
        assert now >= world.wall
        latest = now


@given(st.lists(st.floats(0, 86_400), max_size=20), st.floats(-60 * YEAR, 60 * YEAR))
def test_what_is_to_end_in_a_while_ends_then_however_the_wall_clock_is_set(
    passing: list[float], jump: float
) -> None:
    world = World()
    clock = world.clock()
    begun = clock.now()
    world.wall += jump
    for seconds in passing:
        world.passes(seconds)
        clock.now()
    assert clock.now() - begun >= sum(passing) - 1e-3


def test_shows_the_wall_clock_where_nobody_turns_it_back() -> None:
    world = World()
    clock = world.clock()
    assert clock.now() == START
    world.passes(60)
    assert clock.now() == START + 60
    assert clock.behind_seconds == 0
    world.wall += YEAR
    assert clock.now() == world.wall
    assert clock.behind_seconds == 0


def test_tells_how_far_it_was_turned_back_and_counts_on() -> None:
    world = World()
    clock = world.clock()
    clock.now()
    world.wall -= 3_600
    world.passes(10)
    assert clock.behind_seconds == near(3_600)
    assert clock.now() == near(START + 10)
    assert clock.behind_seconds == near(3_600)


def test_continues_from_the_time_of_an_earlier_process() -> None:
    world = World()
    clock = world.clock()
    clock.resume(START + 3_600)
    assert clock.behind_seconds == near(3_600)
    world.passes(5)
    assert clock.now() == near(START + 3_605)


def test_an_older_mark_changes_nothing() -> None:
    world = World()
    clock = world.clock()
    before = clock.now()
    clock.resume(before - 100)
    assert clock.now() == near(before)


@pytest.mark.parametrize("mark", [math.nan, math.inf, -math.inf])
def test_refuses_what_is_no_time(mark: float) -> None:
    with pytest.raises(ValueError, match="mark"):
        World().clock().resume(mark)
