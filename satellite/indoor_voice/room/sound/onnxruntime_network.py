"""Runs networks of any kind with onnxruntime, whose 35 MB of memory stay."""

from collections.abc import Callable
from pathlib import Path

import onnxruntime as ort  # type: ignore[import-untyped]  # it ships no types

from indoor_voice.errors import UserError

from .speech_embedding import Floats
from .wake_models import COPY_AGAIN


def load_network(path: Path) -> Callable[[Floats], Floats]:
    """Return a function that computes a network's first output; raises `UserError`."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(
            path, sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as err:  # onnxruntime's exceptions share no base class
        raise UserError(
            f"Cannot load {path}, which must be an openWakeWord model in ONNX format. {COPY_AGAIN}"
        ) from err
    name = session.get_inputs()[0].name

    def run(array: Floats) -> Floats:
        output: Floats = session.run(None, {name: array})[0]
        return output

    return run
