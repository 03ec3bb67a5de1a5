"""Converts between Wyoming events, as described in docs/wire.md, and inputs of the turn machine."""

from collections.abc import Mapping
from typing import Any

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.snd import Played

from indoor_voice.room.adjustments import Adjustments
from indoor_voice.room.mute import Mute
from indoor_voice.room.sound.hearing import Hearing
from indoor_voice.room.sound.household_verifier import FEATURES_SHAPE
from indoor_voice.room.sound.pcm import RATE, SAMPLE_BYTES, PcmFormat, Samples
from indoor_voice.room.sound.wake_rules import sensitivity_number
from indoor_voice.room.turn.inputs import (
    AskFirst,
    AudioArrived,
    AudioStarted,
    AudioStopped,
    Input,
    PipelineEnded,
    SpeechEnded,
    Triggered,
    TurnFailed,
    TurnGranted,
)


def input_of(event: Event) -> Input | None:  # noqa: PLR0911 - a table
    """Convert an event from Home Assistant to an input; None if its type does not affect the turn.

    Raises:
        ValueError: the content is invalid for the type.
    """
    data = event.data
    match event.type:
        case "voice-stopped" | "transcript":
            return SpeechEnded(_turn(data))
        case "error":
            code = data.get("code")
            return TurnFailed(code if isinstance(code, str) else None, _turn(data))
        case "pipeline-ended":
            return PipelineEnded(_boolean(data, "answer"), _turn(data))
        case "audio-start":
            return AudioStarted(_format(data), _turn(data))
        case "audio-chunk":
            return AudioArrived(event.payload or b"", _turn(data))
        case "audio-stop":
            return AudioStopped(_turn(data))
        case "run-pipeline":
            return Triggered()
        case "ask-first":
            return AskFirst(_boolean(data, "wanted"))
        case "turn-granted":
            return TurnGranted(_integer(data, "turn"))
        case _:
            return None


def ask_for_turn(turn: int, wake_word: str, hearing: Hearing) -> Event:
    """Return the event that asks whether this satellite takes a turn."""
    data = {
        "turn": turn,
        "name": wake_word,
        "quality": hearing.quality_db,
        "course": hearing.course,
        "age": hearing.age_seconds,
    }
    return Event("ask-for-turn", data)


def run_pipeline(turn: int, wake_word: str | None, features: bytes | None = None) -> Event:
    """Return the event that requests a turn, with features of its wake word, if there are any."""
    event = RunPipeline(
        start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS, wake_word_name=wake_word
    ).event()
    event.data["turn"] = turn
    if features is not None:
        rows, columns = FEATURES_SHAPE
        event.data["features"] = {"rows": rows, "columns": columns}
        event.payload = features
    return event


def audio_start() -> Event:
    """Return the event that starts the stream."""
    return AudioStart(rate=RATE, width=SAMPLE_BYTES, channels=1).event()


def audio_chunk(block: Samples) -> Event:
    """Return the event that carries a block of sound."""
    pcm = block.astype("<i2", copy=False).tobytes()
    return AudioChunk(rate=RATE, width=SAMPLE_BYTES, channels=1, audio=pcm).event()


def audio_stop() -> Event:
    """Return the event that ends the stream."""
    return AudioStop().event()


def played(*, heard: bool) -> Event:
    """Return the event that reports the end of a playback; not heard if it failed."""
    event = Played().event()
    if not heard:
        event.data["heard"] = False
    return event


def turn_given_up(turn: int) -> Event:
    """Return the event that tells Home Assistant to cancel a turn."""
    event = error("The turn took too long, or was ended in the room", "turn-given-up")
    event.data["turn"] = turn
    return event


def status(
    mute: Mute, *, microphone: bool, loudspeaker: bool, storage: bool, mute_kept: bool
) -> Event:
    """Return the event that reports the mute state, and whether devices and storage work."""
    data = {
        "muted": mute.muted,
        "muted_on_device": mute.on_device,
        "microphone": microphone,
        "loudspeaker": loudspeaker,
    }
    if not storage:
        data["storage"] = False
    if not mute_kept:
        data["mute_kept"] = False
    return Event("status", data)


def requested_mute(event: Event) -> bool:
    """Return the value of a `mute` event; raises `ValueError`."""
    return _boolean(event.data, "muted")


def requested_sensitivities(event: Event) -> dict[str, float]:
    """Return the sensitivities in a `detect` event, 0 to 1, by wake word; raises `ValueError`."""
    levels = event.data.get("wake_sensitivities", {})
    if not isinstance(levels, dict):
        raise ValueError("wake_sensitivities must name wake words")  # noqa: TRY004 - as below
    return {str(name): sensitivity_number(level) for name, level in levels.items()}


def settings(adjustments: Adjustments) -> Event:
    """Return the event that reports what can be adjusted."""
    return Event("settings", {"settings": adjustments.as_data()})


def requested_settings(event: Event) -> dict[str, object]:
    """Return the settings in a `change-settings` event, unchecked; raises `ValueError`."""
    values = event.data.get("settings")
    if not isinstance(values, dict):
        raise ValueError("settings must be an object")  # noqa: TRY004 - as below
    return values


def error(text: str, code: str) -> Event:
    """Return an error event."""
    return Error(text=text, code=code).event()


def _turn(data: Mapping[str, Any]) -> int | None:
    return None if data.get("turn") is None else _integer(data, "turn")


def _format(data: Mapping[str, Any]) -> PcmFormat:
    return PcmFormat(
        rate=_integer(data, "rate"),
        width=_integer(data, "width"),
        channels=_integer(data, "channels"),
    )


def _integer(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{key} must be a whole number")  # noqa: TRY004 - callers catch one class
    return value


def _boolean(data: Mapping[str, Any], key: str) -> bool:
    value = data.get(key)
    if not isinstance(value, bool):
        raise ValueError(f"{key} must be true or false")  # noqa: TRY004 - callers catch one class
    return value
