"""Measures which words near a wake word wake, with and without its verifier, and openWakeWord's.

The words are synthesised by Piper's packaged voice at several speeds and pitches, and by whichever
of espeak-ng, flite and festival are installed. The verifiers know these voices: the figures show
that they work, not how well they do with other people. For that see
`python -m tests.bench.wake_words.verifiers`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from indoor_voice.room.sound.wake_models import WakeModel, built_in_models
from indoor_voice.room.sound.wake_rules import Rule, Sensitivity, rules_of
from indoor_voice.room.wake_test.measure import Scorer

from .wake_words.synthesis import spoken

TEXTS: Final = {
    "alexa": ("Alexa!", "Lexus.", "A Lexus.", "Alexis.", "Election."),
    "hey_jarvis": ("Hey Jarvis!", "Jarvis.", "Hey Travis.", "Hey Charles."),
    "hey_marvin": ("Hey Marvin!", "Marvin.", "Hey Martin.", "Hey Marlin.", "Hey Marvel."),
    "hey_mycroft": ("Hey Mycroft!", "Mycroft.", "Hey Microsoft.", "Hey, my craft.", "Minecraft."),
}
"""For each wake word itself, and words near it."""
_PEER_THRESHOLD: Final = 0.5
_SILENCE_SECONDS: Final = 2.5
"""Before a clip: longer than openWakeWord remembers. After it, a second is enough."""


@dataclass(slots=True, kw_only=True)
class NearWord:
    """In how many clips of a text a wake word was detected."""

    wake_word: str
    text: str
    clips: int = 0
    peer: int = 0
    """By openWakeWord's package."""
    unverified: dict[str, int]
    """By sensitivity, without the verifier."""
    verified: dict[str, int]


def measure(progress: Callable[[str], None]) -> list[NearWord]:
    """Synthesise the words and count what wakes."""
    words = []
    for name, texts in TEXTS.items():
        progress(f"Words near {name}")
        words += list(_measured(built_in_models()[name], texts))
    return words


def _measured(model: WakeModel, texts: tuple[str, ...]) -> Iterator[NearWord]:
    scorer, peer = Scorer(model), _Peer(model)
    for text in texts:
        none = {level.value: 0 for level in Sensitivity}
        word = NearWord(wake_word=model.name, text=text, unverified=none, verified=dict(none))
        for _, sound in spoken(text):
            padded = np.pad(sound, (round(_SILENCE_SECONDS * RATE), RATE))
            scores = scorer.scores(padded)
            word.clips += 1
            word.peer += peer.detects(padded)
            for level in Sensitivity:
                rule = rules_of(model).rule(level.number)
                word.verified[level.value] += scores.detections(rule) > 0
                word.unverified[level.value] += scores.detections(Rule(rule.alternatives)) > 0
        yield word


class _Peer:
    """openWakeWord's package."""

    def __init__(self, model: WakeModel) -> None:
        # Heavy, and for this measurement only.
        from openwakeword.model import Model  # type: ignore[import-untyped]  # noqa: PLC0415

        self._model: Any = Model(wakeword_model_paths=[str(model.open)])

    def detects(self, sound: Samples) -> bool:
        blocks = sound[: sound.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
        scores = [float(max(self._model.predict(block).values())) for block in blocks]
        return max(scores) >= _PEER_THRESHOLD
