"""Tells a satellite how speech-to-text is progressing."""

from typing import TYPE_CHECKING

from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType
from wyoming.asr import Transcribe, Transcript
from wyoming.vad import VoiceStarted, VoiceStopped

if TYPE_CHECKING:
    from wyoming.event import Eventable


def progress_message(event: PipelineEvent) -> Eventable | None:
    """Return the message for the satellite that a speech-to-text event calls for, if any."""
    data = event.data or {}
    match event.type:
        case PipelineEventType.STT_START:
            return Transcribe(language=data["metadata"]["language"])
        case PipelineEventType.STT_VAD_START:
            return VoiceStarted(timestamp=data["timestamp"])
        case PipelineEventType.STT_VAD_END:
            return VoiceStopped(timestamp=data["timestamp"])
        case PipelineEventType.STT_END:
            # The satellite needs to know that recognition has ended, not what was said.
            return Transcript(text="")
    return None
