"""Hears "stop" while the satellite sounds, on openWakeWord's embeddings.

Its model is made by `script/train-stop-word`; stop_word.json says of what, and how well it does.
"""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from .open_wake_word import Features
from .pcm import BLOCK_SAMPLES, BLOCK_SECONDS, Samples
from .played import Played
from .speech_embedding import Floats

MODEL: Final = Path(__file__).parent / "stop_word.npz"
ECHO_SECONDS: Final = 2.5
"""How long after it was played something may be heard; see own_sound.py. It bridges the pauses
between two rings."""
_ECHO_BLOCKS: Final = round(ECHO_SECONDS / BLOCK_SECONDS)
_SETTLING_BLOCKS: Final = 10
"""Until the embeddings are of what is heard, not of the silence they began with."""
_REFRACTORY_BLOCKS: Final = 12


class StopModel:
    """A network with one hidden layer, which judges the latest embeddings."""

    def __init__(self, weights: dict[str, Floats]) -> None:
        """Use weights as in the file."""
        self._weights = weights
        self.length = weights["hidden"].shape[0] // weights["mean"].size
        """How many embeddings it judges."""
        self.threshold = float(weights["threshold"])

    def scores(self, embeddings: Floats) -> Floats:
        """Return a score, 0 to 1, for each row of embeddings, shape (n, length * 96)."""
        weights = self._weights
        scaled = (embeddings.reshape(-1, weights["mean"].size) - weights["mean"]) * weights["scale"]
        hidden = scaled.reshape(len(embeddings), -1) @ weights["hidden"] + weights["hidden_bias"]
        output = np.maximum(hidden, 0) @ weights["output"] + weights["output_bias"]
        # Unlike exp(-x), this overflows nowhere.
        scores: Floats = np.asarray((1 + np.tanh(output / 2)) / 2, np.float32)
        return scores


@cache
def stop_model() -> StopModel:
    """Return the model that is shipped."""
    with np.load(MODEL, allow_pickle=False) as file:
        return StopModel(dict(file))


class StopDetector:
    """Detects "stop" in a stream of sound."""

    def __init__(self) -> None:
        """Prepare for the first block; raises `UserError` if openWakeWord cannot be read."""
        self._model = stop_model()
        self._features = Features()
        self._features.keep(self._model.length)
        self._blocks_until_ready = _SETTLING_BLOCKS

    def reset(self) -> None:
        """Discard all previous sound, as after a gap."""
        self._features.reset()
        self._blocks_until_ready = _SETTLING_BLOCKS

    def hear(self, block: Samples) -> bool:
        """Process a block of shape (1280,) and return whether it completes "stop"."""
        self._features.process([block])
        if self._blocks_until_ready > 0:
            self._blocks_until_ready -= 1
            return False
        latest = self._features.embeddings[-self._model.length :]
        if self._model.scores(latest.reshape(1, -1))[0] < self._model.threshold:
            return False
        self._blocks_until_ready = _REFRACTORY_BLOCKS
        return True


class StopWord:
    """Hears "stop" said by a person while the satellite sounds; costs nothing otherwise.

    It also listens to what is played, to ignore what the satellite says itself.
    """

    def __init__(self) -> None:
        """Load the model; raises `UserError` if openWakeWord cannot be read."""
        self._played = Played()
        self._heard = StopDetector()
        self._own = StopDetector()
        self._incomplete: Samples = np.zeros((0,), np.int16)
        self._blocks_since_sound = _ECHO_BLOCKS
        self._blocks_since_own = _ECHO_BLOCKS

    # In the loudspeaker thread

    def begin(self, rate: int) -> None:
        """Begin a playback at `rate` samples per second."""
        self._played.begin(rate)

    def add(self, piece: Samples) -> None:
        """Add what is played next."""
        self._played.add(piece)

    # In the listener thread

    def discard(self) -> None:
        """Forget what was played and heard, because the microphone was closed."""
        self._played.discard()
        self._blocks_since_sound = _ECHO_BLOCKS

    def hear(self, block: Samples) -> bool:
        """Process a block of the microphone, and return whether a person completes "stop"."""
        began = self._blocks_since_sound >= _ECHO_BLOCKS
        self._blocks_since_sound += 1
        self._blocks_since_own += 1
        self._listen_to_own()
        if self._blocks_since_sound >= _ECHO_BLOCKS:
            return False
        if began:
            self._heard.reset()
        return self._heard.hear(block) and self._blocks_since_own >= _ECHO_BLOCKS

    def _listen_to_own(self) -> None:
        for piece in self._played.take():
            if piece is None:
                self._own.reset()
                self._incomplete = self._incomplete[:0]
            else:
                self._blocks_since_sound = 0
                self._hear_own(piece)

    def _hear_own(self, piece: Samples) -> None:
        sound = np.concatenate((self._incomplete, piece))
        whole = sound.size // BLOCK_SAMPLES * BLOCK_SAMPLES
        for block in sound[:whole].reshape(-1, BLOCK_SAMPLES):
            if self._own.hear(block):
                self._blocks_since_own = 0
        self._incomplete = sound[whole:]
