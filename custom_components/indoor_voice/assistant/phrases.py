"""The sentences that Indoor Voice itself speaks, in the language of the assistant."""

import math
from typing import TYPE_CHECKING, Final, TypeGuard

from homeassistant.components import tts
from homeassistant.components.assist_pipeline import PipelineNotFound
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.components.tts.const import DATA_COMPONENT
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import language as language_util
from homeassistant.util.language import Dialect

from ..const import DOMAIN
from .locality import NOT_LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from homeassistant.core import HomeAssistant

_FAILURE: Final = "exceptions.turn_failed.message"
_BUSY: Final = "exceptions.turn_busy.message"
_FAILURES: Final = {NOT_LOCAL: "exceptions.turn_refused.message"}
"""Sentences that replace the usual one."""
_SPOKEN_CODES: Final = ("stt-", "intent-", "tts-", NOT_LOCAL)
"""Errors after which text-to-speech may still work, if only on another speech server."""
_UNITS: Final = (("days", 86_400), ("hours", 3_600), ("minutes", 60))
"""A duration is given in the first unit of which it has at least two."""
_UNSPOKEN_CODES: Final = ("stt-no-text-recognized",)
"""Nothing was said, so there is no reason to speak."""


def is_worth_a_sentence(code: str | None) -> bool:
    """Return whether an error calls for a sentence in addition to the satellite's cue."""
    return code is not None and code.startswith(_SPOKEN_CODES) and code not in _UNSPOKEN_CODES


async def async_failure_sentence(
    hass: HomeAssistant, pipeline_id: str | None, code: str, *, busy: bool
) -> str | None:
    """Return the sentence for an error in the pipeline's language, or None without translation."""
    try:
        language = async_get_pipeline(hass, pipeline_id).tts_language
    except PipelineNotFound:
        return None
    if language is None:
        return None
    return await async_translated(hass, _BUSY if busy else _FAILURES.get(code, _FAILURE), language)


def spoken_language(hass: HomeAssistant, pipeline_id: str | None) -> str:
    """Return the language in which an assistant speaks, such as `de` or `pt-BR`."""
    try:
        pipeline = async_get_pipeline(hass, pipeline_id)
    except PipelineNotFound:
        language = hass.config.language
    else:
        language = pipeline.tts_language or pipeline.language
    return language.replace("_", "-")


def other_voices(hass: HomeAssistant, pipeline_id: str | None) -> Iterator[tts.ResultStream]:
    """Yield a stream for each other available speech server of ours that speaks the language."""
    try:
        pipeline = async_get_pipeline(hass, pipeline_id)
    except PipelineNotFound:
        return
    for entity in list(hass.data[DATA_COMPONENT].entities):
        if (
            pipeline.tts_language is None
            or entity.platform.platform_name != DOMAIN
            or entity.entity_id == pipeline.tts_engine
            or not entity.available
        ):
            continue
        languages = language_util.matches(pipeline.tts_language, entity.supported_languages)
        if languages:
            yield tts.async_create_stream(
                hass, entity.entity_id, languages[0], {tts.ATTR_PREFERRED_FORMAT: "wav"}
            )


def is_ours(err: Exception) -> TypeGuard[HomeAssistantError]:
    """Return whether an error's message is one of our own."""
    return isinstance(err, HomeAssistantError) and err.translation_domain == DOMAIN


def is_busy(err: Exception) -> bool:
    """Return whether an error means that a speech server of ours was busy."""
    return is_ours(err) and err.translation_key == "speech_busy"


async def async_sentence(hass: HomeAssistant, key: str, language: str, **values: str | int) -> str:
    """Return the translation of a key, or the English sentence if it is missing."""
    spoken = Dialect.parse(language).language
    category = key.partition(".")[0]
    translations = await async_get_translations(hass, spoken, category, {DOMAIN})
    return translations[f"component.{DOMAIN}.{key}"].format(**values)


async def async_translated(
    hass: HomeAssistant, key: str, language: str, **values: str | int
) -> str | None:
    """Return the translation of a key, or None if it is missing."""
    sentence = await async_sentence(hass, key, language, **values)
    # If a translation is missing, Home Assistant returns the English text.
    is_english = Dialect.parse(language).language == "en"
    english = await async_sentence(hass, key, "en", **values)
    return sentence if is_english or sentence != english else None


async def async_enumeration(
    hass: HomeAssistant, things: Sequence[str], language: str, most: int
) -> str:
    """Return the first few things in words, and the number of the others."""
    named, more = things[:most], len(things[most:])
    if more:
        return await async_sentence(
            hass, "common.voice_names_more", language, names=", ".join(named), count=more
        )
    *others, last = named
    if not others:
        return last
    return await async_sentence(
        hass, "common.voice_names", language, names=", ".join(others), last=last
    )


async def async_duration(hass: HomeAssistant, seconds: float, language: str) -> str:
    """Return a duration in words, such as "24 hours"."""
    unit, size = next((u for u in _UNITS if seconds >= 2 * u[1]), _UNITS[-1])
    count = max(2, math.ceil(seconds / size))
    return await async_sentence(hass, f"common.voice_{unit}", language, count=count)
