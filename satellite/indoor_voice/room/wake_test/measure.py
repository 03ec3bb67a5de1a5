"""Measures what a wake word's models and rules find and miss."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from indoor_voice.room.sound.micro_wake_word import MicroWakeWords
from indoor_voice.room.sound.open_wake_word import OpenWakeWords
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, BLOCK_SECONDS, RATE, Samples
from indoor_voice.room.sound.wake_models import WakeModel
from indoor_voice.room.sound.wake_rules import HELD_BLOCKS, Rule, Sensitivity, rules_of
from indoor_voice.room.sound.wake_verifier import VERIFIED_BLOCKS, verifier_of
from indoor_voice.room.sound.wake_word import REFRACTORY_BLOCKS, SETTLING_BLOCKS, Detector

from .clips import NOISE, SPEECH, Clip
from .conditions import CONDITIONS, LEAD_SECONDS, TAIL_SECONDS, Backgrounds, Condition

_COST_SECONDS: Final = 60
_BATCH_BLOCKS: Final = 8
"""What openWakeWord hears at a time, at half the cost of one by one."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The scores that count after each block of a sound, shape (blocks,)."""

    micro: Floats
    open: Floats
    verified: Floats
    """Of the verifier; infinite without one."""

    @property
    def seconds(self) -> float:
        """How long the clip is, without the background before and after it."""
        blocks = len(self.micro) + SETTLING_BLOCKS
        return max(0.0, blocks * BLOCK_SECONDS - LEAD_SECONDS - TAIL_SECONDS)

    def detections(self, rule: Rule) -> int:
        """Return how often a rule accepts."""
        accepted = np.zeros(len(self.micro), bool)
        for alternative in rule.alternatives:
            accepted |= (self.micro >= alternative.micro) & (self.open >= alternative.open)
        accepted &= self.verified >= rule.verified
        count, position = 0, 0
        while position < len(accepted) and accepted[position:].any():
            position += int(np.argmax(accepted[position:])) + REFRACTORY_BLOCKS + HELD_BLOCKS
            count += 1
        return count


class Scorer:
    """Computes the scores of one wake word in whole sounds."""

    def __init__(self, model: WakeModel) -> None:
        """Load its models; raises `UserError`."""
        self._name = model.name
        self._micro: MicroWakeWords | None = None
        self._open: OpenWakeWords | None = None
        if model.micro is not None:
            self._micro = MicroWakeWords()
            self._micro.add(model)
        if model.open is not None:
            self._open = OpenWakeWords()
            self._open.add(model)
        self._verifier = verifier_of(model)
        rules = rules_of(model)
        self._hint = min(rules.rule(level.number).hint for level in Sensitivity)

    def scores(self, sound: Samples) -> Scores:
        """Return the scores in a sound; openWakeWord's only if a rule asks for them."""
        whole = sound.size // BLOCK_SAMPLES * BLOCK_SAMPLES
        blocks = sound[:whole].reshape(-1, BLOCK_SAMPLES)
        micro, opened = np.zeros(len(blocks), np.float32), np.zeros(len(blocks), np.float32)
        verified = np.full(len(blocks), np.inf, np.float32)
        if self._micro is not None:
            self._micro.reset()
            micro[:] = [self._micro.process(block)[self._name] for block in blocks]
        if self._open is not None and micro.max(initial=0.0) >= self._hint:
            self._open.reset()
            for start in range(0, len(blocks), _BATCH_BLOCKS):
                batch = slice(start, min(start + _BATCH_BLOCKS, len(blocks)))
                count = batch.stop - start
                self._open.hear(*blocks[batch])
                opened[batch] = self._open.scores(self._name, count)
                if self._verifier is not None:
                    latest = self._open.embeddings(VERIFIED_BLOCKS + count - 1)
                    verified[batch] = [
                        self._verifier.score(latest[number : number + VERIFIED_BLOCKS])
                        for number in range(count)
                    ]
        return Scores(micro=_held(micro), open=_held(opened), verified=verified[SETTLING_BLOCKS:])


def _held(scores: Floats) -> Floats:
    scores = scores[SETTLING_BLOCKS:]
    padded = np.concatenate((np.zeros(HELD_BLOCKS - 1, np.float32), scores))
    held: Floats = np.lib.stride_tricks.sliding_window_view(padded, HELD_BLOCKS).max(axis=1)
    return held


@dataclass(kw_only=True)
class Result:
    """The scores of a wake word in a folder of sound."""

    word: str
    positives: dict[str, list[Scores]] = field(default_factory=dict)
    """Of the clips with the wake word, by condition."""
    negatives: list[tuple[str, Scores]] = field(default_factory=list)
    """Of the other clips, as recorded, with what they say."""
    negative_seconds: float = 0.0
    cpu_seconds_per_second: float = 0.0

    def found(self, condition: str, rule: Rule) -> int:
        """Return in how many clips a rule finds the wake word."""
        return sum(scores.detections(rule) > 0 for scores in self.positives[condition])

    def false_accepts(self, rule: Rule) -> Counter[str]:
        """Return in how many of the other clips a rule accepts, by what they say."""
        return Counter(says for says, scores in self.negatives if scores.detections(rule))

    def spoken(self) -> Counter[str]:
        """Return the number of other clips by what they say."""
        return Counter(says for says, _ in self.negatives)

    def per_hour(self, rule: Rule) -> float:
        """Return a rule's false accepts per hour of the other clips."""
        accepts = sum(scores.detections(rule) for _, scores in self.negatives)
        return accepts / max(self.negative_seconds, 1.0) * 3600


def measure(
    model: WakeModel,
    says: str,
    clips: Sequence[Clip],
    on_progress: Callable[[int, int], None],
    conditions: Sequence[Condition] = CONDITIONS,
) -> Result:
    """Score a wake word in clips that say it, under all conditions, and in all others.

    Raises:
        UserError: a model cannot be loaded.
    """
    scorer, result = Scorer(model), Result(word=model.name)
    positives = [clip for clip in clips if clip.says == says]
    negatives = [clip for clip in clips if clip.says != says]
    backgrounds = Backgrounds(
        speech=[clip.samples for clip in negatives if clip.group == SPEECH],
        noise=[clip.samples for clip in negatives if clip.group == NOISE],
    )
    total, done = len(conditions) * len(positives) + len(negatives), 0
    for condition in conditions:
        result.positives[condition.name] = []
        for number, clip in enumerate(positives):
            sound = backgrounds.apply(condition, clip.samples, number)
            result.positives[condition.name].append(scorer.scores(sound))
            done += 1
            on_progress(done, total)
    quiet = conditions[0]
    for number, clip in enumerate(negatives):
        result.negatives.append(
            (clip.says, scorer.scores(backgrounds.apply(quiet, clip.samples, number)))
        )
        result.negative_seconds += clip.samples.size / RATE
        done += 1
        on_progress(done, total)
    result.cpu_seconds_per_second = _cost(model, negatives or positives)
    return result


def _cost(model: WakeModel, clips: Sequence[Clip]) -> float:
    """Return the CPU time for listening to a minute of the clips, per second of sound."""
    sound = np.concatenate([clip.samples for clip in clips])[: _COST_SECONDS * RATE]
    detector = Detector([model])
    blocks = sound[: sound.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
    began = time.process_time()
    for block in blocks:
        detector.hear(block)
    return (time.process_time() - began) / max(sound.size / RATE, 1e-9)
