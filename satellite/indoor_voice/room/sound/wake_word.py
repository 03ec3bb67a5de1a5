"""Finds wake words in a stream of sound with openWakeWord's models.

openWakeWord turns sound into a mel spectrogram (one frame of 32 bands per 10 ms), every 76 frames
of it into an embedding of 96 numbers (one per 80 ms), and the latest 16 or so embeddings into a
score per wake word. The first two are shared, so a further wake word costs little.

The numbers here are those of openWakeWord 0.4.0, whose models these are.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime as ort  # type: ignore[import-untyped]  # it ships no types

from indoor_voice.errors import UserError

from .pcm import BLOCK_SAMPLES, BLOCK_SECONDS, Samples
from .wake_models import WakeModel, model_folder

DEFAULT_THRESHOLD: Final = 0.5
"""What openWakeWord recommends."""
REFRACTORY_SECONDS: Final = 1.5
"""One utterance is found once. Of 151 real "alexa" the score was high for up to 1.28 s, with dips:
a pause of 1.0 s found 47 of them twice, 1.5 s none; Piper's "hey jarvis" stays high for 0.72 s."""

_BANDS: Final = 32
_WINDOW_FRAMES: Final = 76
_STEP_FRAMES: Final = 8
_EMBEDDING: Final = 96
_OVERLAP_SAMPLES: Final = 480
"""Sound of the step before that a step's spectrogram needs: three frames."""
_SETTLING_BLOCKS: Final = 5
"""Blocks after a reset whose scores mean nothing yet."""
_REFRACTORY_BLOCKS: Final = round(REFRACTORY_SECONDS / BLOCK_SECONDS)

Floats = npt.NDArray[np.float32]


class Detector:
    """Listens for several wake words at once, one block after the other."""

    def __init__(self, models: Iterable[WakeModel], threshold: float = DEFAULT_THRESHOLD) -> None:
        """Load `models`; raises `UserError` on a file that is no openWakeWord model."""
        self._threshold = threshold
        self._features = _Features()
        self._scorers: dict[str, _Scorer] = {}
        self.choose(models)

    def choose(self, models: Iterable[WakeModel]) -> None:
        """Listen for these wake words from now on; raises `UserError` like the constructor."""
        self._scorers = {
            model.name: self._scorers.get(model.name) or _Scorer(model) for model in models
        }
        self._features.keep(max((s.length for s in self._scorers.values()), default=1))
        self.reset()

    @property
    def ready(self) -> bool:
        """Whether the next block may complete a wake word: not at first, nor right after one."""
        return not self._scorers or self._blocks_until_ready == 0

    def reset(self) -> None:
        """Forget what was heard, as after a gap in the sound."""
        self._features.reset()
        self._blocks_until_ready = _SETTLING_BLOCKS

    def scores(self, block: Samples) -> dict[str, float]:
        """Hear the next block, shape (1280,), and return the score of each wake word, 0 to 1."""
        embeddings = self._features.hear(block)
        return {name: scorer.score(embeddings) for name, scorer in self._scorers.items()}

    def hear(self, block: Samples) -> str | None:
        """Hear the next block, shape (1280,), and return the wake word that it completes."""
        if not self._scorers:
            return None
        scores = self.scores(block)
        if self._blocks_until_ready > 0:
            self._blocks_until_ready -= 1
            return None
        best = max(scores, key=scores.__getitem__)
        if scores[best] < self._threshold:
            return None
        self._blocks_until_ready = _REFRACTORY_BLOCKS
        return best


class _Features:
    """The part that all wake words share: sound in, the latest embeddings out."""

    def __init__(self) -> None:
        folder = model_folder()
        self._spectrogram = _session(folder / "melspectrogram.onnx")
        self._embedding = _session(folder / "embedding_model.onnx")
        silence = np.zeros((_WINDOW_FRAMES * 160 + _OVERLAP_SAMPLES,), np.int16)
        self._silence: Floats = self._embed(self._frames(silence))
        self.keep(1)
        self.reset()

    def keep(self, length: int) -> None:
        """Return this many embeddings from now on; needs a reset."""
        self._length = length

    def reset(self) -> None:
        """Begin as openWakeWord does: after a long silence."""
        self._sound: Samples = np.zeros((0,), np.int16)
        self._window: Floats = np.ones((_WINDOW_FRAMES, _BANDS), np.float32)
        self._embeddings: Floats = np.tile(self._silence, (self._length, 1))

    def hear(self, block: Samples) -> Floats:
        """Hear one block and return the latest embeddings, shape (length, 96)."""
        if block.shape != (BLOCK_SAMPLES,):
            raise ValueError(f"a block has {BLOCK_SAMPLES} samples, not {block.shape}")
        sound = np.concatenate((self._sound, block))
        self._sound = sound[-_OVERLAP_SAMPLES:]
        self._window = np.concatenate((self._window, self._frames(sound)))[-_WINDOW_FRAMES:]
        self._embeddings = np.concatenate((self._embeddings[1:], self._embed(self._window)))
        return self._embeddings

    def _frames(self, sound: Samples) -> Floats:
        samples = sound.astype(np.float32)[np.newaxis]
        (frames,) = self._spectrogram.run(None, {"input": samples})
        # openWakeWord's scaling, which brings this model close to the one that Google trained with.
        scaled: Floats = frames.reshape(-1, _BANDS) / 10 + 2
        return scaled

    def _embed(self, window: Floats) -> Floats:
        (embedding,) = self._embedding.run(None, {"input_1": window[np.newaxis, :, :, np.newaxis]})
        row: Floats = embedding.reshape(1, _EMBEDDING)
        return row


class _Scorer:
    """One wake word's model: embeddings in, a score out."""

    def __init__(self, model: WakeModel) -> None:
        self._session = _session(model.path)
        takes, gives = self._session.get_inputs()[0], self._session.get_outputs()[0]
        if takes.shape[2:] != [_EMBEDDING] or gives.shape[1:] != [1]:
            raise UserError(f"{model.path} is not an openWakeWord model of one wake word.")
        self._input: str = takes.name
        self.length: int = takes.shape[1]

    def score(self, embeddings: Floats) -> float:
        (scores,) = self._session.run(None, {self._input: embeddings[np.newaxis, -self.length :]})
        return float(scores[0, 0])


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(path, sess_options=options, providers=["CPUExecutionProvider"])
    except Exception as err:  # onnxruntime's exceptions have no common class of their own
        raise UserError(
            f"The model {path} cannot be loaded. Is it an openWakeWord model in ONNX format?"
        ) from err
