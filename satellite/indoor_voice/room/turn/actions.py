"""What a turn machine wants done."""

from dataclasses import dataclass

from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.sound.pcm import PcmFormat


@dataclass(frozen=True, slots=True)
class PlayCue:
    """Let the user know."""

    cue: Cue


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Ask Home Assistant for a turn and send what is heard, from the pre-roll on."""

    turn: int
    wake_word: str | None


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Send no more sound, and say so."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Tell Home Assistant that the user knows this turn to be over: it must do nothing."""

    turn: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """Tell Home Assistant that a muted satellite takes no turn."""


@dataclass(frozen=True, slots=True)
class StartPlayback:
    """Expect sound to play."""

    format: PcmFormat


@dataclass(frozen=True, slots=True)
class Play:
    """Play this after what is already queued."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class EndPlayback:
    """No more comes: play out the rest, then give `PlaybackFinished`."""


@dataclass(frozen=True, slots=True)
class StopPlayback:
    """Be quiet now; no `PlaybackFinished` follows."""


@dataclass(frozen=True, slots=True)
class SendPlayed:
    """Tell Home Assistant that a playback is over: once for each, however it ended."""

    heard: bool = True
    """Unless it failed; what somebody stopped has been heard as far as they wanted."""


Action = (
    PlayCue
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
