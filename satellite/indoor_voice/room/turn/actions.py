"""The actions that the turn machine returns."""

from dataclasses import dataclass, field

from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.sound.pcm import PcmFormat
from indoor_voice.room.sound.prompts import Sentence


@dataclass(frozen=True, slots=True)
class PlayCue:
    """Play a short sound."""

    cue: Cue


@dataclass(frozen=True, slots=True)
class Say:
    """Say a recorded sentence, after a cue that begins at the same time."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class AskForTurn:
    """Tell Home Assistant how well a wake word was heard, without any sound."""

    turn: int
    wake_word: str


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Request a turn from Home Assistant, and send sound, beginning with the pre-roll."""

    turn: int
    wake_word: str | None
    features: bytes | None = field(default=None, repr=False)
    """Of the wake word, if it came with them."""


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Stop sending sound, and notify Home Assistant."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Tell Home Assistant to cancel a turn that the user has already heard end."""

    turn: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """Tell Home Assistant that a muted satellite cannot start a turn."""


@dataclass(frozen=True, slots=True)
class StartPlayback:
    """Start a playback."""

    format: PcmFormat


@dataclass(frozen=True, slots=True)
class Play:
    """Queue sound for the playback."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class EndPlayback:
    """Play the queued sound to its end, then input `PlaybackFinished`."""


@dataclass(frozen=True, slots=True)
class StopPlayback:
    """Stop the playback now, without `PlaybackFinished`."""


@dataclass(frozen=True, slots=True)
class SendPlayed:
    """Tell Home Assistant that a playback is over: exactly once for each, however it ended."""

    heard: bool = True
    """False if it failed. A playback that the user stopped counts as heard."""


Action = (
    PlayCue
    | Say
    | AskForTurn
    | OpenStream
    | CloseStream
    | GiveUp
    | Refuse
    | StartPlayback
    | Play
    | EndPlayback
    | StopPlayback
    | SendPlayed
)
