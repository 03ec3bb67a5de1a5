"""Tells whether a turn failed because a speech server is away."""

from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_pipeline import PipelineNotFound
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.const import STATE_UNAVAILABLE

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

SPEECH_AWAY: Final = "speech-away"
"""Error code after which a satellite says so in recorded words."""


def is_speech_away(hass: HomeAssistant, pipeline_id: str | None, code: str) -> bool:
    """Return whether the engine that an error code is about is unavailable."""
    try:
        pipeline = async_get_pipeline(hass, pipeline_id)
    except PipelineNotFound:
        return False
    engines: list[str | None] = []
    if code.startswith(("stt-", "pipeline-")):
        engines.append(pipeline.stt_engine)
    if code.startswith(("tts-", "pipeline-")):
        engines.append(pipeline.tts_engine)
    states = (hass.states.get(engine) for engine in engines if engine is not None)
    return any(state is not None and state.state == STATE_UNAVAILABLE for state in states)
