"""Reads the networks in ONNX files: their nodes and weights.

onnxruntime could read and run any of them, but would take a quarter of the satellite's memory.

An ONNX file is a message `ModelProto` of Protocol Buffers; the field numbers here are those in
ONNX's `onnx.proto`. Attributes and tensors of types that openWakeWord's networks rarely use are
skipped, so that a network may lack something that one of its nodes needs.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indoor_voice.errors import UserError

from .wake_models import COPY_AGAIN

Array = npt.NDArray[Any]
_Message = dict[int, list[int | memoryview]]
"""The values of each field, numbers or bytes."""

_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_FIXED_SIZES: Final = {_FIXED_64: 8, _FIXED_32: 4}
_MAX_VARINT_BITS: Final = 64
_TENSOR_TYPES: Final = {1: "<f4", 6: "<i4", 7: "<i8"}
_RAW_DATA: Final = 9
_INTEGER_DATA: Final = {6: 5, 7: 7}
"""The fields in which small tensors of integers may be instead, by type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An operation on named values."""

    operator: str
    inputs: tuple[str, ...]
    """An optional input that is absent has an empty name."""
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    """Each a number, a text, a tuple of integers, an array or a `Graph`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An input or output of a graph."""

    name: str
    shape: tuple[int, ...]
    """A dimension of any size is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A network, or a part that runs under a condition."""

    nodes: tuple[Node, ...]
    """Each after those that it depends on."""
    weights: Mapping[str, Array]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]


def read_graph(path: Path) -> Graph:
    """Read the network in a file; raises `UserError` if it is no complete ONNX file."""
    try:
        return _graph(_only(_parse(memoryview(path.read_bytes())), 7))
    except (OSError, ValueError, struct.error, RecursionError) as err:
        raise UserError(
            f"Cannot load {path}, which must be an openWakeWord model in ONNX format. {COPY_AGAIN}"
        ) from err


def _graph(data: memoryview) -> Graph:
    graph = _parse(data)
    tensors = [_parse(tensor) for tensor in _messages(graph, 5)]
    weights = {_text(tensor, 8): _tensor(tensor) for tensor in tensors}
    values = [_value(_parse(value)) for value in _messages(graph, 11)]
    return Graph(
        nodes=tuple(_node(_parse(node)) for node in _messages(graph, 1)),
        weights={name: array for name, array in weights.items() if array is not None},
        # Files of old versions list the weights among the inputs.
        inputs=tuple(value for value in values if value.name not in weights),
        outputs=tuple(_value(_parse(value)) for value in _messages(graph, 12)),
    )


def _node(node: _Message) -> Node:
    attributes = {}
    for message in _messages(node, 5):
        attribute = _parse(message)
        value = _attribute(attribute)
        if value is not None:
            attributes[_text(attribute, 1)] = value
    return Node(
        operator=_text(node, 4),
        inputs=tuple(str(name, "utf-8") for name in _messages(node, 1)),
        outputs=tuple(str(name, "utf-8") for name in _messages(node, 2)),
        attributes=attributes,
    )


def _attribute(  # noqa: PLR0911 - a table
    attribute: _Message,
) -> float | str | tuple[int, ...] | Array | Graph | None:
    (kind,) = _integers(attribute, 20) or (0,)
    match kind:
        case 1:
            (number,) = struct.unpack("<f", _only(attribute, 2))
            return float(number)
        case 2:
            return sum(_integers(attribute, 3))
        case 3:
            return _text(attribute, 4)
        case 4:
            return _tensor(_parse(_only(attribute, 5)))
        case 5:
            return _graph(_only(attribute, 6))
        case 7:
            return _integers(attribute, 8)
    return None


def _tensor(tensor: _Message) -> Array | None:
    (kind,) = _integers(tensor, 2)
    shape = _integers(tensor, 1)
    if kind in _INTEGER_DATA and _RAW_DATA not in tensor:
        integers = _integers(tensor, _INTEGER_DATA[kind])
        return np.array(integers, _TENSOR_TYPES[kind]).reshape(shape)
    if kind not in _TENSOR_TYPES or _RAW_DATA not in tensor:
        return None
    # A copy, because in the file the numbers are not aligned, which would slow down each use.
    return np.frombuffer(_only(tensor, _RAW_DATA), _TENSOR_TYPES[kind]).copy().reshape(shape)


def _value(value: _Message) -> Value:
    shape = []
    for kind in _messages(value, 2):
        for tensor in _messages(_parse(kind), 1):
            for dimensions in _messages(_parse(tensor), 2):
                sizes = [_parse(size) for size in _messages(_parse(dimensions), 1)]
                shape += [sum(_integers(size, 1)) for size in sizes]
    return Value(name=_text(value, 1), shape=tuple(shape))


def _only(message: _Message, field: int) -> memoryview:
    (data,) = _messages(message, field)
    return data


def _text(message: _Message, field: int) -> str:
    return "".join(str(data, "utf-8") for data in _messages(message, field))


def _messages(message: _Message, field: int) -> list[memoryview]:
    return [value for value in message.get(field, ()) if isinstance(value, memoryview)]


def _integers(message: _Message, field: int) -> tuple[int, ...]:
    """Return the signed integers of a field, which may be packed."""
    numbers: list[int] = []
    for value in message.get(field, ()):
        if isinstance(value, int):
            numbers.append(value)
            continue
        at = 0
        while at < len(value):
            number, at = _varint(value, at)
            numbers.append(number)
    return tuple(number - (number >> 63 << 64) for number in numbers)


def _parse(data: memoryview) -> _Message:
    """Return a message's fields; raises `ValueError` if it is cut or malformed."""
    message: _Message = {}
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        value: int | memoryview
        if kind == _VARINT:
            value, at = _varint(data, at)
        else:
            size = _FIXED_SIZES.get(kind)
            if kind == _BYTES:
                size, at = _varint(data, at)
            if size is None or at + size > len(data):
                raise ValueError("malformed or cut")
            value = data[at : at + size]
            at += size
        message.setdefault(key >> 3, []).append(value)
    return message


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return the integer at an index and the index behind it; raises `ValueError`."""
    number = 0
    for shift in range(0, _MAX_VARINT_BITS, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the top bit says that more follows
            return number, at
    raise ValueError("malformed or cut")
