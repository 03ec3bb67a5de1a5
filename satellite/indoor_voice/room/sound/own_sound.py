"""Recognises wake words in what the satellite itself plays, so that it does not wake itself.

The loudspeaker passes on what it is about to play. The microphone hears it a little later, softer
and with the room's sound added. So a wake word that was just played explains one that is heard.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from .pcm import BLOCK_SAMPLES, BLOCK_SECONDS, Samples
from .played import Played
from .wake_models import WakeModel
from .wake_rules import Sensitivity
from .wake_word import Detector

ECHO_SECONDS: Final = 2.5
"""How long after it was played a wake word may be heard: the buffers of the loudspeaker and the
microphone, half a second each with Bluetooth, and as long as the detector's scores stay high."""
_ECHO_BLOCKS: Final = round(ECHO_SECONDS / BLOCK_SECONDS)


class OwnSound:
    """What the satellite plays: filled in the loudspeaker thread, listened to in the listener's.

    It costs nothing while nothing is played, and loads its detector when something is.
    """

    def __init__(self) -> None:
        """Prepare to listen for no wake word yet."""
        self._played = Played()
        self._models: Sequence[WakeModel] = ()
        self._detector: Detector | None = None
        self._incomplete: Samples = np.zeros((0,), np.int16)
        self._blocks_since_heard = _ECHO_BLOCKS
        """Blocks of the microphone, a clock that waits for a machine that is busy."""

    # In the loudspeaker thread

    def begin(self, rate: int) -> None:
        """Begin a playback at `rate` samples per second."""
        self._played.begin(rate)

    def add(self, piece: Samples) -> None:
        """Add what is played next."""
        self._played.add(piece)

    # In the listener thread

    def choose(self, models: Sequence[WakeModel]) -> None:
        """Listen for these wake words from now on."""
        self._models = models
        self._detector = None

    def discard(self) -> None:
        """Discard what has not been listened to."""
        self._played.discard()

    def explains_wake_word(self) -> bool:
        """Return whether a wake word that is heard now was just played."""
        return self._blocks_since_heard < _ECHO_BLOCKS

    def listen(self) -> None:
        """Listen to what was played since the last block of the microphone."""
        self._blocks_since_heard += 1
        pieces = self._played.take()
        if not pieces:
            return
        if self._detector is None:
            # As ready to hear it as possible: it must hear whatever the microphone's detector does.
            names = [model.name for model in self._models]
            strong = dict.fromkeys(names, Sensitivity.STRONG.number)
            self._detector = Detector(self._models, strong)
        for piece in pieces:
            if piece is None:
                self._detector.reset()
                self._incomplete = self._incomplete[:0]
            else:
                self._hear(self._detector, piece)

    def _hear(self, detector: Detector, piece: Samples) -> None:
        sound = np.concatenate((self._incomplete, piece))
        whole = sound.size // BLOCK_SAMPLES * BLOCK_SAMPLES
        for block in sound[:whole].reshape(-1, BLOCK_SAMPLES):
            if detector.hear(block) is not None:
                self._blocks_since_heard = 0
        self._incomplete = sound[whole:]
