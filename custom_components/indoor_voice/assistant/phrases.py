"""What a satellite says by itself, in the language of its assistant."""

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
    from collections.abc import Iterator

    from homeassistant.core import HomeAssistant

_FAILURE: Final = "exceptions.turn_failed.message"
_BUSY: Final = "exceptions.turn_busy.message"
_FAILURES: Final = {NOT_LOCAL: "exceptions.turn_refused.message"}
"""What is said in place of the usual sentence."""
_SPOKEN_CODES: Final = ("stt-", "intent-", "tts-", NOT_LOCAL)
"""Where a turn failed and text-to-speech may still work, be it that of another speech server."""
_UNITS: Final = (("days", 86_400), ("hours", 3_600), ("minutes", 60))
"""A time is said in the first of which there are two."""
_UNSPOKEN_CODES: Final = ("stt-no-text-recognized",)
"""Nothing was said to us: no reason to speak."""


def is_worth_a_sentence(code: str | None) -> bool:
    """Tell whether to speak of an error, beyond the cue that the satellite plays."""
    return code is not None and code.startswith(_SPOKEN_CODES) and code not in _UNSPOKEN_CODES


async def async_failure_sentence(
    hass: HomeAssistant, pipeline_id: str | None, code: str, *, busy: bool
) -> str | None:
    """Return the sentence in the pipeline's language; None when we do not have it in that."""
    try:
        language = async_get_pipeline(hass, pipeline_id).tts_language
    except PipelineNotFound:
        return None
    if language is None:
        return None
    key = _BUSY if busy else _FAILURES.get(code, _FAILURE)
    sentence = await async_sentence(hass, key, language)
    # Where a translation is missing, Home Assistant gives the English one.
    is_english = Dialect.parse(language).language == "en"
    return sentence if is_english or sentence != await async_sentence(hass, key, "en") else None


def other_voices(hass: HomeAssistant, pipeline_id: str | None) -> Iterator[tts.ResultStream]:
    """Yield a stream of each other speech server of ours that is there and speaks the language."""
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
    """Tell whether an error's message is of our own words."""
    return isinstance(err, HomeAssistantError) and err.translation_domain == DOMAIN


def is_busy(err: Exception) -> bool:
    """Tell whether a speech server of ours had too much to do."""
    return is_ours(err) and err.translation_key == "speech_busy"


async def async_sentence(hass: HomeAssistant, key: str, language: str, **values: str | int) -> str:
    """Return the sentence of a key of the translations, or the English one where it is missing."""
    spoken = Dialect.parse(language).language
    category = key.partition(".")[0]
    translations = await async_get_translations(hass, spoken, category, {DOMAIN})
    return translations[f"component.{DOMAIN}.{key}"].format(**values)


async def async_duration(hass: HomeAssistant, seconds: float, language: str) -> str:
    """Return a time as it is said, such as "24 hours"."""
    unit, size = next((u for u in _UNITS if seconds >= 2 * u[1]), _UNITS[-1])
    count = max(2, math.ceil(seconds / size))
    return await async_sentence(hass, f"common.voice_{unit}", language, count=count)
