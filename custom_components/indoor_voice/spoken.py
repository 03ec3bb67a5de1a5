"""What a satellite says by itself, in the language of its assistant."""

import math
from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_pipeline import PipelineNotFound
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.language import Dialect

from .audit import NOT_LOCAL
from .const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_FAILURE: Final = "exceptions.turn_failed.message"
_FAILURES: Final = {NOT_LOCAL: "exceptions.turn_refused.message"}
"""What is said in place of the usual sentence."""
_SPOKEN_CODES: Final = ("stt-", "intent-", NOT_LOCAL)
"""Where a turn failed and text-to-speech may still work."""
_UNITS: Final = (("days", 86_400), ("hours", 3_600), ("minutes", 60))
"""A time is said in the first of which there are two."""
_UNSPOKEN_CODES: Final = ("stt-no-text-recognized",)
"""Nothing was said to us: no reason to speak."""


def is_worth_a_sentence(code: str | None) -> bool:
    """Tell whether to speak of an error, beyond the cue that the satellite plays."""
    return code is not None and code.startswith(_SPOKEN_CODES) and code not in _UNSPOKEN_CODES


async def async_failure_sentence(
    hass: HomeAssistant, pipeline_id: str | None, code: str
) -> str | None:
    """Return the sentence in the pipeline's language; None when we do not have it in that."""
    try:
        language = async_get_pipeline(hass, pipeline_id).tts_language
    except PipelineNotFound:
        return None
    if language is None:
        return None
    key = _FAILURES.get(code, _FAILURE)
    sentence = await async_sentence(hass, key, language)
    # Where a translation is missing, Home Assistant gives the English one.
    is_english = Dialect.parse(language).language == "en"
    return sentence if is_english or sentence != await async_sentence(hass, key, "en") else None


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
