"""Computes wake word scores with openWakeWord's models.

openWakeWord computes a mel spectrogram (one frame of 32 bands per 10 ms), an embedding of 96
numbers from each window of 76 frames (one per 80 ms), and a score per wake word from the latest
embeddings (about 16). The first two stages are shared, so an additional wake word costs little.

The constants are those of openWakeWord 0.4.0, which provides the models.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime as ort  # type: ignore[import-untyped]  # it ships no types

from indoor_voice.errors import UserError

from .pcm import BLOCK_SAMPLES, Samples
from .wake_models import COPY_AGAIN, WakeModel, model_folder
from .wake_rules import HELD_BLOCKS

_BANDS: Final = 32
_WINDOW_FRAMES: Final = 76
_EMBEDDING: Final = 96
_OVERLAP_SAMPLES: Final = 480
"""Sound of the previous step that the spectrogram of a step needs: three frames."""

Floats = npt.NDArray[np.float32]


class OpenWakeWords:
    """Computes the scores of several wake words, block by block."""

    def __init__(self) -> None:
        self._features = _Features()
        self._scorers: dict[str, _Scorer] = {}

    def add(self, model: WakeModel) -> None:
        """Score this wake word too, also in what was heard already; raises `UserError`."""
        if model.name not in self._scorers:
            assert model.open is not None
            scorer = _Scorer(model.open)
            self._scorers[model.name] = scorer
            self._features.keep(scorer.length + HELD_BLOCKS)

    def keep(self, names: Iterable[str]) -> None:
        """Forget all wake words but these."""
        self._scorers = {name: self._scorers[name] for name in names if name in self._scorers}

    def reset(self) -> None:
        """Discard all previous sound, as after a gap."""
        self._features.reset()

    def hear(self, block: Samples) -> None:
        """Process a block of shape (1280,)."""
        self._features.process(block)

    def scores(self, name: str, count: int) -> list[float]:
        """Return a wake word's scores, 0 to 1, after each of the latest blocks, oldest first.

        `count` is at most `HELD_BLOCKS`.
        """
        scorer, embeddings = self._scorers[name], self._features.embeddings
        ends = range(len(embeddings) - count + 1, len(embeddings) + 1)
        return [scorer.score(embeddings[end - scorer.length : end]) for end in ends]


class _Features:
    """The stages shared by all wake words: computes embeddings of the latest sound."""

    def __init__(self) -> None:
        folder = model_folder()
        self._spectrogram = _session(folder / "melspectrogram.onnx")
        self._embedding = _session(folder / "embedding_model.onnx")
        silence = np.zeros((_WINDOW_FRAMES * 160 + _OVERLAP_SAMPLES,), np.int16)
        self._silence_embedding: Floats = self._embed(self._frames(silence))
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
        self._window: Floats = np.ones((_WINDOW_FRAMES, _BANDS), np.float32)
        self.embeddings = np.tile(self._silence_embedding, (self._kept, 1))

    def process(self, block: Samples) -> None:
        """Process a block of shape (1280,)."""
        if block.shape != (BLOCK_SAMPLES,):
            raise ValueError(f"a block must have the shape ({BLOCK_SAMPLES},), not {block.shape}")
        sound = np.concatenate((self._sound, block))
        self._sound = sound[-_OVERLAP_SAMPLES:]
        self._window = np.concatenate((self._window, self._frames(sound)))[-_WINDOW_FRAMES:]
        self.embeddings = np.concatenate((self.embeddings[1:], self._embed(self._window)))

    def _frames(self, sound: Samples) -> Floats:
        samples = sound.astype(np.float32)[np.newaxis]
        (frames,) = self._spectrogram.run(None, {"input": samples})
        # Scaled as in openWakeWord, to come close to the model that Google trained with.
        scaled: Floats = frames.reshape(-1, _BANDS) / 10 + 2
        return scaled

    def _embed(self, window: Floats) -> Floats:
        (embedding,) = self._embedding.run(None, {"input_1": window[np.newaxis, :, :, np.newaxis]})
        row: Floats = embedding.reshape(1, _EMBEDDING)
        return row


class _Scorer:
    """Computes the score of one wake word from embeddings."""

    def __init__(self, path: Path) -> None:
        self._session = _session(path)
        model_input, output = self._session.get_inputs()[0], self._session.get_outputs()[0]
        if model_input.shape[2:] != [_EMBEDDING] or output.shape[1:] != [1]:
            raise UserError(f"{path} is not an openWakeWord model for a single wake word.")
        self._input_name: str = model_input.name
        self.length: int = model_input.shape[1]

    def score(self, embeddings: Floats) -> float:
        """Return the score for embeddings of shape (length, 96)."""
        (scores,) = self._session.run(None, {self._input_name: embeddings[np.newaxis]})
        return float(scores[0, 0])


@cache  # detectors share a session, which several threads may use
def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(path, sess_options=options, providers=["CPUExecutionProvider"])
    except Exception as err:  # onnxruntime's exceptions share no base class
        raise UserError(
            f"Cannot load {path}, which must be an openWakeWord model in ONNX format. {COPY_AGAIN}"
        ) from err
