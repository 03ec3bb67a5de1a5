"""A microphone whose sound the satellite's settings change."""

from collections.abc import Generator
from contextlib import closing

import numpy as np

from indoor_voice.room.adjustments import Adjustments

from .echo.canceller import EchoCanceller
from .microphone import Microphone
from .pcm import Samples


class AdjustedMicrophone:
    """A microphone whose sound passes through an echo canceller, if there is one, and a gain."""

    def __init__(self, microphone: Microphone, canceller: EchoCanceller | None) -> None:
        """Prepare to pass on the sound of `microphone` as it is."""
        self._microphone = microphone
        self._canceller = canceller
        self._cancels_echo = False
        self._factor = 1.0

    def adjust(self, adjustments: Adjustments) -> None:
        """Use these settings from the next block on."""
        self._cancels_echo = bool(adjustments.echo_cancelling)
        self._factor = 10 ** (adjustments.microphone_gain_db / 20)

    def blocks(self) -> Generator[Samples]:
        """Yield blocks of shape (1280,) at 16 kHz until closed; raises `DeviceLostError`."""
        if self._canceller is not None:
            self._canceller.restart()
        with closing(self._microphone.blocks()) as blocks:
            for block in blocks:
                # The gain comes last: what it clips is no echo that a canceller could subtract.
                yield _amplified(self._without_echo(block), self._factor)

    def _without_echo(self, block: Samples) -> Samples:
        if self._canceller is None:
            return block
        if self._cancels_echo:
            return self._canceller.process(block)
        self._canceller.restart()  # or what is played would pile up
        return block


def _amplified(block: Samples, factor: float) -> Samples:
    if factor == 1.0:
        return block
    limits = np.iinfo(np.int16)
    louder: Samples = np.clip(block * factor, limits.min, limits.max).astype(np.int16)
    return louder
