"""Runs the small networks that openWakeWord's training makes, with numpy."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from .onnx_file import Array, Graph, Node

_Step = Callable[[Mapping[str, Array]], Array]
_CAST_TYPES: Final = {1: np.float32, 9: np.bool_}


class DenseNetwork:
    """A network of fully connected layers."""

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
        values = {**inputs, **self._weights}
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
        True: DenseNetwork(node.attributes["then_branch"]),
        False: DenseNetwork(node.attributes["else_branch"]),
    }
    (condition,) = node.inputs
    return lambda values: branches[bool(values[condition].all())].run(values)


# The operators have the names of ONNX's attributes as parameters, and its defaults.


def _cast(array: Array, *, to: int) -> Array:
    return array.astype(_CAST_TYPES[to])


def _constant(*, value: Array) -> Array:
    return value


def _flatten(array: Array, *, axis: int = 1) -> Array:
    return array.reshape(int(np.prod(array.shape[:axis])), -1)


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


def _reduce_mean(array: Array, *, axes: tuple[int, ...], keepdims: int = 1) -> Array:
    return np.asarray(array.mean(axes, keepdims=bool(keepdims)))


def _relu(array: Array) -> Array:
    return np.maximum(array, 0)


def _sigmoid(array: Array) -> Array:
    # Unlike exp(-x), this overflows nowhere.
    return (1 + np.tanh(array / 2)) / 2


_OPERATORS: Final[Mapping[str, Callable[..., Any]]] = {
    "Add": np.add,
    "Cast": _cast,
    "Constant": _constant,
    "Div": np.divide,
    "Flatten": _flatten,
    "Gemm": _gemm,
    "GreaterOrEqual": np.greater_equal,
    "Identity": np.asarray,
    "Mul": np.multiply,
    "Pow": np.power,
    "ReduceMean": _reduce_mean,
    "Relu": _relu,
    "Sigmoid": _sigmoid,
    "Sqrt": np.sqrt,
    "Sub": np.subtract,
}
