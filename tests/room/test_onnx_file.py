"""Reading ONNX files, whole and damaged."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, load, numpy_helper, save

from indoor_voice.errors import UserError
from indoor_voice.room.sound.onnx_file import read_graph
from indoor_voice.room.sound.open_wake_word import OpenWakeWords
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES
from indoor_voice.room.sound.speech_embedding import EMBEDDING
from indoor_voice.room.sound.wake_models import WakeModel, model_folder


@pytest.mark.parametrize("name", sorted(path.name for path in model_folder().glob("*.onnx")))
def test_a_file_is_read_as_onnx_itself_reads_it(name: str) -> None:
    graph, expected = read_graph(model_folder() / name), load(model_folder() / name).graph
    assert [node.operator for node in graph.nodes] == [node.op_type for node in expected.node]
    assert [list(node.inputs) for node in graph.nodes] == [node.input for node in expected.node]
    assert [value.name for value in graph.outputs] == [value.name for value in expected.output]
    for tensor in expected.initializer:
        if tensor.data_type in (TensorProto.FLOAT, TensorProto.INT64):
            np.testing.assert_array_equal(graph.weights[tensor.name], numpy_helper.to_array(tensor))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray((model_folder() / "hey_jarvis_v0.1.onnx").read_bytes()[:3000])
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with suppress(UserError):
        read_graph(damaged)


def test_a_network_with_other_operators_is_run_by_onnxruntime(tmp_path: Path) -> None:
    network = helper.make_graph(
        [
            helper.make_node("ReduceMax", ["heard"], ["loudest"], axes=[1, 2], keepdims=0),
            helper.make_node("Unsqueeze", ["loudest", "axis"], ["score"]),
        ],
        "unusual",
        [helper.make_tensor_value_info("heard", TensorProto.FLOAT, [1, 16, EMBEDDING])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, [1, 1])],
        [numpy_helper.from_array(np.array([1]), "axis")],
    )
    path = tmp_path / "unusual.onnx"
    model = helper.make_model(network, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    save(model, path)
    words = OpenWakeWords()
    words.add(WakeModel(name="unusual", open=path))
    words.hear(np.zeros((BLOCK_SAMPLES,), np.int16))
    (score,) = words.scores("unusual", 1)
    assert score > 1
