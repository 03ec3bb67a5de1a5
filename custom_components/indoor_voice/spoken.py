"""What a satellite says when a turn failed."""

from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_pipeline import PipelineNotFound
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.language import Dialect

from .const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_KEY: Final = f"component.{DOMAIN}.exceptions.turn_failed.message"
_SPOKEN_STAGES: Final = ("stt-", "intent-")
"""Where a turn failed and text-to-speech may still work."""
_UNSPOKEN_CODES: Final = ("stt-no-text-recognized",)
"""Nothing was said to us: no reason to speak."""


def is_worth_a_sentence(code: str | None) -> bool:
    """Tell whether to speak of an error, beyond the cue that the satellite plays."""
    return code is not None and code.startswith(_SPOKEN_STAGES) and code not in _UNSPOKEN_CODES


async def async_failure_sentence(hass: HomeAssistant, pipeline_id: str | None) -> str | None:
    """Return the sentence in the pipeline's language; None when we do not have it in that."""
    try:
        language = async_get_pipeline(hass, pipeline_id).tts_language
    except PipelineNotFound:
        return None
    if language is None:
        return None
    spoken = Dialect.parse(language).language
    english = (await async_get_translations(hass, "en", "exceptions", {DOMAIN}))[_KEY]
    sentence = (await async_get_translations(hass, spoken, "exceptions", {DOMAIN}))[_KEY]
    # Where a translation is missing, Home Assistant gives the English one.
    return sentence if spoken == "en" or sentence != english else None
