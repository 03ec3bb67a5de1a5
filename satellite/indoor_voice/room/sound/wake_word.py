"""Detects wake words in a stream of sound with openWakeWord's models.

openWakeWord computes a mel spectrogram (one frame of 32 bands per 10 ms), an embedding of 96
numbers from each window of 76 frames (one per 80 ms), and a score per wake word from the latest
embeddings (about 16). The first two stages are shared, so an additional wake word costs little.

The constants are those of openWakeWord 0.4.0, which provides the models.
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
"""Recommended by openWakeWord."""
REFRACTORY_SECONDS: Final = 1.5
"""Pause after a detection, so that one utterance is detected only once.

In 151 recordings of people saying "alexa", the score stayed high for up to 1.28 s, with dips. A
pause of 1.0 s detected 47 of them twice, 1.5 s none. With Piper's "hey jarvis" it stays high for
0.72 s.
"""

_BANDS: Final = 32
_WINDOW_FRAMES: Final = 76
_STEP_FRAMES: Final = 8
_EMBEDDING: Final = 96
_OVERLAP_SAMPLES: Final = 480
"""Sound of the previous step that the spectrogram of a step needs: three frames."""
_SETTLING_BLOCKS: Final = 5
"""Blocks after a reset whose scores are not yet meaningful."""
_REFRACTORY_BLOCKS: Final = round(REFRACTORY_SECONDS / BLOCK_SECONDS)

Floats = npt.NDArray[np.float32]


class Detector:
    """Detects several wake words at once, block by block."""

    def __init__(self, models: Iterable[WakeModel], threshold: float = DEFAULT_THRESHOLD) -> None:
        """Load `models`; raises `UserError` for a file that is not an openWakeWord model."""
        self._threshold = threshold
        self._features = _Features()
        self._scorers: dict[str, _Scorer] = {}
        self.choose(models)

    def choose(self, models: Iterable[WakeModel]) -> None:
        """Detect these wake words from now on; raises `UserError` like the constructor."""
        self._scorers = {
            model.name: self._scorers.get(model.name) or _Scorer(model) for model in models
        }
        self._features.set_length(max((s.length for s in self._scorers.values()), default=1))
        self.reset()

    @property
    def ready(self) -> bool:
        """Whether the next block can trigger: not right after a reset or a detection."""
        return not self._scorers or self._blocks_until_ready == 0

    def reset(self) -> None:
        """Discard all previous sound, as after a gap."""
        self._features.reset()
        self._blocks_until_ready = _SETTLING_BLOCKS

    def scores(self, block: Samples) -> dict[str, float]:
        """Process a block of shape (1280,) and return the score of each wake word, 0 to 1."""
        embeddings = self._features.process(block)
        return {name: scorer.score(embeddings) for name, scorer in self._scorers.items()}

    def hear(self, block: Samples) -> str | None:
        """Process a block of shape (1280,) and return the wake word that it completes, if any."""
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
    """The stages shared by all wake words: computes embeddings of the latest sound."""

    def __init__(self) -> None:
        folder = model_folder()
        self._spectrogram = _session(folder / "melspectrogram.onnx")
        self._embedding = _session(folder / "embedding_model.onnx")
        silence = np.zeros((_WINDOW_FRAMES * 160 + _OVERLAP_SAMPLES,), np.int16)
        self._silence_embedding: Floats = self._embed(self._frames(silence))
        self.set_length(1)
        self.reset()

    def set_length(self, length: int) -> None:
        """Set the number of embeddings to return; call `reset` afterwards."""
        self._length = length

    def reset(self) -> None:
        """Start in the same state as openWakeWord: after a long silence."""
        self._sound: Samples = np.zeros((0,), np.int16)
        self._window: Floats = np.ones((_WINDOW_FRAMES, _BANDS), np.float32)
        self._embeddings: Floats = np.tile(self._silence_embedding, (self._length, 1))

    def process(self, block: Samples) -> Floats:
        """Process a block and return the latest embeddings, shape (length, 96)."""
        if block.shape != (BLOCK_SAMPLES,):
            raise ValueError(f"a block must have the shape ({BLOCK_SAMPLES},), not {block.shape}")
        sound = np.concatenate((self._sound, block))
        self._sound = sound[-_OVERLAP_SAMPLES:]
        self._window = np.concatenate((self._window, self._frames(sound)))[-_WINDOW_FRAMES:]
        self._embeddings = np.concatenate((self._embeddings[1:], self._embed(self._window)))
        return self._embeddings

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

    def __init__(self, model: WakeModel) -> None:
        self._session = _session(model.path)
        model_input, output = self._session.get_inputs()[0], self._session.get_outputs()[0]
        if model_input.shape[2:] != [_EMBEDDING] or output.shape[1:] != [1]:
            raise UserError(f"{model.path} is not an openWakeWord model for a single wake word.")
        self._input_name: str = model_input.name
        self.length: int = model_input.shape[1]

    def score(self, embeddings: Floats) -> float:
        (scores,) = self._session.run(
            None, {self._input_name: embeddings[np.newaxis, -self.length :]}
        )
        return float(scores[0, 0])


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
            f"Cannot load the model {path}. Is it an openWakeWord model in ONNX format?"
        ) from err
