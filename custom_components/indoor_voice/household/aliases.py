"""Keeps the names that the household taught in Home Assistant's entity registry.

A file of ours says which names were added. When their lesson ends, these are removed, and no
others: a name that somebody gave a thing by hand stays.
"""

from typing import TYPE_CHECKING, Any, Final, TypedDict

from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import intent
from homeassistant.helpers.storage import Store

from ..assistant.expected import place_names
from ..const import DOMAIN
from ..privacy.errors import NotAllowedError, Refusal
from ..privacy.lessons.content import Alias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from homeassistant.core import HomeAssistant

    from ..privacy.lessons.lesson import Lesson

_VERSION: Final = 1


class _Added(TypedDict):
    """A name that was added."""

    entry: str
    """The id of the thing's registry entry, which outlasts a new entity id."""

    alias: str


class LearnedAliases:
    """The names that lessons have added."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize; `async_load` must be called before anything else."""
        self._hass = hass
        self._store: Store[dict[str, _Added]] = Store(
            hass, _VERSION, f"{DOMAIN}.aliases", private=True, atomic_writes=True
        )
        self._added: dict[str, _Added] = {}

    async def async_load(self) -> None:
        """Load which names were added."""
        self._added = await self._store.async_load() or {}

    async def async_follow(self, lessons: Iterable[Lesson]) -> None:
        """Add the names of these lessons, and remove those of all others."""
        wanted = {
            lesson.id: lesson.content for lesson in lessons if isinstance(lesson.content, Alias)
        }
        before = dict(self._added)
        for lesson in before.keys() - wanted.keys():
            _remove(self._hass, self._added.pop(lesson))
        for lesson in wanted.keys() - before.keys():
            if (added := _add(self._hass, wanted[lesson])) is not None:
                self._added[lesson] = added
        if not self._added:
            await self._store.async_remove()
        elif self._added != before:
            await self._store.async_save(self._added)


@callback
def require_free(hass: HomeAssistant, content: Alias) -> None:
    """Refuse a name that something here has already, and one for a thing that can't have names.

    Raises `NotAllowedError`.
    """
    if er.async_get(hass).async_get(content.entity_id) is None:
        raise NotAllowedError(Refusal.UNKNOWN_ENTITY)
    if content.alias.casefold() in map(str.casefold, _names(hass)):
        raise NotAllowedError(Refusal.NAME_TAKEN)


def _names(hass: HomeAssistant) -> Iterator[str]:
    """Yield the names of everything."""
    registry = er.async_get(hass)
    for state in hass.states.async_all():
        registered = registry.async_get(state.entity_id)
        yield from intent.async_get_entity_aliases(hass, registered, state=state)
        yield state.name
    for _, name in place_names(hass):
        yield name


def _add(hass: HomeAssistant, content: Alias) -> _Added | None:
    """Add a name; None if it is there, or the thing is not."""
    registry = er.async_get(hass)
    entry = registry.async_get(content.entity_id)
    if entry is None or content.alias in entry.aliases:
        return None
    registry.async_update_entity(entry.entity_id, aliases=[*entry.aliases, content.alias])
    return _Added(entry=entry.id, alias=content.alias)


def _remove(hass: HomeAssistant, added: _Added) -> None:
    registry = er.async_get(hass)
    entry: Any = registry.entities.get_entry(added["entry"])
    if entry is not None and added["alias"] in entry.aliases:
        kept = [alias for alias in entry.aliases if alias != added["alias"]]
        registry.async_update_entity(entry.entity_id, aliases=kept)
