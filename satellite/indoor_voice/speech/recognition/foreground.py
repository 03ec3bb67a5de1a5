"""Tells a speaker from softer voices behind them, such as a television, by level.

People who speak to a device are usually its loudest voice, and the wake word and the first words
show how loud. Loudness alone can't tell the end of a sentence, where voices drop by 10 dB and more,
from a television 10 dB below. But behind a television the room is never quiet: the soft sounds
between words, and those before the wake word, stay within 20 dB of the speaker. So what counts as
softer depends on this contrast. In a quiet room, only what is far softer than the speaker is
another voice, so that soft last words are not lost. A voice that is hardly softer can't be told.

Pure. Levels are RMS in dBFS, of frames of `FRAME_SAMPLES`. The constants were chosen on synthetic
commands with falling voices, mixed with news, recorded voices, singing and conversation, dry and
with reverberation.
"""

from bisect import insort
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .end_of_speech import FRAME_SECONDS, SPEECH_PROBABILITY

_SILENCE_POWER: Final = 1e-10
"""Added to a frame's power, so that digital silence is -100 dBFS."""
_SPEAKER_RANK: Final = 10
"""The speaker's level is that of their tenth loudest frame, so a slammed door doesn't count."""
_SPEAKER_SHARE: Final = 5
"""Of fewer than 50 frames with speech, it's the level that a fifth of them reach."""
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
_LOUD_DB: Final = 5.0
_LOUD_BELOW_CONTRAST_DB: Final = 3.0
"""Above half the contrast without these 3 dB, or 5 dB, below the speaker's level, it's the speaker.

The contrast is the difference between the speaker's and the room's level.
"""
_SOFT_DB: Final = 9.0
_SOFT_BELOW_CONTRAST_DB: Final = 0.5
"""The same for what may be the speaker's last, softer words."""
_SOFT_SECONDS: Final = 0.55
"""The longest time that such words last; what goes on for longer is another voice."""
_BEFORE_FRAMES: Final = 8
_AFTER_FRAMES: Final = 7
"""Frames that count as the speaker's before and after those in which they are heard.

Before, because a word starts softly and its level is found with the third loud frame. After, as
many as `PAUSE_SECONDS` has, so that nothing is missing from a transcript that is made in a pause.
"""


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
        self._soft_frames = 0

    def push(self, frame: NDArray[np.float32], probability: float) -> float:
        """Return the probability, 0 to 1, that the speaker speaks in the stream's next frame.

        Args:
            frame: Samples between -1 and 1, 16 kHz mono.
            probability: Probability that anybody does.
        """
        power = float(np.mean(np.square(frame, dtype=np.float64)))
        level = 10 * float(np.log10(power + _SILENCE_POWER))
        self._recent = [*self._recent[1 - _WINDOW_FRAMES :], level]
        self._peaks.append(sorted(self._recent)[-min(_WINDOW_RANK, len(self._recent))])
        self._voiced.append(probability >= SPEECH_PROBABILITY)
        insort(self._levels, level)
        if self._voiced[-1]:
            insort(self._voices, level)
        is_speaker = True
        if len(self._voices) >= _SPEAKER_RANK:
            loud, soft, is_quiet = self._thresholds()
            peak = max(self._peaks[-1], level) if is_quiet else self._peaks[-1]
            if peak >= loud:
                self._soft_frames = 0
            else:
                self._soft_frames += 1
                soft_seconds = self._soft_frames * FRAME_SECONDS
                is_speaker = peak >= soft and soft_seconds <= _SOFT_SECONDS
        self._is_speaker.append(is_speaker)
        return probability if is_speaker else 0.0

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
        loud, _, _ = self._thresholds()
        first = next((index for index, peak in enumerate(self._peaks) if peak >= loud), 0)
        for index in range(first, len(speaks)):
            if self._is_speaker[index]:
                for near in range(index - _BEFORE_FRAMES, index + _AFTER_FRAMES + 1):
                    if 0 <= near < len(speaks):
                        speaks[near] = True
        return speaks

    def _thresholds(self) -> tuple[float, float, bool]:
        """Return the speaker's least level, that of their soft words, and if the room is quiet."""
        rank = min(_SPEAKER_RANK, 1 + len(self._voices) // _SPEAKER_SHARE, len(self._voices))
        speaker = self._voices[-rank]
        contrast = speaker - self._levels[len(self._levels) // _ROOM_SHARE]
        return (
            speaker - max(_LOUD_DB, contrast / 2 - _LOUD_BELOW_CONTRAST_DB),
            speaker - max(_SOFT_DB, contrast / 2 - _SOFT_BELOW_CONTRAST_DB),
            contrast >= _QUIET_DB,
        )
