"""The assistants of a satellite: the wake word that is said chooses between two.

A satellite's first wake word is for the first assistant, its second for the second. Everything
else, such as the button, announcements and further wake words, is for the first.
"""

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from ..link.client import Peer

FIRST: Final = 0
SECOND: Final = 1
_SELECTS: Final = {FIRST: "pipeline", SECOND: "pipeline_2"}
"""The keys of Home Assistant's selects."""

turn_assistant: ContextVar[int] = ContextVar("indoor_voice_turn_assistant", default=FIRST)
"""The assistant of the turn that a task serves. The pipeline's tasks inherit it."""


def assistant_of(peer: Peer, wake_word: str | None) -> int:
    """Return the assistant that a wake word, if there was one, is for."""
    return SECOND if wake_word is not None and wake_word == second_wake_word(peer) else FIRST


def second_wake_word(peer: Peer) -> str | None:
    """Return the name of a satellite's second wake word, if it listens for two."""
    active = peer.active_wake_words
    return active[SECOND] if len(active) > SECOND else None


@callback
def assistants_in_use(satellite: ConfigEntry[Any]) -> tuple[int, ...]:
    """Return the assistants that somebody can talk to through a satellite."""
    is_loaded = satellite.state is ConfigEntryState.LOADED
    if is_loaded and second_wake_word(satellite.runtime_data.peer) is not None:
        return (FIRST, SECOND)
    return (FIRST,)


@callback
def assistant_select(hass: HomeAssistant, satellite_key: str, assistant: int) -> str | None:
    """Return the entity that selects an assistant; None if the user has disabled it."""
    return find_select(hass, satellite_key, _SELECTS[assistant])


@callback
def find_select(hass: HomeAssistant, satellite_key: str, key: str) -> str | None:
    """Return one of a satellite's selects; None if the user has disabled it."""
    entity_id = er.async_get(hass).async_get_entity_id(
        Platform.SELECT, DOMAIN, f"{satellite_key}-{key}"
    )
    state = hass.states.get(entity_id) if entity_id else None
    return None if state is None or state.state == STATE_UNAVAILABLE else entity_id


@callback
def chosen_pipeline(hass: HomeAssistant, satellite_key: str, assistant: int) -> str | None:
    """Return the id of the pipeline that serves an assistant; None for the preferred one."""
    entity_id = assistant_select(hass, satellite_key, assistant)
    state = hass.states.get(entity_id) if entity_id else None
    if state is None:
        return None
    return next((one.id for one in async_get_pipelines(hass) if one.name == state.state), None)
