"""Announcements in a room about keeping and listeners, with a clock that the test sets."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

import pytest
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.indoor_voice.household.announcer import SETTLING_SECONDS

from .logins import KITCHEN, Home

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import ServiceCall

ENTITY: Final = "assist_satellite.kitchen"


class Kitchen:
    """A room of which Ada is a listener and Ben at times, while hours pass."""

    def __init__(self, home: Home, freezer: FrozenDateTimeFactory) -> None:
        self._home = home
        self._freezer = freezer
        self.said: list[str] = []
        self._ben_listens = False
        home.hass.services.async_register("assist_satellite", "announce", self._announce)
        self.is_there(is_there=True)

    async def _announce(self, call: ServiceCall) -> None:
        self.said.append(call.data["message"])

    def is_there(self, *, is_there: bool) -> None:
        self._home.hass.states.async_set(ENTITY, "idle" if is_there else "unavailable")

    async def begin(self) -> None:
        """Make everyone name Ada and Ben, and then consent to keeping."""
        people = self._home.people
        await self._home.ada.add_listening_key()
        for login in people:
            await login.name(KITCHEN, *(one for one in people[:2] if one is not login))
        for login in people:
            await login.agree(KITCHEN)

    async def change(self) -> None:
        """Make Ben a listener, or remove him as one."""
        if self._ben_listens:
            await self._home.ben.ask("key/remove")
        else:
            await self._home.ben.add_listening_key()
        self._ben_listens = not self._ben_listens

    async def keep_nothing(self, *, nothing: bool) -> None:
        await self._home.ada.ask("pause/set", scope="household", paused=nothing)

    async def advance(self, seconds: float) -> None:
        """Advance the time, and run what is due."""
        self._freezer.tick(seconds)
        async_fire_time_changed(self._home.hass, dt_util.utcnow())
        await self._home.hass.async_block_till_done(wait_background_tasks=True)

    async def at(self, day: int, hour: int, minute: int = 0) -> None:
        """Set the time, and then a minute later."""
        there = datetime(2026, 11, day, hour, minute, tzinfo=dt_util.get_default_time_zone())
        now = dt_util.now()
        assert there > now
        await self.advance((there - now).total_seconds())
        await self.advance(61)

    async def hears(self) -> list[str]:
        """Wait until changes have settled; return what has been said since the last call."""
        await self.advance(SETTLING_SECONDS + 1)
        said, self.said = self.said, []
        return [_short(message) for message in said]


def _short(message: str) -> str:
    for part, short in (("is kept for up", "begins"), ("nothing", "ends"), ("changed", "others")):
        if part in message:
            return short
    return message


@pytest.fixture
async def kitchen(home: Home, freezer: FrozenDateTimeFactory) -> Kitchen:
    """A kitchen on Friday noon, in which keeping has started."""
    kitchen = Kitchen(home, freezer)
    freezer.move_to(datetime(2026, 11, 20, 12, tzinfo=dt_util.get_default_time_zone()))
    await kitchen.begin()
    assert await kitchen.hears() == ["begins"]
    return kitchen


async def test_by_day_each_change_of_who_listens_is_said_once(kitchen: Kitchen) -> None:
    for _ in range(2):
        await kitchen.change()
        assert await kitchen.hears() == ["others"]
        await kitchen.advance(61)
        assert await kitchen.hears() == []


async def test_changes_in_a_row_are_said_in_one_sentence_when_they_are_over(
    kitchen: Kitchen,
) -> None:
    for _ in range(3):
        await kitchen.change()
        await kitchen.advance(SETTLING_SECONDS - 1)
        assert not kitchen.said
    assert await kitchen.hears() == ["others"]


async def test_what_is_as_it_was_told_needs_no_word(kitchen: Kitchen) -> None:
    for _ in range(2):
        await kitchen.change()
    assert await kitchen.hears() == []


async def test_at_night_who_listens_is_said_once_and_the_rest_in_the_morning(
    kitchen: Kitchen,
) -> None:
    await kitchen.at(20, 22)
    await kitchen.change()
    assert await kitchen.hears() == ["others"]
    for day, hour, minute in ((20, 23, 30), (21, 0, 1), (21, 3, 0), (21, 6, 40)):
        await kitchen.at(day, hour, minute)
        await kitchen.change()
        assert await kitchen.hears() == []
    await kitchen.change()  # otherwise nothing would differ from what was announced
    await kitchen.at(21, 7)
    assert await kitchen.hears() == ["others"]
    await kitchen.at(21, 22, 30)
    await kitchen.change()
    assert await kitchen.hears() == ["others"], "another night"


async def test_what_was_changed_by_night_for_the_first_time_is_not_put_off(
    kitchen: Kitchen,
) -> None:
    await kitchen.at(21, 2)
    await kitchen.change()
    assert await kitchen.hears() == ["others"]


async def test_that_keeping_begins_or_ends_is_said_at_night_too(kitchen: Kitchen) -> None:
    await kitchen.at(20, 23)
    await kitchen.change()
    assert await kitchen.hears() == ["others"]
    for nothing, said in ((True, "ends"), (False, "begins"), (True, "ends")):
        await kitchen.keep_nothing(nothing=nothing)
        assert await kitchen.hears() == [said]


async def test_who_was_away_is_told_when_it_is_back_and_not_before_the_morning(
    kitchen: Kitchen,
) -> None:
    await kitchen.at(20, 22)
    await kitchen.change()
    assert await kitchen.hears() == ["others"]
    kitchen.is_there(is_there=False)
    await kitchen.change()
    assert await kitchen.hears() == []
    await kitchen.at(21, 6)
    kitchen.is_there(is_there=True)
    assert await kitchen.hears() == []
    await kitchen.at(21, 7)
    assert await kitchen.hears() == ["others"]
