"""Decides where a spoken command starts and ends, from a voice detector's probabilities.

Pure: time is counted in frames of audio, so audio that arrives in a burst is judged like audio that
arrives in real time.
"""

from enum import Enum, auto
from typing import Final

FRAME_SAMPLES: Final = 512
"""Frame size of Silero's detector at 16 kHz."""
FRAME_SECONDS: Final = FRAME_SAMPLES / 16_000

PAUSE_SECONDS: Final = 0.2
"""Silence after which it's worth reading what came before."""
LASTING_PAUSE_SECONDS: Final = 0.4
"""Silence after which the sound of what came before shows whether the speaker has finished."""
NO_SPEECH_SECONDS: Final = 5.0
"""How long to wait for the first word."""
TOO_LONG_SECONDS: Final = 15.0
"""Longest command, including silences; the wire protocol has the same limit."""
WAKE_PHRASE_SECONDS: Final = 2.2
"""When a wake phrase has ended, as a satellite sends up to 2 s from before its detection."""

SPEECH_PROBABILITY: Final = 0.5
"""Silero's own threshold."""
STILL_SPEECH_PROBABILITY: Final = 0.35
"""Silero's own threshold for the end of speech."""
_START_FRAMES: Final = 3
"""A click is shorter than this, and the word "stop" is longer."""


class SpeechEvent(Enum):
    """A change that a frame of audio caused."""

    STARTED = auto()
    """Somebody started to speak."""
    PAUSED = auto()
    """The speaker is silent and may have finished."""
    PAUSE_LASTS = auto()
    """The speaker is still silent; it's time to judge whether the command sounds finished."""
    RESUMED = auto()
    """The speaker continues; what was found out in the pause is obsolete."""
    ENDED = auto()
    """The speaker has finished. No event follows."""
    NO_SPEECH = auto()
    """Nobody started to speak. No event follows."""
    TOO_LONG = auto()
    """The speaker is cut off. No event follows."""


class EndOfSpeech:
    """Takes the probability of speech in each frame and returns what that changes.

    `started` and `paused` are the current state. After `done`, further frames are ignored.
    """

    def __init__(self, silence_seconds: float, *, wake_phrase: bool = False) -> None:
        """Wait for a command that ends with `silence_seconds` of silence, unless more is known.

        With `wake_phrase`, the audio may start with the wake phrase, after which people pause as
        long as they like. Silence there doesn't end the command until `end_pause_after` is called
        because more than the phrase was heard.
        """
        self.started = False
        self.paused = False
        self.done = False
        self._silence_seconds = silence_seconds
        self._wake_phrase = wake_phrase
        self._pause_seconds = silence_seconds
        self._frames = 0
        self._speech_frames = 0
        self._silent_frames = 0
        self._speaking = False
        self._lasts = False

    @property
    def seconds(self) -> float:
        """Length of the audio so far."""
        return self._frames * FRAME_SECONDS

    def end_pause_after(self, silence_seconds: float) -> SpeechEvent | None:
        """Set the silence that ends the command in this pause, given what was said before it.

        It no longer applies once the speaker continues. Returns `ENDED` if there was that much
        silence already.
        """
        self._pause_seconds = silence_seconds
        if self.done or not (self.paused and self._silent_seconds >= silence_seconds):
            return None
        self.done = True
        return SpeechEvent.ENDED

    @property
    def _silent_seconds(self) -> float:
        return self._silent_frames * FRAME_SECONDS

    def push(self, probability: float, silent_frames: int = 0) -> SpeechEvent | None:
        """Take the next frame's probability of speech, 0 to 1.

        `silent_frames` tells for how many frames the speaker has been silent, this one included, if
        that was found out late.
        """
        if self.done:
            return None
        self._frames += 1
        self._speaking = probability >= (
            STILL_SPEECH_PROBABILITY if self._speaking else SPEECH_PROBABILITY
        )
        if self._speaking:
            self._speech_frames += 1
            self._silent_frames = 0
        else:
            self._silent_frames = max(self._silent_frames + 1, silent_frames)
        heard = self._decide() if self.started else self._decide_start()
        self.done = heard in (SpeechEvent.ENDED, SpeechEvent.NO_SPEECH)
        if not self.done and self.seconds >= TOO_LONG_SECONDS:
            self.done = True
            return SpeechEvent.TOO_LONG
        return heard

    def _decide_start(self) -> SpeechEvent | None:
        if not self._speaking:
            self._speech_frames = 0
        if self._speech_frames >= _START_FRAMES:
            self.started = True
            return SpeechEvent.STARTED
        return SpeechEvent.NO_SPEECH if self.seconds >= NO_SPEECH_SECONDS else None

    def _decide(self) -> SpeechEvent | None:
        if self._speaking:
            was_paused, self.paused = self.paused, False
            return SpeechEvent.RESUMED if was_paused else None
        if not self.paused:
            return self._decide_pause()
        if self._silent_seconds >= self._pause_seconds:
            return SpeechEvent.ENDED
        if not self._lasts and self._silent_seconds >= LASTING_PAUSE_SECONDS:
            self._lasts = True
            return SpeechEvent.PAUSE_LASTS
        return None

    def _decide_pause(self) -> SpeechEvent | None:
        silent_seconds = self._silent_seconds
        if silent_seconds < PAUSE_SECONDS:
            return None
        self.paused = True
        self._lasts = False
        may_be_only_phrase = (
            self._wake_phrase and self.seconds - silent_seconds <= WAKE_PHRASE_SECONDS
        )
        self._pause_seconds = NO_SPEECH_SECONDS if may_be_only_phrase else self._silence_seconds
        return SpeechEvent.PAUSED
