"""What a list of recordings tells: the time of day only to the people who were there."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.util import dt as dt_util
from hypothesis import given
from hypothesis import strategies as st

from custom_components.indoor_voice.api.listing import Listing
from custom_components.indoor_voice.privacy.people import DAY_SECONDS
from custom_components.indoor_voice.privacy.store.recordings import Recording

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_TIME: Final = st.integers(0, 86_399)
_MADE: Final = st.tuples(st.integers(0, 2), _TIME, st.sampled_from([("ada",), ("ben",)]))
"""The day, the second of the day and the people who were expected in the room."""


def recordings(made: list[tuple[int, int, tuple[str, ...]]]) -> list[Recording]:
    """Return recordings, newest first, as the store does."""
    midnight = dt_util.start_of_local_day(date(2026, 11, 20)).timestamp()
    found = [
        Recording(
            id=f"{number}",
            room=f"room of {members[0]}",
            captured=midnight + day * DAY_SECONDS + second,
            expires=midnight + (day + 7) * DAY_SECONDS + second,
            seconds=number + 0.4,
            members=frozenset(members),
            listeners=frozenset({"ada"}),
        )
        for number, (day, second, members) in enumerate(made)
    ]
    return sorted(found, key=lambda one: one.captured, reverse=True)


def told(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is shown without the random names, in an order that does not depend on them."""
    bare = [{key: what for key, what in one.items() if key != "recording"} for one in shown]
    return sorted(
        bare, key=lambda one: (one["day"], one["room"], one["time"] or "", one["seconds"])
    )


@given(st.lists(_MADE, max_size=8), st.data())
def test_others_learn_the_day_and_never_the_time_or_the_order(
    made: list[tuple[int, int, tuple[str, ...]]], data: st.DataObject
) -> None:
    """A list is the same whenever in the day the recordings of other rooms were made."""
    moved = [
        (day, second if "ada" in members else data.draw(_TIME), members)
        for day, second, members in made
    ]
    first, second = (Listing().show(recordings(one), "ada", len(made)) for one in (made, moved))
    assert told(first) == told(second)
    for shown in (first, second):
        by_day = [(one["day"], one["own"]) for one in shown]
        assert by_day == sorted(by_day, reverse=True)
        others = [(one["day"], one["recording"]) for one in shown if not one["own"]]
        assert others == sorted(others, reverse=True), "in the order of their random names"
        assert all((one["time"] is not None) == one["own"] for one in shown)


@given(st.lists(_MADE, min_size=2, max_size=8), st.data())
def test_a_shorter_list_does_not_tell_when_others_were_made(
    made: list[tuple[int, int, tuple[str, ...]]], data: st.DataObject
) -> None:
    """How many of other rooms a shorter list has depends on the day alone."""
    moved = [
        (day, second if "ada" in members else data.draw(_TIME), members)
        for day, second, members in made
    ]
    for limit in range(1, len(made)):
        first, second = (
            [
                (one["day"], one["time"])
                for one in Listing().show(recordings(one_list), "ada", limit)
            ]
            for one_list in (made, moved)
        )
        assert first == second


async def test_the_time_is_the_households_local_time_and_the_length_in_whole_seconds(
    hass: HomeAssistant,
) -> None:
    await hass.config.async_set_time_zone("Europe/Helsinki")
    captured = datetime(2026, 11, 20, 23, 30, tzinfo=UTC).timestamp()
    (recording,) = recordings([(0, 0, ("ada",))])
    recording = replace(recording, captured=captured, seconds=3.6)
    (shown,) = Listing().show([recording], "ada", 1)
    assert (shown["day"], shown["time"], shown["seconds"]) == ("2026-11-21", "01:30:00", 4)
