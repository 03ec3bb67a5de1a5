"""Computes wake word scores with openWakeWord's models.

The features of the sound are shared by all wake words, of which each has a network that computes a
score from the latest embeddings (about 16). So an additional wake word costs little.

The constants are those of openWakeWord 0.4.0, which provides the models.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from indoor_voice.errors import UserError

from .numpy_network import NumpyNetwork
from .onnx_file import Graph, read_graph
from .pcm import BLOCK_SAMPLES, Samples
from .speech_embedding import (
    BANDS,
    EMBEDDING,
    FRAME_STEP_SAMPLES,
    WINDOW_FRAMES,
    Floats,
    Spectrogram,
    SpeechEmbedding,
)
from .wake_models import WakeModel
from .wake_rules import HELD_BLOCKS
from .wake_verifier import VERIFIED_BLOCKS

_OVERLAP_SAMPLES: Final = 3 * FRAME_STEP_SAMPLES
"""Sound of the previous block that the spectrogram of a block needs."""
_FRAMES_IN_FIRST_BLOCK: Final = 5
_BATCH_BLOCKS: Final = 8
"""Larger batches cost no less per block, and need more memory."""

_Network = Callable[[Floats], Floats]
"""Returns scores, shape (1, 1), for embeddings of shape (1, length, 96)."""


class OpenWakeWords:
    """Computes the scores of several wake words, block by block."""

    def __init__(self) -> None:
        self._features = Features()
        self._features.keep(VERIFIED_BLOCKS)
        self._scorers: dict[str, _Scorer] = {}

    def add(self, model: WakeModel) -> None:
        """Score this wake word too, also in what was heard already; raises `UserError`."""
        if model.name not in self._scorers:
            assert model.open is not None
            scorer = _scorer(model.open)
            self._scorers[model.name] = scorer
            self._features.keep(scorer.length + HELD_BLOCKS)

    def keep(self, names: Iterable[str]) -> None:
        """Forget all wake words but these."""
        self._scorers = {name: self._scorers[name] for name in names if name in self._scorers}

    def reset(self) -> None:
        """Discard all previous sound, as after a gap."""
        self._features.reset()

    def hear(self, *blocks: Samples) -> None:
        """Process blocks of shape (1280,), several of them at half the cost of one by one."""
        for start in range(0, len(blocks), _BATCH_BLOCKS):
            self._features.process(blocks[start : start + _BATCH_BLOCKS])

    def scores(self, name: str, count: int) -> list[float]:
        """Return a wake word's scores, 0 to 1, after each of the latest blocks, oldest first.

        `count` is at most `HELD_BLOCKS`.
        """
        scorer, embeddings = self._scorers[name], self._features.embeddings
        ends = range(len(embeddings) - count + 1, len(embeddings) + 1)
        return [scorer.score(embeddings[end - scorer.length : end]) for end in ends]

    def embeddings(self, count: int) -> Floats:
        """Return the latest embeddings, shape (count, 96), oldest first.

        `count` is at most `VERIFIED_BLOCKS`.
        """
        return self._features.embeddings[-count:]


class Features:
    """What all wake words share: computes embeddings of the latest sound."""

    def __init__(self) -> None:
        self._spectrogram = Spectrogram()
        silence = np.zeros((WINDOW_FRAMES * FRAME_STEP_SAMPLES + _OVERLAP_SAMPLES,), np.int16)
        silent_frames = self._spectrogram.frames(silence)
        self._silence_embedding = SpeechEmbedding().process(silent_frames)
        self._kept = 1
        self.embeddings: Floats
        """The latest, shape (kept, 96)."""
        self.reset()

    def keep(self, count: int) -> None:
        """Keep at least this number of embeddings; those of before are silence."""
        if count > self._kept:
            silence = np.tile(self._silence_embedding, (count - self._kept, 1))
            self.embeddings = np.concatenate((silence, self.embeddings))
            self._kept = count

    def reset(self) -> None:
        """Start in the same state as openWakeWord: after a long silence."""
        self._sound: Samples = np.zeros((0,), np.int16)
        self._embedding = SpeechEmbedding()
        # The network waits for the rest of its first window.
        self._frames: Floats = np.ones((WINDOW_FRAMES - _FRAMES_IN_FIRST_BLOCK, BANDS), np.float32)
        self.embeddings = np.tile(self._silence_embedding, (self._kept, 1))

    def process(self, blocks: Sequence[Samples]) -> None:
        """Process blocks of shape (1280,)."""
        frames = [self._frames, *(self._spectrum(block) for block in blocks)]
        self._frames = self._frames[:0]
        embeddings = self._embedding.process(np.concatenate(frames))
        self.embeddings = np.concatenate((self.embeddings, embeddings))[-self._kept :]

    def _spectrum(self, block: Samples) -> Floats:
        if block.shape != (BLOCK_SAMPLES,):
            raise ValueError(f"a block must have the shape ({BLOCK_SAMPLES},), not {block.shape}")
        sound = np.concatenate((self._sound, block))
        self._sound = sound[-_OVERLAP_SAMPLES:]
        return self._spectrogram.frames(sound)


class _Scorer:
    """Computes the score of one wake word from embeddings; detectors and threads may share it."""

    def __init__(self, path: Path) -> None:
        graph = read_graph(path)
        inputs = [value.shape for value in graph.inputs]
        outputs = [value.shape for value in graph.outputs]
        match inputs, outputs:
            case [(_, int(length), int(width))], [(_, 1)] if length > 0 and width == EMBEDDING:
                self.length: int = length
            case _:
                raise UserError(f"{path} is not an openWakeWord model for a single wake word.")
        self._network = _network(graph, path, length)

    def score(self, embeddings: Floats) -> float:
        """Return the score for embeddings of shape (length, 96)."""
        return float(self._network(embeddings[np.newaxis])[0, 0])


@cache
def _scorer(path: Path) -> _Scorer:
    return _Scorer(path)


def _network(graph: Graph, path: Path, length: int) -> _Network:
    """Run a network with numpy if possible, and otherwise with onnxruntime."""
    try:
        network = _numpy(graph)
        float(network(np.zeros((1, length, EMBEDDING), np.float32))[0, 0])
    except (LookupError, TypeError, ValueError):
        from .onnxruntime_network import load_network  # noqa: PLC0415 - heavy, and rarely needed

        return load_network(path)
    return network


def _numpy(graph: Graph) -> _Network:
    network, name = NumpyNetwork(graph), graph.inputs[0].name
    return lambda embeddings: network.run({name: embeddings})
