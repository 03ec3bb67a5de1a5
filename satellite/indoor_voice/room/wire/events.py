"""Translates between Wyoming events, as docs/wire.md has them, and the turn machine."""

from collections.abc import Mapping
from typing import Any

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.snd import Played

from indoor_voice.room.mute import Mute
from indoor_voice.room.sound.pcm import RATE, SAMPLE_BYTES, PcmFormat, Samples
from indoor_voice.room.turn.inputs import (
    AudioArrived,
    AudioStarted,
    AudioStopped,
    Input,
    PipelineEnded,
    SpeechEnded,
    Triggered,
    TurnFailed,
)


def input_of(event: Event) -> Input | None:  # noqa: PLR0911 - a table
    """Return what an event of Home Assistant's means for the turn; None if nothing.

    Raises:
        ValueError: the type is known and the content impossible.
    """
    data = event.data
    match event.type:
        case "voice-stopped" | "transcript":
            return SpeechEnded(_turn(data))
        case "error":
            code = data.get("code")
            return TurnFailed(code if isinstance(code, str) else None, _turn(data))
        case "pipeline-ended":
            return PipelineEnded(_truth(data, "answer"), _turn(data))
        case "audio-start":
            return AudioStarted(_format(data), _turn(data))
        case "audio-chunk":
            return AudioArrived(event.payload or b"", _turn(data))
        case "audio-stop":
            return AudioStopped(_turn(data))
        case "run-pipeline":
            return Triggered()
        case _:
            return None


def run_pipeline(turn: int, wake_word: str | None) -> Event:
    """Ask for a turn."""
    event = RunPipeline(
        start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS, wake_word_name=wake_word
    ).event()
    event.data["turn"] = turn
    return event


def audio_start() -> Event:
    """Begin to send what is heard."""
    return AudioStart(rate=RATE, width=SAMPLE_BYTES, channels=1).event()


def audio_chunk(block: Samples) -> Event:
    """Send what was heard."""
    pcm = block.astype("<i2", copy=False).tobytes()
    return AudioChunk(rate=RATE, width=SAMPLE_BYTES, channels=1, audio=pcm).event()


def audio_stop() -> Event:
    """Send no more."""
    return AudioStop().event()


def played(*, heard: bool) -> Event:
    """Say that a playback is over, and if it failed."""
    event = Played().event()
    if not heard:
        event.data["heard"] = False
    return event


def turn_given_up(turn: int) -> Event:
    """Say that a turn has come to nothing, so that nothing is done any more."""
    event = error("The turn took too long, or was ended in the room", "turn-given-up")
    event.data["turn"] = turn
    return event


def status(
    mute: Mute, *, microphone: bool, loudspeaker: bool, storage: bool, mute_kept: bool
) -> Event:
    """Say whether the satellite is muted, and whether its devices and its memory work."""
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


def mute_asked_for(event: Event) -> bool:
    """Return what a `mute` event asks for; raises `ValueError`."""
    return _truth(event.data, "muted")


def error(text: str, code: str) -> Event:
    """Answer what cannot be done."""
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
        raise ValueError(f"{key} must be a whole number")  # noqa: TRY004 - one class for callers
    return value


def _truth(data: Mapping[str, Any], key: str) -> bool:
    value = data.get(key)
    if not isinstance(value, bool):
        raise ValueError(f"{key} must be true or false")  # noqa: TRY004 - one class for callers
    return value
