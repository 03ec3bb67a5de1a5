"""Computes the features that openWakeWord's models recognise wake words by, as sound comes in.

A mel spectrogram has a frame of 32 bands per 10 ms. Google's speech embedding network makes 96
numbers of each window of 76 frames, eight frames apart. It is a stack of convolutions, for which
neighbouring windows share nearly all results: no layer pads the time axis, and eight frames are
whole steps in all of them. So each layer keeps the last rows of its input and continues with the
next. This costs a seventh of computing each window as a whole, with equal results.

The files of openWakeWord 0.4.0 provide the weights. The order of the layers and the constants
between them are those of these files.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from .onnx_file import read_graph
from .pcm import Samples
from .wake_models import model_folder

BANDS: Final = 32
EMBEDDING: Final = 96
WINDOW_FRAMES: Final = 76
FRAME_STEP_SAMPLES: Final = 160

_FRAME_SAMPLES: Final = 512
_LEAST_POWER: Final = 1e-10
_RANGE: Final = 8.0
"""Powers of ten between the loudest band of a piece of sound and the least that counts."""
_OFFSET: Final = 2.0
"""Added by openWakeWord, to come close to the model that Google trained with."""
_LEAK: Final = 0.2
_LEAST_ACTIVATION: Final = -0.4
_BATCH_EPSILON: Final = 0.001

Floats = npt.NDArray[np.float32]


class Spectrogram:
    """Computes mel spectrograms."""

    def __init__(self) -> None:
        """Raises `UserError` if the weights cannot be read."""
        self._window, self._bands = _spectrogram_weights()

    def frames(self, sound: Samples) -> Floats:
        """Return the frames, shape (n, 32), that fit into a piece of sound."""
        pieces = np.lib.stride_tricks.sliding_window_view(sound, _FRAME_SAMPLES)
        spectrum = np.fft.rfft(pieces[::FRAME_STEP_SAMPLES] * self._window)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ self._bands
        level = np.log10(np.maximum(power, _LEAST_POWER))
        frames: Floats = np.maximum(level, level.max() - _RANGE) + _OFFSET
        return frames


class SpeechEmbedding:
    """The speech embedding network, at some point in a stream of frames."""

    def __init__(self) -> None:
        """Prepare for the first frames; raises `UserError` if the weights cannot be read."""
        self._layers = _embedding_layers()
        self._kept: list[Floats | None] = [None] * len(self._layers)

    def process(self, frames: Floats) -> Floats:
        """Process frames, shape (n, 32), and return the embeddings they complete, shape (m, 96).

        `n` must be 76 at first and a multiple of 8 later.
        """
        rows = frames[:, :, np.newaxis]
        for number, layer in enumerate(self._layers):
            kept = self._kept[number]
            if kept is not None:
                rows = np.concatenate((kept, rows))
            self._kept[number] = rows[len(rows) - layer.time + 1 :]
            rows = layer.apply(rows)
        return rows.reshape(-1, EMBEDDING)


@dataclass(slots=True, kw_only=True)
class _Layer:
    """A convolution over time and bands, with what follows it; it never changes once it is read.

    Rows have the shape (time, bands, channels).
    """

    weights: Floats
    """Shape (time * bands * channels, channels of the result)."""
    time: int
    bands: int
    bias: Floats | float = 0.0
    normalisation: tuple[Floats, Floats] | None = None
    """A factor and a summand, after negative numbers became 0."""
    activated: bool = False
    pooled: tuple[int, int] = field(default=(1, 1))
    """Of how many times and bands only the maximum remains."""

    def apply(self, rows: Floats) -> Floats:
        columns = self._columns(rows)
        times, bands = columns.shape[:2]
        result: Floats = columns.reshape(times * bands, -1) @ self.weights + self.bias
        if self.normalisation is not None:
            factor, summand = self.normalisation
            result = np.maximum(result, 0) * factor + summand
        if self.activated:
            np.maximum(result, _LEAK * result, out=result)
            np.maximum(result, _LEAST_ACTIVATION, out=result)
        return self._pool(result.reshape(times, bands, -1))

    def _columns(self, rows: Floats) -> Floats:
        """Put beside each position what the convolution sees there."""
        times, bands, channels = rows.shape
        if self.bands > 1:
            padded = np.zeros((times, bands + 2, channels), np.float32)
            padded[:, 1:-1] = rows
            rows = padded
        times, bands = rows.shape[0] - self.time + 1, rows.shape[1] - self.bands + 1
        seen = [
            rows[time : time + times, band : band + bands]
            for time in range(self.time)
            for band in range(self.bands)
        ]
        return np.concatenate(seen, axis=2)

    def _pool(self, rows: Floats) -> Floats:
        times, bands = self.pooled
        if times > 1:
            rows = np.maximum(rows[::2], rows[1::2])
        if bands > 1:
            rows = np.maximum(rows[:, ::2], rows[:, 1::2])
        return rows


@cache
def _spectrogram_weights() -> tuple[Floats, Floats]:
    """Return a frame's window and the share of each frequency in each band, shape (257, 32)."""
    weights = read_graph(model_folder() / "melspectrogram.onnx").weights
    # The file has a whole Fourier transform; its frequency 0 is the window.
    return weights["0.stft.conv_real.weight"][0, 0].copy(), weights["1.melW"]


@cache
def _embedding_layers() -> tuple[_Layer, ...]:
    graph = read_graph(model_folder() / "embedding_model.onnx")
    layers: list[_Layer] = []
    for node in graph.nodes:
        weights = [graph.weights[name] for name in node.inputs if name in graph.weights]
        match node.operator:
            case "Conv":
                layers.append(_layer(*weights))
            case "BatchNormalization":
                scale, offset, mean, variance = weights
                factor = scale / np.sqrt(variance + _BATCH_EPSILON)
                layers[-1].normalisation = (factor, offset - mean * factor)
            case "LeakyRelu":
                layers[-1].activated = True
            case "MaxPool":
                layers[-1].pooled = node.attributes["kernel_shape"]
    return tuple(layers)


def _layer(weights: Floats, bias: Floats | float = 0.0) -> _Layer:
    outputs, _, time, bands = weights.shape
    matrix = np.ascontiguousarray(weights.transpose(2, 3, 1, 0).reshape(-1, outputs))
    return _Layer(weights=matrix, bias=bias, time=time, bands=bands)
