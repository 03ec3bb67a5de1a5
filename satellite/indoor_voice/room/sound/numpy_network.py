"""Runs the small networks that openWakeWord's training makes, with numpy."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from .onnx_file import Array, Graph, Node

_Step = Callable[[Mapping[str, Array]], Array]
_ABSENT: Final = ""
"""The name of an optional input that is not there."""
_NOTHING: Final = np.zeros((0,), np.float32)
_CAST_TYPES: Final = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_}


class NumpyNetwork:
    """A network of fully connected layers, or of two long short-term memories (LSTM)."""

    def __init__(self, graph: Graph) -> None:
        """Prepare to run a network; raises `LookupError` if it has operators of other kinds."""
        self._weights = graph.weights
        self._steps = [(_step(node), node.outputs[0]) for node in graph.nodes]
        self._output = graph.outputs[0].name

    def run(self, inputs: Mapping[str, Array]) -> Array:
        """Return the first output for inputs by name.

        Raises `LookupError`, `TypeError` or `ValueError` if the network asks for more than it has,
        or for another use of an operator.
        """
        values = {_ABSENT: _NOTHING, **inputs, **self._weights}
        for step, output in self._steps:
            values[output] = step(values)
        return values[self._output]


def _step(node: Node) -> _Step:
    if node.operator == "If":
        return _condition(node)
    operator = _OPERATORS[node.operator]
    return lambda values: operator(*(values[name] for name in node.inputs), **node.attributes)


def _condition(node: Node) -> _Step:
    branches = {
        True: NumpyNetwork(node.attributes["then_branch"]),
        False: NumpyNetwork(node.attributes["else_branch"]),
    }
    (condition,) = node.inputs
    return lambda values: branches[bool(values[condition].all())].run(values)


# The operators have the names of ONNX's attributes as parameters, and its defaults.


def _cast(array: Array, *, to: int) -> Array:
    return array.astype(_CAST_TYPES[to])


def _concat(*arrays: Array, axis: int) -> Array:
    return np.concatenate(arrays, axis)


def _constant(*, value: Array) -> Array:
    return value


def _expand(array: Array, shape: Array) -> Array:
    return array * np.ones(shape, array.dtype)


def _flatten(array: Array, *, axis: int = 1) -> Array:
    return array.reshape(int(np.prod(array.shape[:axis])), -1)


def _gather(array: Array, indices: Array, *, axis: int = 0) -> Array:
    return np.take(array, indices, axis)


def _gemm(  # noqa: PLR0913 - as in ONNX
    a: Array,
    b: Array,
    c: Array | float = 0.0,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    transA: int = 0,  # noqa: N803 - as in ONNX
    transB: int = 0,  # noqa: N803
) -> Array:
    product: Array = (a.T if transA else a) @ (b.T if transB else b)
    return alpha * product + beta * c


def _lstm(  # noqa: PLR0913, PLR0917 - as in ONNX
    sound: Array,
    weights: Array,
    recurrent_weights: Array,
    biases: Array,
    lengths: Array,
    hidden: Array,
    cell: Array,
    *,
    hidden_size: int,
    direction: str,
) -> Array:
    """Run both directions of a long short-term memory, after ONNX's operator LSTM.

    `sound` has the shape (steps, batch, width), the result (steps, 2, batch, hidden_size).
    """
    if direction != "bidirectional" or lengths.size:
        raise ValueError("another use of LSTM")
    # The gates are input, output and forget, which are sigmoids, and cell: all are one tanh,
    # because sigmoid(x) = (1 + tanh(x / 2)) / 2.
    scale = np.repeat(np.array([0.5, 1.0], np.float32), [3 * hidden_size, hidden_size])
    bias = biases.reshape(2, 1, 1, 2, 4 * hidden_size).sum(3)
    inputs = (sound @ weights.transpose(0, 2, 1)[:, np.newaxis] + bias) * scale
    recurrent = np.ascontiguousarray(recurrent_weights.transpose(0, 2, 1)) * scale
    steps = np.stack((inputs[0], inputs[1, ::-1]), axis=1)
    outputs = np.empty((*steps.shape[:3], hidden_size), np.float32)
    for step, output in zip(steps, outputs, strict=True):
        gates = np.tanh(step + hidden @ recurrent).reshape(*output.shape[:2], 4, hidden_size)
        opened = 0.5 + 0.5 * gates[:, :, :3]
        cell = opened[:, :, 2] * cell + opened[:, :, 0] * gates[:, :, 3]
        output[:] = hidden = opened[:, :, 1] * np.tanh(cell)
    outputs[:, 1] = outputs[::-1, 1].copy()
    return outputs


def _reduce_mean(array: Array, *, axes: tuple[int, ...], keepdims: int = 1) -> Array:
    return np.asarray(array.mean(axes, keepdims=bool(keepdims)))


def _relu(array: Array) -> Array:
    return np.maximum(array, 0)


def _shape(array: Array) -> Array:
    return np.array(array.shape)


def _sigmoid(array: Array) -> Array:
    # Unlike exp(-x), this overflows nowhere.
    return (1 + np.tanh(array / 2)) / 2


def _slice(array: Array, starts: Array, ends: Array, axes: Array) -> Array:
    parts = [slice(None)] * array.ndim
    for start, end, axis in zip(starts, ends, axes, strict=True):
        parts[axis] = slice(start, end)
    return array[tuple(parts)]


def _squeeze(array: Array, axes: Array) -> Array:
    return array.squeeze(tuple(axes))


def _transpose(array: Array, *, perm: tuple[int, ...]) -> Array:
    return array.transpose(perm)


def _unsqueeze(array: Array, axes: Array) -> Array:
    return np.expand_dims(array, tuple(axes))


_OPERATORS: Final[Mapping[str, Callable[..., Any]]] = {
    "Add": np.add,
    "Cast": _cast,
    "Concat": _concat,
    "Constant": _constant,
    "Div": np.divide,
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "Gemm": _gemm,
    "GreaterOrEqual": np.greater_equal,
    "Identity": np.asarray,
    "LSTM": _lstm,
    "MatMul": np.matmul,
    "Mul": np.multiply,
    "Pow": np.power,
    "ReduceMean": _reduce_mean,
    "Relu": _relu,
    "Shape": _shape,
    "Sigmoid": _sigmoid,
    "Slice": _slice,
    "Sqrt": np.sqrt,
    "Squeeze": _squeeze,
    "Sub": np.subtract,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
