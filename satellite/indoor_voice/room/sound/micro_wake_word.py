"""Computes wake word scores with microWakeWord's models, at a tenth of openWakeWord's cost.

The front end computes 40 features per 10 ms. A small streaming network takes those of 30 ms at a
time and returns a probability; the score is the mean of the latest ones, five in the models that
come with pymicro-wakeword.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pymicro_wakeword
from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures
from pymicro_wakeword.wakeword import TfLiteWakeWord

from indoor_voice.errors import UserError

from .pcm import Samples
from .wake_models import COPY_AGAIN, WakeModel

_FEATURES: Final = 40
_MAX_WINDOW: Final = 100
"""Probabilities in a score: three seconds, far more than any model averages."""


class MicroWakeWords:
    """Computes the scores of several wake words, block by block."""

    def __init__(self) -> None:
        self._features = MicroWakeWordFeatures()
        self._scorers: dict[str, MicroWakeWord] = {}

    def add(self, model: WakeModel) -> None:
        """Score this wake word too; call `reset` afterwards. Raises `UserError`."""
        if model.name not in self._scorers:
            self._scorers[model.name] = _load(model)

    def keep(self, names: Iterable[str]) -> None:
        """Forget all wake words but these."""
        self._scorers = {name: self._scorers[name] for name in names if name in self._scorers}

    def reset(self) -> None:
        """Discard all previous sound, as after a gap."""
        self._features.reset()
        for scorer in self._scorers.values():
            scorer.reset()

    def process(self, block: Samples) -> dict[str, float]:
        """Process a block of shape (1280,) and return each wake word's highest score, 0 to 1."""
        highest = dict.fromkeys(self._scorers, 0.0)
        if highest:
            for features in self._features.process_streaming(block.astype("<i2").tobytes()):
                for name, scorer in self._scorers.items():
                    score = scorer.process_streaming_prob(features) or 0.0
                    highest[name] = max(highest[name], score)
        return highest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Config:
    """What a model's JSON file says."""

    network: Path
    window: int
    """Probabilities in a score."""


def _load(model: WakeModel) -> MicroWakeWord:
    assert model.micro is not None
    config = _read(model.micro)
    library = _library()
    _check(library, config.network)
    return MicroWakeWord(
        model.name,
        wake_word=model.phrase,
        tflite_model=config.network,
        probability_cutoff=1.0,  # our own rules decide
        sliding_window_size=config.window,
        trained_languages=[],
        libtensorflowlite_c_path=library,
    )


def _read(path: Path) -> _Config:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        config = _Config(
            network=path.parent / str(content["model"]),
            window=int(content["micro"]["sliding_window_size"]),
        )
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as err:
        raise UserError(
            f"{path} does not describe a microWakeWord model, or is incomplete. {COPY_AGAIN}"
        ) from err
    if not 1 <= config.window <= _MAX_WINDOW:
        raise UserError(f"{path}: sliding_window_size must be between 1 and {_MAX_WINDOW}.")
    if not config.network.is_file():
        raise UserError(f"{path} needs {config.network.name} beside it, which is missing.")
    return config


def _library() -> Path:
    (library,) = (Path(pymicro_wakeword.__file__).parent / "lib").glob("*tensorflowlite_c.*")
    return library


def _check(library: Path, network: Path) -> None:
    """Check a network as `MicroWakeWord` does not, which would crash the process."""
    lite = TfLiteWakeWord(library).lib
    model = lite.TfLiteModelCreateFromFile(str(network.absolute()).encode())
    if not model:
        raise UserError(f"Cannot load the wake word model {network}. {COPY_AGAIN}")
    interpreter = lite.TfLiteInterpreterCreate(model, None)
    try:
        if not interpreter or lite.TfLiteInterpreterAllocateTensors(interpreter) != 0:
            raise UserError(f"Cannot load the wake word model {network}. {COPY_AGAIN}")
        tensor = lite.TfLiteInterpreterGetInputTensor(interpreter, 0)
        shape = [
            lite.TfLiteTensorDim(tensor, axis) for axis in range(lite.TfLiteTensorNumDims(tensor))
        ]
        if len(shape) != 3 or shape[0] != 1 or shape[2] != _FEATURES:  # noqa: PLR2004 - axes
            raise UserError(f"{network} is not a microWakeWord model.")
    finally:
        if interpreter:
            lite.TfLiteInterpreterDelete(interpreter)
        lite.TfLiteModelDelete(model)
