"""Measures the stop word: how often "stop" is heard, in voices it never heard, and what is not."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, BLOCK_SECONDS, Samples
from indoor_voice.room.sound.stop_word import StopDetector, stop_model
from indoor_voice.room.wake_test.clips import read_clips

from .stop_words.sessions import Plan, Session, Sounding, embeddings, run
from .stop_words.train import judge
from .stop_words.voices import Voice, families

_SESSION_SECONDS: Final = 60.0
_OWN_SEED: Final = 2
_COST_BLOCKS: Final = 500
_CONDITIONS: Final = {
    "silence": Plan(seconds=_SESSION_SECONDS, sounding=Sounding.NOTHING, softest_db=0.0, stops=1),
    "its own speech, as loud": Plan(
        seconds=_SESSION_SECONDS, sounding=Sounding.ANSWER, softest_db=0.0, stops=1
    ),
    "its own speech, 6 dB louder": Plan(
        seconds=_SESSION_SECONDS, sounding=Sounding.ANSWER, echo_db=6, softest_db=0.0, stops=1
    ),
    "ringing, as loud": Plan(
        seconds=_SESSION_SECONDS, sounding=Sounding.RINGING, softest_db=0.0, stops=1
    ),
}


@dataclass(slots=True)
class Recall:
    """How often "stop" was heard."""

    spoken: int = 0
    share: float = 0.0


@dataclass(slots=True)
class FalseStops:
    """How often "stop" was heard where nobody said it."""

    hours: float = 0.0
    stops: int = 0


@dataclass(slots=True)
class StopWords:
    """All measurements of the stop word."""

    heard: dict[str, dict[str, Recall]] = field(default_factory=dict)
    """By condition and family of voices, all of them kept out of training."""
    false: dict[str, FalseStops] = field(default_factory=dict)
    """By what was heard."""
    cpu_sounding: float = 0.0
    """CPU-seconds per second of one detector; two run while the satellite sounds."""


def measure(
    sessions: int, own_seconds: float, recordings: Path | None, say: Callable[[str], None]
) -> StopWords:
    """Measure `sessions` of a minute for each condition and family, and its own speech."""
    result = StopWords()
    for name, plan in _CONDITIONS.items():
        result.heard[name] = {}
        for family, voices in families(kept_out=True).items():
            say(f"{family} says stop: {name}")
            result.heard[name][family] = _recall(plan, {family: voices}, sessions)
    say(f"{own_seconds:.0f} s of its own speech")
    own = Plan(seconds=_SESSION_SECONDS, sounding=Sounding.ANSWER, stops=0)
    random = np.random.default_rng(_OWN_SEED)
    result.false["its own speech"] = _false(
        [run(own, {}, random) for _ in range(round(own_seconds / _SESSION_SECONDS))]
    )
    if recordings is not None:
        by_group: dict[str, list[Samples]] = {}
        for clip in read_clips(recordings, lambda *_: None):
            by_group.setdefault(f"recordings: {clip.group}", []).append(clip.samples)
        for group, clips in by_group.items():
            say(group)
            blocks = np.concatenate(clips)
            blocks = blocks[: blocks.size // BLOCK_SAMPLES * BLOCK_SAMPLES]
            heard = embeddings(list(blocks.reshape(-1, BLOCK_SAMPLES)))
            result.false[group] = _false([Session(embeddings=heard, said=[])])
    result.cpu_sounding = _cost()
    return result


def _recall(plan: Plan, voices: dict[str, Sequence[Voice]], sessions: int) -> Recall:
    random = np.random.default_rng(0)
    model = stop_model()
    judged = judge(model, [run(plan, voices, random) for _ in range(sessions)], model.threshold)
    return Recall(round(judged["stops"]), judged["recall"])


def _false(sessions: Sequence[Session]) -> FalseStops:
    model = stop_model()
    judged = judge(model, sessions, model.threshold)
    return FalseStops(judged["hours"], round(judged["false_per_hour"] * judged["hours"]))


def _cost() -> float:
    detector, random = StopDetector(), np.random.default_rng(0)
    block = random.normal(0, 500, BLOCK_SAMPLES).astype(np.int16)
    began = time.process_time()
    for _ in range(_COST_BLOCKS):
        detector.hear(block)
    return (time.process_time() - began) / (_COST_BLOCKS * BLOCK_SECONDS)
