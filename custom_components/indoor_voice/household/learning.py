"""Makes Home Assistant and the satellites do what the household's lessons say, and nothing else.

Only lessons that the opened store has count. While the store can't be opened, for example because
somebody changed it, nothing is learned; what was learned before is taken back.
"""

import asyncio
from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..assistant.learned import LEARNED, Learned, Mishearing
from ..privacy.lessons.content import Correction, Names
from .aliases import LearnedAliases
from .keeper import KEEPER, SIGNAL_HOUSEHOLD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeassistant.core import HomeAssistant

    from ..privacy.lessons.lesson import Lesson


class Learning:
    """Follows the lessons that are in use."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize without lessons."""
        self._hass = hass
        self._aliases = LearnedAliases(hass)
        self._one_at_a_time = asyncio.Lock()
        self._followed: tuple[Lesson, ...] | None = None

    async def async_begin(self) -> None:
        """Follow the lessons from now on."""
        await self._aliases.async_load()
        async_dispatcher_connect(self._hass, SIGNAL_HOUSEHOLD, self._changed)
        await self.async_follow()

    @callback
    def _changed(self) -> None:
        self._hass.async_create_task(self.async_follow(), eager_start=True)

    async def async_follow(self) -> None:
        """Apply the lessons that are in use now."""
        async with self._one_at_a_time:
            keeper = self._hass.data.get(KEEPER)
            lessons = () if keeper is None or keeper.view is None else keeper.view.lessons
            if lessons == self._followed:
                return
            self._followed = lessons
            self._hass.data[LEARNED] = _learned(lessons)
            await self._aliases.async_follow(lessons)


def _learned(lessons: Iterable[Lesson]) -> Learned:
    contents = [lesson.content for lesson in lessons]
    return Learned(
        mishearings=tuple(
            Mishearing(heard=one.heard, meant=one.meant, language=one.language)
            for one in contents
            if isinstance(one, Correction)
        ),
        names=tuple(
            dict.fromkeys(name for one in contents if isinstance(one, Names) for name in one.names)
        ),
    )
