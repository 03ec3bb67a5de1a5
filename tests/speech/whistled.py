"""A transducer that knows two words: a low and a high whistle.

It has the layout of NVIDIA's Parakeet, as sherpa-onnx loads it, and fits into a few kilobytes.
"""

from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

_WORDS = ("\N{LOWER ONE EIGHTH BLOCK}low", "\N{LOWER ONE EIGHTH BLOCK}high")
_BLANK = len(_WORDS)
_FRAMES_AT_ONCE = 8
_AUDIBLE = 5.0
"""Difference between the logarithms of the loudness of a whistle and of the other pitch."""


def make_whistle_model(folder: Path) -> Path:
    """Write the model to `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    _save_encoder(folder / "encoder.int8.onnx")
    _save_decoder(folder / "decoder.int8.onnx")
    _save_joiner(folder / "joiner.int8.onnx")
    tokens = "".join(f"{token} {it}\n" for it, token in enumerate((*_WORDS, "<blk>")))
    (folder / "tokens.txt").write_text(tokens, encoding="utf-8")
    return folder


def _save_encoder(path: Path) -> None:
    """Tell how much louder one pitch is than the other, from a spectrum in mels."""
    pitches = np.zeros((2, 80), np.float32)
    pitches[0, 12:22], pitches[0, 55:65] = 0.1, -0.1
    pitches[1] = -pitches[0]
    _save(
        path,
        [
            helper.make_node("MatMul", ["pitches", "audio_signal"], ["frames"]),
            helper.make_node(
                "AveragePool",
                ["frames"],
                ["outputs"],
                kernel_shape=[_FRAMES_AT_ONCE],
                strides=[_FRAMES_AT_ONCE],
            ),
            helper.make_node("Div", ["length", "frames_at_once"], ["encoded_lengths"]),
        ],
        inputs=[
            helper.make_tensor_value_info("audio_signal", TensorProto.FLOAT, ["N", 80, "T"]),
            helper.make_tensor_value_info("length", TensorProto.INT64, ["N"]),
        ],
        outputs=[
            helper.make_tensor_value_info("outputs", TensorProto.FLOAT, ["N", 2, "U"]),
            helper.make_tensor_value_info("encoded_lengths", TensorProto.INT64, ["N"]),
        ],
        constants={"pitches": pitches, "frames_at_once": np.array([_FRAMES_AT_ONCE], np.int64)},
        metadata={
            "vocab_size": str(_BLANK),
            "subsampling_factor": str(_FRAMES_AT_ONCE),
            "normalize_type": "",
            "pred_rnn_layers": "1",
            "pred_hidden": "1",
            "feat_dim": "80",
            # By this, sherpa-onnx knows a model that says how long each word lasts.
            "url": "https://example.org/tdt",
        },
    )


def _save_decoder(path: Path) -> None:
    """Remember the last word, so that it is not said again while the whistle lasts."""
    memory = np.zeros((3, 3), np.float32)
    memory[0, 0] = memory[1, 1] = -100
    state: list[str | int | None] = ["L", "N", 1]
    _save(
        path,
        [
            helper.make_node("Gather", ["memory", "targets"], ["rows"]),
            helper.make_node("Transpose", ["rows"], ["outputs"], perm=[0, 2, 1]),
            helper.make_node("Identity", ["target_length"], ["prednet_lengths"]),
            helper.make_node("Identity", ["states.1"], ["states"]),
            helper.make_node("Identity", ["onnx::Slice_3"], ["162"]),
        ],
        inputs=[
            helper.make_tensor_value_info("targets", TensorProto.INT32, ["N", "U"]),
            helper.make_tensor_value_info("target_length", TensorProto.INT32, ["N"]),
            helper.make_tensor_value_info("states.1", TensorProto.FLOAT, state),
            helper.make_tensor_value_info("onnx::Slice_3", TensorProto.FLOAT, state),
        ],
        outputs=[
            helper.make_tensor_value_info("outputs", TensorProto.FLOAT, ["N", 3, "U"]),
            helper.make_tensor_value_info("prednet_lengths", TensorProto.INT32, ["N"]),
            helper.make_tensor_value_info("states", TensorProto.FLOAT, state),
            helper.make_tensor_value_info("162", TensorProto.FLOAT, state),
        ],
        constants={"memory": memory},
    )


def _save_joiner(path: Path) -> None:
    """Score both words, silence, and two durations, of which the second is one frame."""
    _save(
        path,
        [
            helper.make_node("Concat", ["encoder_outputs", "audible"], ["heard"], axis=1),
            helper.make_node("Add", ["heard", "decoder_outputs"], ["scores"]),
            helper.make_node("Concat", ["scores", "durations"], ["both"], axis=1),
            helper.make_node("Reshape", ["both", "shape"], ["outputs"]),
        ],
        inputs=[
            helper.make_tensor_value_info("encoder_outputs", TensorProto.FLOAT, [1, 2, 1]),
            helper.make_tensor_value_info("decoder_outputs", TensorProto.FLOAT, [1, 3, 1]),
        ],
        outputs=[helper.make_tensor_value_info("outputs", TensorProto.FLOAT, [1, 1, 1, 5])],
        constants={
            "audible": np.full((1, 1, 1), _AUDIBLE, np.float32),
            "durations": np.array([[[0], [1]]], np.float32),
            "shape": np.array([1, 1, 1, 5], np.int64),
        },
    )


def _save(
    path: Path,
    nodes: list[Any],
    *,
    inputs: list[Any],
    outputs: list[Any],
    constants: dict[str, Any],
    metadata: dict[str, str] | None = None,
) -> None:
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, path.stem, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    save(model, str(path))
