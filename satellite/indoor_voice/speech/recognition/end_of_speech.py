"""Decides from a voice detector's probabilities where a spoken command begins and ends.

Pure: time is counted in frames of audio, so audio that arrives in a burst is judged as if it had
arrived as it was spoken.
"""

from enum import Enum, auto
from typing import Final

from wyoming.asr import VadSensitivity

FRAME_SAMPLES: Final = 512
"""At 16 kHz: the frame that Silero's detector takes."""
FRAME_SECONDS: Final = FRAME_SAMPLES / 16_000

SILENCE_SECONDS: Final = {
    VadSensitivity.AGGRESSIVE: 0.35,
    VadSensitivity.DEFAULT: 0.6,
    VadSensitivity.RELAXED: 1.2,
}
"""How long a speaker must be silent to be taken to have finished.

Breaks inside a command last up to 0.4 s, which even the shortest outlasts: what the detector
still takes for speech adds 0.1 s.
"""
PAUSE_SECONDS: Final = 0.2
"""How long a silence must be to be worth recognising what came before it."""
NO_SPEECH_SECONDS: Final = 5.0
"""How long somebody who has not begun may take."""
TOO_LONG_SECONDS: Final = 15.0
"""What a command may last at most, silences included: the wire's own bound."""
WAKE_PHRASE_SECONDS: Final = 2.2
"""Where a wake phrase has ended: a satellite sends up to 2 s from before its detection."""

_SPEECH: Final = 0.5
"""Silero's own threshold."""
_STILL_SPEECH: Final = 0.35
"""Silero's own, for the end of speech."""
_START_FRAMES: Final = 3
"""A click is shorter than this, the word "stop" longer."""


class SpeechEvent(Enum):
    """What a frame of audio decided."""

    STARTED = auto()
    """Somebody speaks."""
    PAUSED = auto()
    """They are silent, and may have finished."""
    RESUMED = auto()
    """They speak again: what was concluded from the pause no longer holds."""
    ENDED = auto()
    """They have finished. Nothing follows."""
    NO_SPEECH = auto()
    """They never began. Nothing follows."""
    TOO_LONG = auto()
    """They are cut off. Nothing follows."""


class EndOfSpeech:
    """Takes one probability of speech per frame and says what it decided.

    `started` and `paused` describe the moment; `done` means that more frames change nothing.
    """

    def __init__(self, silence_seconds: float, *, wake_phrase: bool = False) -> None:
        """Wait for a command that ends with `silence_seconds` of silence.

        With `wake_phrase` the audio may begin with one, after which people pause at will: silence
        then ends nothing until `agree_after` says that more than the phrase was heard.
        """
        self.started = False
        self.paused = False
        self.done = False
        self._silence_seconds = silence_seconds
        self._wake_phrase = wake_phrase
        self._agreed_seconds = silence_seconds
        self._frames = 0
        self._speech_frames = 0
        self._silent_frames = 0
        self._speaking = False

    @property
    def seconds(self) -> float:
        """The audio heard so far."""
        return self._frames * FRAME_SECONDS

    def agree_after(self, silence_seconds: float) -> None:
        """Set the silence that ends this pause, by what was recognised before it.

        Forgotten when the speaker goes on.
        """
        self._agreed_seconds = silence_seconds

    def push(self, probability: float) -> SpeechEvent | None:
        """Take the next frame's probability of speech, 0 to 1."""
        if self.done:
            return None
        self._frames += 1
        self._speaking = probability >= (_STILL_SPEECH if self._speaking else _SPEECH)
        if self._speaking:
            self._speech_frames += 1
            self._silent_frames = 0
        else:
            self._silent_frames += 1
        heard = self._decide() if self.started else self._decide_start()
        if heard is None and self.seconds >= TOO_LONG_SECONDS:
            heard = SpeechEvent.TOO_LONG
        self.done = heard in (SpeechEvent.ENDED, SpeechEvent.NO_SPEECH, SpeechEvent.TOO_LONG)
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
            if self.paused:
                self.paused = False
                return SpeechEvent.RESUMED
            return None
        silent_seconds = self._silent_frames * FRAME_SECONDS
        if not self.paused and silent_seconds >= PAUSE_SECONDS:
            self.paused = True
            perhaps_only_the_phrase = (
                self._wake_phrase and self.seconds - silent_seconds <= WAKE_PHRASE_SECONDS
            )
            self._agreed_seconds = (
                NO_SPEECH_SECONDS if perhaps_only_the_phrase else self._silence_seconds
            )
            return SpeechEvent.PAUSED
        if self.paused and silent_seconds >= self._agreed_seconds:
            return SpeechEvent.ENDED
        return None
