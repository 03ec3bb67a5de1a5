"""Makes Home Assistant and the satellites do what the household's lessons say, and nothing else.

Only lessons that the opened store has count. While the store can't be opened, for example because
somebody changed it, nothing is learned; what was learned before is taken back.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..assistant.learned import LEARNED, Learned, Mishearing
from ..const import DOMAIN
from ..devices.entries import device_key, household_entry, satellite_entries
from ..link.verifiers import WakeVerifier
from ..privacy.lessons.content import Correction, Names, Threshold, Verifier
from ..privacy.strict_json import bytes_of
from .aliases import LearnedAliases
from .keeper import KEEPER, SIGNAL_HOUSEHOLD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeassistant.core import HomeAssistant

    from ..privacy.lessons.content import Content
    from ..privacy.lessons.lesson import Lesson
    from ..privacy.people import RoomId


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
        async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)
        self._changed()

    @callback
    def _changed(self) -> None:
        if self._is_known():
            self._tell_satellites()
            self._hass.async_create_task(self.async_follow(), eager_start=True)

    @callback
    def _entry_changed(self, _change: ConfigEntryChange, entry: ConfigEntry[Any]) -> None:
        if entry.domain == DOMAIN:
            self._changed()

    def _is_known(self) -> bool:
        """Return whether it is known what counts: not while the household is starting."""
        entry = household_entry(self._hass)
        return (
            KEEPER in self._hass.data
            or entry is None
            or entry.disabled_by is not None
            or entry.state is ConfigEntryState.SETUP_ERROR
        )

    async def async_follow(self) -> None:
        """Apply the lessons that are in use now."""
        async with self._one_at_a_time:
            lessons = self._lessons()
            if lessons == self._followed:
                return
            self._followed = lessons
            self._hass.data[LEARNED] = _learned(lessons)
            await self._aliases.async_follow(lessons)

    def _lessons(self) -> tuple[Lesson, ...]:
        keeper = self._hass.data.get(KEEPER)
        return () if keeper is None or keeper.view is None else keeper.view.lessons

    @callback
    def _tell_satellites(self) -> None:
        """Tell each satellite what its room has learned, and whether it wants to learn more.

        What is told already is not told again.
        """
        contents = [lesson.content for lesson in self._lessons()]
        for entry in satellite_entries(self._hass):
            if entry.state is not ConfigEntryState.LOADED:
                continue
            room, verifiers = device_key(entry), entry.runtime_data.verifiers
            verifiers.async_set(_verifiers(contents, room), _stricter(contents, room))
            verifiers.want_features(self._wants_features(room))

    def _wants_features(self, room: RoomId) -> bool:
        """Return whether the room keeps recordings, and everybody agrees to learn from them."""
        keeper = self._hass.data.get(KEEPER)
        status = None if keeper is None else keeper.status(room)
        return status is not None and not status.why_not and status.teaches


def _verifiers(contents: Iterable[Content], room: RoomId) -> dict[str, WakeVerifier]:
    return {
        one.wake_word: WakeVerifier(
            weights=bytes_of(one.weights), bias=one.bias, threshold=one.threshold
        )
        for one in contents
        if isinstance(one, Verifier) and one.room == room
    }


def _stricter(contents: Iterable[Content], room: RoomId) -> dict[str, int]:
    return {
        one.wake_word: one.stricter
        for one in contents
        if isinstance(one, Threshold) and one.room == room
    }


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
