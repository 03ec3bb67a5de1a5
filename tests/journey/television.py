"""A television that another voice is heard from, softer than a person in the room."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.bench.spoken_commands import active_level, television

SOFTER_DB: Final = 15.0


def television_behind(speech: bytes, scene: bytes) -> bytes:
    """Return news as long as `scene`, `SOFTER_DB` softer than `speech`.

    All are 16 kHz, 16 bit, mono.
    """
    news = television(len(scene) // 2)
    level = active_level(_samples(speech)) * 10 ** (-SOFTER_DB / 20)
    return bytes((news * (level / active_level(news)) * 32768).astype("<i2").tobytes())


def _samples(pcm: bytes) -> NDArray[np.float32]:
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
