"""Judges by the sound whether a speaker has finished, with the model Smart Turn.

The model hears how a sentence falls, which a text doesn't show: "turn on the light" or "turn on the
light …". It isn't sure before about 0.4 s of silence, and is asked once, then.
"""

import logging
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]  # it ships no types
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from indoor_voice.speech.pcm import RECOGNITION_RATE

_LOGGER = logging.getLogger(__name__)

MODEL: Final = Path(__file__).with_name("smart_turn_model") / "smart-turn-v3.2-cpu.onnx"
_SECONDS: Final = 8
"""The model hears this much, which ends with the silence in question."""
_FINISHED: Final = 0.5
"""The model's own threshold."""
_TINY: Final = 1e-7
"""Keeps digital silence from being divided by zero; the model was trained with the same."""


class SmartTurn:
    """The model, loaded and warmed up. Its method is slow; call it in one thread."""

    def __init__(self, model: Path = MODEL) -> None:
        """Load the model; raises an error of onnxruntime if the file is missing or damaged."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = ort.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self._spectrum = FeatureExtractor(chunk_length=_SECONDS)
        self.is_finished(np.zeros(RECOGNITION_RATE, np.float32))

    def is_finished(self, audio: NDArray[np.float32]) -> bool:
        """Return whether somebody who said `audio`, 16 kHz mono, sounds finished."""
        samples = _SECONDS * RECOGNITION_RATE
        heard = audio[-samples:]
        heard = np.pad(heard, (samples - len(heard), 0))
        heard = (heard - heard.mean()) / np.sqrt(heard.var() + _TINY)
        features = self._spectrum(heard, padding=0).astype(np.float32)
        (answer,) = self._session.run(None, {"input_features": features[np.newaxis]})
        return bool(answer.item() >= _FINISHED)


def load_smart_turn(model: Path = MODEL) -> SmartTurn | None:
    """Load the model, or warn and return None if its file is missing or damaged."""
    try:
        return SmartTurn(model)
    except Exception as err:  # noqa: BLE001 - onnxruntime has no common class of errors
        _LOGGER.warning(
            "Cannot load %s (%s): whether somebody has finished is judged by silence and by what "
            "Home Assistant understands. Install indoor-voice again to repair the file",
            model.name,
            type(err).__name__,
        )
        return None
