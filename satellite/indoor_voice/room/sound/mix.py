"""Mixes what is played at the same time."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from .pcm import Samples

_SAMPLE_RANGE: Final = (-32768, 32767)


class Track(Protocol):
    """A sound in the mix; called in the loudspeaker thread."""

    is_background: bool
    """Whether it makes way for other sound."""
    silent_pieces: int
    """Empty pieces taken since the last sound; after enough of them, the track is finished."""

    def take(self, length: int, rate: int) -> npt.NDArray[np.int32]:
        """Return the next samples, shape (length, 1) or (length, 2), padded with silence."""
        ...

    def on_finished(self) -> None:
        """Handle that all has been played."""
        ...

    def lose(self) -> None:
        """Handle that the device has failed, so that nothing is played any more."""
        ...


class Background(Track, Protocol):
    """Music, which makes way for other sound."""

    def make_way(self, seconds: float, *, others_sound: bool) -> None:
        """Prepare for the next `seconds`; whether other sound is played in them."""
        ...


def mixed(
    tracks: Sequence[Track],
    background: Background | None,
    length: int,
    rate: int,
    *,
    factor: float = 1.0,
) -> tuple[Samples, Samples]:
    """Return the next samples in mono, shape (length,), and in stereo, shape (length, 2).

    `factor` multiplies everything but music, which has a volume of its own.
    """
    if background is not None and background in tracks:
        others_sound = not all(track.is_background for track in tracks)
        background.make_way(length / rate, others_sound=others_sound)
    total = np.zeros((length, 2))
    for track in tracks:
        total += track.take(length, rate) * (1.0 if track.is_background else factor)
    stereo = np.clip(total, *_SAMPLE_RANGE)
    return (stereo.sum(axis=1) // 2).astype("<i2"), stereo.astype("<i2")
