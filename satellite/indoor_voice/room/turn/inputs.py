"""What happens to a satellite, as its turn machine is told."""

from dataclasses import dataclass

from indoor_voice.room.sound.pcm import PcmFormat


@dataclass(frozen=True, slots=True)
class WakeWordHeard:
    """Somebody said a wake word."""

    name: str


@dataclass(frozen=True, slots=True)
class Triggered:
    """Home Assistant asks for a turn."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed the button: to speak, or to end what goes on."""


@dataclass(frozen=True, slots=True)
class Muted:
    """The microphone was closed on purpose."""


@dataclass(frozen=True, slots=True)
class Unmuted:
    """The microphone may be open again."""


@dataclass(frozen=True, slots=True)
class ControllerConnected:
    """Home Assistant takes the satellite."""


@dataclass(frozen=True, slots=True)
class ControllerLost:
    """Home Assistant is gone, or another takes its place."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The command is complete."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """Home Assistant reports an error."""

    code: str | None = None
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class PipelineEnded:
    """Home Assistant has done its part."""

    answer: bool
    """Whether an answer comes or came."""
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class AudioStarted:
    """An answer begins, or outside a turn an announcement."""

    format: PcmFormat
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class AudioArrived:
    """The next piece of the answer."""

    pcm: bytes
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class AudioStopped:
    """The answer is complete."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """The last sample of a completed playback has left the loudspeaker, or will never."""

    heard: bool = True
    """Not if the loudspeaker failed on the way."""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing happened, except that it is later."""


Input = (
    WakeWordHeard
    | Triggered
    | Pressed
    | Muted
    | Unmuted
    | ControllerConnected
    | ControllerLost
    | SpeechEnded
    | TurnFailed
    | PipelineEnded
    | AudioStarted
    | AudioArrived
    | AudioStopped
    | PlaybackFinished
    | TimePassed
)
