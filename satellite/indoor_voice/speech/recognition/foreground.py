"""Tells a speaker from softer voices behind them, such as a television, by level.

People who speak to a device are usually its loudest voice, and the wake word and the first words
show how loud. Loudness alone can't tell the end of a sentence, where voices drop by 10 dB and more,
from a television 10 dB below. Three things help. Whoever speaks stresses a syllable again and
again: in 60 recordings of people and 80 synthesised commands, half of them falling by 10 dB, nobody
who was still speaking stayed 10 dB below their level for more than 0.6 s, pauses aside, or 6 dB
below for more than 1.15 s. So what is softer for longer is another voice, and the speaker ended
with their last loud sound. Behind a television the room is never quiet: the soft sounds between
words, and those before the wake word, stay within 20 dB of the speaker. So what counts as softer
depends on this contrast. And in a quiet room, soft words are more likely to be the speaker's last.
A voice that is hardly softer can't be told.

Pure. Levels are RMS in dBFS, of frames of `FRAME_SAMPLES`. The constants were chosen on synthetic
commands with falling voices, mixed with news, recorded voices, singing and conversation, dry and
with reverberation.
"""

from bisect import insort
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .end_of_speech import FRAME_SECONDS, SPEECH_PROBABILITY, STILL_SPEECH_PROBABILITY

_SILENCE_POWER: Final = 1e-10
"""Added to a frame's power, so that digital silence is -100 dBFS."""
_SPEAKER_RANK: Final = 10
"""The speaker's level is that of their tenth loudest frame, so a slammed door doesn't count."""
_SPEAKER_SHARE: Final = 5
"""Of fewer than 50 frames with speech, it's the level that a fifth of them reach."""
_SPEAKER_VARIES_DB: Final = 1.0
_ROOM_SHARE: Final = 5
"""The room's level is that below which a fifth of all frames stay."""
_WINDOW_FRAMES: Final = 9
_WINDOW_RANK: Final = 3
"""The level at a time is that of the third loudest of the last 9 frames (0.29 s).

It bridges consonants and the gaps between words.
"""
_QUIET_DB: Final = 35.0
"""With at least this contrast, a single loud frame is the speaker, who continues after a pause.

Waiting for the third would shorten the pause that a command may have.
"""
_LOUD_DB: Final = 6.0
_LOUD_IN_QUIET_DB: Final = 10.0
_LOUD_BELOW_CONTRAST_DB: Final = 8.0
"""How far below their level it's certainly the speaker: half the contrast less 8 dB, but 6 to 10.

The contrast is the difference between the speaker's and the room's level.
"""
_SOFT_DB: Final = 9.0
_SOFT_BELOW_CONTRAST_DB: Final = 0.5
"""How far below it may be their last, softer words: half the contrast less 0.5 dB, but at least 9.
"""
_SOFT_SECONDS: Final = 0.8
_SOFT_IN_QUIET_SECONDS: Final = 1.0
"""The longest time that such words last; what goes on for longer is another voice."""
_OTHER_FRAMES: Final = 10
"""Soft speech after the speaker's last loud sound that makes a voice, rather than a word."""
_LAST_WORD_FRAMES: Final = 12
"""How much of the softer sound still is the speaker's last word, once another voice is found."""
_BEFORE_FRAMES: Final = 8
_AFTER_FRAMES: Final = 7
"""Frames that count as the speaker's before and after those in which they are heard.

Before, because a word starts softly and its level is found with the third loud frame. After, as
many as `PAUSE_SECONDS` has, so that nothing is missing from a transcript that is made in a pause.
"""


class FromSpeaker(NamedTuple):
    """What a frame holds of the speaker."""

    probability: float
    """Probability, 0 to 1, that the speaker speaks in it."""
    silent_frames: int = 0
    """For how many frames the speaker is known to have been silent, this one included.

    It's found out late, where another voice went on.
    """


class _Thresholds(NamedTuple):
    certain_dbfs: float
    """The speaker's level; a single frame that is as loud is the speaker's."""
    loud_dbfs: float
    """The speaker's least level."""
    soft_dbfs: float
    """That of their soft words."""
    is_quiet: bool
    """Whether the room is."""


class Foreground:
    """Follows the levels of one stream, frame by frame."""

    def __init__(self) -> None:
        """Prepare for a new stream."""
        self._peaks: list[float] = []
        """The level at each frame's time."""
        self._voiced: list[bool] = []
        self._is_speaker: list[bool] = []
        self._recent: list[float] = []
        """Levels of the window's frames."""
        self._levels: list[float] = []
        """Levels of all frames, sorted."""
        self._voices: list[float] = []
        """Levels of all frames with speech, sorted."""
        self._since_loud = 0
        """Frames since the speaker was loud."""
        self._soft_since = 0
        """Those of them with softer speech."""

    def push(self, frame: NDArray[np.float32], probability: float) -> FromSpeaker:
        """Tell what the stream's next frame holds of the speaker.

        Args:
            frame: Samples between -1 and 1, 16 kHz mono.
            probability: Probability, 0 to 1, that anybody speaks in it.
        """
        power = float(np.mean(np.square(frame, dtype=np.float64)))
        level = 10 * float(np.log10(power + _SILENCE_POWER))
        self._recent = [*self._recent[1 - _WINDOW_FRAMES :], level]
        self._peaks.append(sorted(self._recent)[-min(_WINDOW_RANK, len(self._recent))])
        self._voiced.append(probability >= SPEECH_PROBABILITY)
        insort(self._levels, level)
        if self._voiced[-1]:
            insort(self._voices, level)
        if len(self._voices) < _SPEAKER_RANK:
            self._is_speaker.append(True)
            return FromSpeaker(probability)
        return self._judge_loudness(level, probability)

    def _judge_loudness(self, level: float, probability: float) -> FromSpeaker:
        thresholds = self._thresholds()
        one_is_enough = thresholds.is_quiet or level >= thresholds.certain_dbfs
        peak = max(self._peaks[-1], level) if one_is_enough else self._peaks[-1]
        may_speak = probability >= STILL_SPEECH_PROBABILITY
        if may_speak and peak >= thresholds.loud_dbfs:
            self._since_loud = self._soft_since = 0
        else:
            self._since_loud += 1
            self._soft_since += may_speak
        limit_seconds = _SOFT_IN_QUIET_SECONDS if thresholds.is_quiet else _SOFT_SECONDS
        is_other = (
            self._since_loud * FRAME_SECONDS > limit_seconds and self._soft_since >= _OTHER_FRAMES
        )
        self._is_speaker.append(peak >= thresholds.soft_dbfs and not is_other)
        if is_other:
            # The speaker's last word may have been softer.
            others = self._since_loud - _LAST_WORD_FRAMES
            self._is_speaker[-others:] = [False] * others
            return FromSpeaker(0.0, self._since_loud)
        return FromSpeaker(probability if self._is_speaker[-1] else 0.0)

    def without_background(self, frames: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Join all frames so far, without what other voices said around and between the speaker's.

        Before and between the speaker's words, silence takes the place of such sound; after them,
        it's left out. Without other voices, the frames are joined unchanged.
        """
        audio = np.concatenate(frames)
        speaks = self._speaker_frames()
        others = (
            voiced and not spoken for voiced, spoken in zip(self._voiced, speaks, strict=True)
        )
        if not any(speaks) or not any(others):
            return audio
        size = len(frames[0])
        end = len(speaks) - speaks[::-1].index(True)
        # From the middle of one frame to that of the next, as an abrupt end sounds like a
        # consonant.
        middles = np.arange(end) * size + size / 2
        gains = np.interp(np.arange(end * size), middles, speaks[:end])
        kept: NDArray[np.float32] = audio[: end * size] * gains.astype(np.float32)
        return kept

    def _speaker_frames(self) -> list[bool]:
        """Return for each frame whether the speaker speaks, or is about to, or just has.

        Before the speaker's first loud frame nobody was, whatever it seemed like at the time.
        """
        speaks = [False] * len(self._peaks)
        if not self._voices:
            return speaks
        loud_dbfs = self._thresholds().loud_dbfs
        first = next((index for index, peak in enumerate(self._peaks) if peak >= loud_dbfs), 0)
        for index in range(first, len(speaks)):
            if self._is_speaker[index]:
                for near in range(index - _BEFORE_FRAMES, index + _AFTER_FRAMES + 1):
                    if 0 <= near < len(speaks):
                        speaks[near] = True
        return speaks

    def _thresholds(self) -> _Thresholds:
        rank = min(_SPEAKER_RANK, 1 + len(self._voices) // _SPEAKER_SHARE, len(self._voices))
        speaker = self._voices[-rank]
        contrast = speaker - self._levels[len(self._levels) // _ROOM_SHARE]
        below_db = min(_LOUD_IN_QUIET_DB, max(_LOUD_DB, contrast / 2 - _LOUD_BELOW_CONTRAST_DB))
        return _Thresholds(
            certain_dbfs=speaker - _SPEAKER_VARIES_DB,
            loud_dbfs=speaker - below_db,
            soft_dbfs=speaker - max(_SOFT_DB, contrast / 2 - _SOFT_BELOW_CONTRAST_DB),
            is_quiet=contrast >= _QUIET_DB,
        )
