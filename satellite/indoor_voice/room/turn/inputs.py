"""The inputs of the turn machine."""

from dataclasses import dataclass, field

from indoor_voice.room.sound.pcm import PcmFormat


@dataclass(frozen=True, slots=True)
class WakeWordHeard:
    """A wake word was detected."""

    name: str
    features: bytes | None = field(default=None, repr=False)
    """What openWakeWord heard in it, if Home Assistant wants that."""


@dataclass(frozen=True, slots=True)
class AskFirst:
    """Home Assistant said whether to ask it before a turn that a wake word begins."""

    wanted: bool
    """True while other satellites may hear the same wake word."""


@dataclass(frozen=True, slots=True)
class TurnGranted:
    """Home Assistant granted a turn that the satellite asked for."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Triggered:
    """Home Assistant requested a turn."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The button was pressed, to start a turn or stop the current one."""


@dataclass(frozen=True, slots=True)
class Muted:
    """The satellite was muted."""


@dataclass(frozen=True, slots=True)
class Unmuted:
    """The satellite was unmuted."""


@dataclass(frozen=True, slots=True)
class ControllerConnected:
    """Home Assistant took control of the satellite."""


@dataclass(frozen=True, slots=True)
class ControllerLost:
    """The controlling Home Assistant disconnected, paused or was replaced."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The user has finished speaking."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """Home Assistant reported an error."""

    code: str | None = None
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class PipelineEnded:
    """Home Assistant's pipeline has ended."""

    answer: bool
    """Whether there is a spoken answer, which may have arrived already."""
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class AudioStarted:
    """The sound of an answer begins, or outside a turn, of an announcement."""

    format: PcmFormat
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class AudioArrived:
    """The next piece of sound has arrived."""

    pcm: bytes
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class AudioStopped:
    """The sound is complete."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """A complete playback has been played to its end, or has failed."""

    heard: bool = True
    """False if the loudspeaker failed."""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """A deadline may have passed; nothing else happened."""


Input = (
    WakeWordHeard
    | AskFirst
    | TurnGranted
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
