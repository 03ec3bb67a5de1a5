"""Measures the cost of the wake word alone, each engine in a separate process.

`python -m tests.bench.wake_word ENGINE WORD` processes sound from its standard input (16 kHz, 16
bit, mono) and prints one line of JSON.
"""

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE
from indoor_voice.room.sound.wake_models import built_in_models

from .usage import Usage

OURS: Final = "ours"
OPENWAKEWORD: Final = "openwakeword"
_SETTLING_BLOCKS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost of detecting one wake word."""

    cpu_seconds_per_second: float
    rss_mb: float
    """In 10**6 bytes, at the end, including 2 for the sound."""


async def cost_of(engine: str, sound: bytes, *, word: str = "hey_jarvis") -> Cost:
    """Let an engine listen for a wake word in `sound` as fast as it can."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, engine, word,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # as in `indoor-voice`
    )  # fmt: skip
    printed, _ = await process.communicate(sound)
    return Cost(**json.loads(printed))


def _engine(name: str, word: str) -> Any:
    # Import only one of them, because the other's memory would count.
    model = built_in_models()[word]
    if name == OURS:
        from indoor_voice.room.sound.wake_word import Detector  # noqa: PLC0415

        return Detector([model]).hear
    from openwakeword.model import Model  # type: ignore[import-untyped]  # noqa: PLC0415 - no types

    return Model(wakeword_model_paths=[str(model.open)]).predict


def _main() -> None:
    hear = _engine(*sys.argv[1:])
    sound = np.frombuffer(sys.stdin.buffer.read(), "<i2")
    blocks = sound[: sound.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
    for block in blocks[:_SETTLING_BLOCKS]:
        hear(block)
    began = time.process_time()
    for block in blocks:
        hear(block)
    cost = Cost(
        cpu_seconds_per_second=(time.process_time() - began) / (blocks.size / RATE),
        rss_mb=Usage.of(os.getpid()).rss_mb,
    )
    sys.stdout.write(json.dumps(asdict(cost)))


if __name__ == "__main__":
    _main()
