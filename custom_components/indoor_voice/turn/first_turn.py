"""What to say first to a satellite that has just been paired."""

from string import capwords
from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.components.conversation.const import DOMAIN as CONVERSATION
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import intent

from ..assistant.assistants import FIRST, chosen_pipeline
from ..assistant.phrases import async_sentence, async_translated
from ..const import DOMAIN
from ..devices.entries import device_key
from ..devices.placement import device_of
from ..link.text import without_links
from .wake_words import wake_word_configuration

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant, State

    from ..data import SatelliteConfigEntry

_DOMAINS: Final = ("light", "switch", "fan", "input_boolean")
"""What “turn on” applies to, the most visible first."""


async def async_first_words(
    hass: HomeAssistant, entry: SatelliteConfigEntry
) -> tuple[str, dict[str, str]]:
    """Return an abort reason of the config flow that says how to begin, and its placeholders."""
    if entry.state is not ConfigEntryState.LOADED or not entry.runtime_data.is_reachable:
        return "not_connected", {}
    pipeline = async_get_pipeline(hass, chosen_pipeline(hass, device_key(entry), FIRST))
    if pipeline.stt_engine is None or pipeline.tts_engine is None:
        return "no_speech", {}
    key, values = _command(hass, entry)
    status = entry.runtime_data.health.data.status
    if (wake_phrase := _wake_phrase(entry)) is None:
        return "all_set_button", {"words": await async_sentence(hass, key, "en", **values)}
    # A command in another language than the assistant's would not be understood.
    command = await async_translated(hass, key, pipeline.language, **values)
    words = wake_phrase if command is None else f"{wake_phrase}, {command}"
    if status is not None and status.muted:
        return "all_set_muted", {"words": words}
    return "all_set", {"words": words}


def _wake_phrase(entry: SatelliteConfigEntry) -> str | None:
    """Return a wake phrase that the satellite listens for; None if it listens for none."""
    configuration = wake_word_configuration(entry.runtime_data.peer)
    phrases = {word.id: word.wake_word for word in configuration.available_wake_words}
    active = (phrases.get(name, "") for name in configuration.active_wake_words)
    return next(filter(None, (capwords(without_links(phrase)) for phrase in active)), None)


def _command(hass: HomeAssistant, entry: SatelliteConfigEntry) -> tuple[str, dict[str, str]]:
    """Return the key of a command that this house understands, and its values."""
    device = device_of(hass, entry)
    area_id = device.area_id if device else None
    found = [
        (area_id is None or _area_id(hass, state) != area_id, place, name, state)
        for place, domain in enumerate(_DOMAINS)
        for state in hass.states.async_all(domain)
        if state.state in (STATE_ON, STATE_OFF)
        and (name := _spoken_name(hass, state))
        and async_should_expose(hass, CONVERSATION, state.entity_id)
    ]
    if not found:
        return "common.first_command_time", {}
    *_, name, state = min(found, key=lambda one: one[:3])
    turned = "off" if state.state == STATE_ON else "on"
    return f"common.first_command_turn_{turned}", {"thing": name}


def _area_id(hass: HomeAssistant, state: State) -> str | None:
    entity = er.async_get(hass).async_get(state.entity_id)
    if entity is None or entity.area_id or entity.device_id is None:
        return entity.area_id if entity else None
    device = dr.async_get(hass).async_get(entity.device_id)
    return device.area_id if device else None


def _spoken_name(hass: HomeAssistant, state: State) -> str | None:
    """Return the first name by which the assistant knows a thing that is good to try."""
    entity = er.async_get(hass).async_get(state.entity_id)
    # Our own switches mute a satellite, and pause keeping; others may be settings, too.
    if entity is not None and (entity.platform == DOMAIN or entity.entity_category):
        return None
    names = intent.async_get_entity_aliases(hass, entity, state=state)
    return next(filter(None, map(without_links, names)), None)
