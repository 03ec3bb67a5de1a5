"""The short sounds that report what a satellite is doing, without a speech server."""

from enum import StrEnum
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from indoor_voice.room.adjustments import Adjustments

from .pcm import Samples

DEFAULT_VOLUME: Final = Adjustments().cue_volume
_FADE_SECONDS: Final = 0.01
_DECAY_SECONDS: Final = 0.12


class Cue(StrEnum):
    """The meaning of a short sound."""

    HEARD = "heard"
    """The wake word was heard; the user may speak."""
    DONE = "done"
    """The command was carried out, and there is no spoken answer."""
    NOTHING = "nothing"
    """Nothing was said; the turn is over."""
    FAILED = "failed"
    """Something went wrong; the turn is over."""
    MUTED = "muted"
    """The microphone is closed on purpose."""
    UNMUTED = "unmuted"
    """The microphone is open again."""
    RINGING = "ringing"
    """A timer has ended; repeated until somebody stops it."""
    THINKING = "thinking"
    """The answer takes its time; repeated until it begins."""


NOTES: Final = {
    Cue.HEARD: ((659.3, 0.07), (987.8, 0.11)),
    Cue.DONE: ((987.8, 0.07), (1318.5, 0.15)),
    Cue.NOTHING: ((493.9, 0.15),),
    Cue.FAILED: ((392.0, 0.16), (261.6, 0.16), (196.0, 0.26)),
    Cue.MUTED: ((880.0, 0.09), (880.0, 0.09), (440.0, 0.2)),
    Cue.UNMUTED: ((440.0, 0.09), (440.0, 0.09), (880.0, 0.2)),
    Cue.RINGING: ((1046.5, 0.12), (1318.5, 0.12), (1046.5, 0.12), (1318.5, 0.24)),
    Cue.THINKING: ((329.6, 0.12), (329.6, 0.12)),
}
"""Notes as (Hz, seconds). Rising notes mean success, falling ones failure."""


@cache
def cue_samples(cue: Cue, rate: int, volume: float = DEFAULT_VOLUME) -> Samples:
    """Return a cue at `rate` samples per second; `volume` is its peak, 0 to 1."""
    peak = volume * np.iinfo(np.int16).max
    return np.concatenate(
        [_note(hertz, seconds, rate) * peak for hertz, seconds in NOTES[cue]]
    ).astype(np.int16)


def _note(hertz: float, seconds: float, rate: int) -> npt.NDArray[np.float64]:
    time = np.arange(round(seconds * rate), dtype=np.float64) / rate
    tone = 0.8 * np.sin(2 * np.pi * hertz * time) + 0.2 * np.sin(4 * np.pi * hertz * time)
    fade = np.clip(np.minimum(time, time[::-1]) / _FADE_SECONDS, 0, 1)
    note: npt.NDArray[np.float64] = tone * fade * np.exp(-time / _DECAY_SECONDS)
    return note
