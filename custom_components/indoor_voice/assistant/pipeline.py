"""Makes the Assist pipeline that the user asked for with a new speech server."""

import logging
from typing import TYPE_CHECKING

from homeassistant.components import stt
from homeassistant.components.assist_pipeline import (
    Pipeline,
    async_create_default_pipeline,
    async_get_pipelines,
    async_update_pipeline,
)
from homeassistant.components.tts.helper import get_engine_instance
from homeassistant.const import Platform
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import language as language_util

from ..const import CONF_CREATE_PIPELINE, CONF_PIPELINE, CONF_PREFER_PIPELINE, DOMAIN, PIPELINE_NAME
from ..devices.entries import device_key

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from ..data import IndoorVoiceConfigEntry

_LOGGER = logging.getLogger(__name__)


async def async_make_requested_pipeline(hass: HomeAssistant, entry: IndoorVoiceConfigEntry) -> None:
    """Make the pipeline that the user asked for when adding the speech server.

    Runs once the entities exist. The request is then deleted, so that a pipeline which the user
    changes or deletes later stays that way.
    """
    if CONF_PIPELINE not in entry.data:
        return
    data = dict(entry.data)
    requested = data.pop(CONF_PIPELINE)
    hass.config_entries.async_update_entry(entry, data=data)
    if not requested[CONF_CREATE_PIPELINE]:
        return
    prefer = requested[CONF_PREFER_PIPELINE]
    pipeline = await _async_make_pipeline(hass, entry, prefer=prefer)
    if pipeline is None:
        ir.async_create_issue(
            hass,
            DOMAIN,
            _issue_id(entry),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="language",
            translation_placeholders={"title": entry.title, "language": hass.config.language},
        )
    elif prefer:
        _prefer(hass, pipeline)


def delete_pipeline_issue(hass: HomeAssistant, entry: IndoorVoiceConfigEntry) -> None:
    """Delete the repair issue of a removed speech server."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry))


def _issue_id(entry: IndoorVoiceConfigEntry) -> str:
    return f"language_{entry.entry_id}"


async def _async_make_pipeline(
    hass: HomeAssistant, entry: IndoorVoiceConfigEntry, *, prefer: bool
) -> Pipeline | None:
    """Create our pipeline, or switch that of an earlier set-up to the engines of this server.

    A pipeline that uses the engines of another server is switched only if this one is preferred;
    otherwise this server gets a pipeline of its own. Returns None if the engines do not speak
    Home Assistant's language.
    """
    registry = er.async_get(hass)
    stt_id = registry.async_get_entity_id(Platform.STT, DOMAIN, device_key(entry))
    tts_id = registry.async_get_entity_id(Platform.TTS, DOMAIN, device_key(entry))
    if stt_id is None or tts_id is None:
        return None
    name = PIPELINE_NAME
    existing = _find_pipeline(hass, name)
    if existing is not None and not prefer and _is_used_by_another(hass, existing, entry):
        name = f"{PIPELINE_NAME}: {entry.title}"
        existing = _find_pipeline(hass, name)
    if existing is None:
        return await async_create_default_pipeline(hass, stt_id, tts_id, name)
    stt_engine = stt.async_get_speech_to_text_entity(hass, stt_id)
    tts_engine = get_engine_instance(hass, tts_id)
    if stt_engine is None or tts_engine is None:
        return None
    stt_languages = _matching(hass, stt_engine.supported_languages)
    tts_languages = _matching(hass, tts_engine.supported_languages)
    if not stt_languages or not tts_languages:
        return None
    voices = tts_engine.async_get_supported_voices(tts_languages[0])
    await async_update_pipeline(
        hass,
        existing,
        stt_engine=stt_id,
        stt_language=stt_languages[0],
        tts_engine=tts_id,
        tts_language=tts_languages[0],
        tts_voice=voices[0].voice_id if voices else None,
    )
    return existing


def _find_pipeline(hass: HomeAssistant, name: str) -> Pipeline | None:
    return next((p for p in async_get_pipelines(hass) if p.name == name), None)


def _is_used_by_another(
    hass: HomeAssistant, pipeline: Pipeline, entry: IndoorVoiceConfigEntry
) -> bool:
    """Return whether a pipeline uses an existing engine of another entry."""
    registry = er.async_get(hass)
    engines = (registry.async_get(e) for e in (pipeline.stt_engine, pipeline.tts_engine) if e)
    return any(e is not None and e.config_entry_id != entry.entry_id for e in engines)


def _matching(hass: HomeAssistant, languages: list[str]) -> list[str]:
    return language_util.matches(hass.config.language, languages, country=hass.config.country)


def _prefer(hass: HomeAssistant, pipeline: Pipeline) -> None:
    """Make a pipeline the preferred one."""
    try:
        # Home Assistant offers this to its frontend only; a change there must not break set-up.
        from homeassistant.components.assist_pipeline.pipeline import (  # noqa: PLC0415
            KEY_ASSIST_PIPELINE,
        )

        hass.data[KEY_ASSIST_PIPELINE].pipeline_store.async_set_preferred_item(pipeline.id)
    except AttributeError, ImportError, KeyError:
        _LOGGER.warning(
            "Could not make %s the preferred assistant; choose it under Settings, Voice assistants",
            PIPELINE_NAME,
        )
