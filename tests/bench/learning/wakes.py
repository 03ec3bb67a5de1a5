"""Counts false wakes before and after a household has learned how its wake word sounds.

The satellite's own detector hears whole clips, the panel's code learns from the features of those
wakes that are reviewed, and what it has learned judges the wakes of all other clips. What is
reviewed and what is held out never share a clip, not even under another condition.
"""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from indoor_voice.room.sound.household_verifier import (
    Features,
    HouseholdVerifier,
    parse_household_verifiers,
)
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, Samples
from indoor_voice.room.sound.wake_models import built_in_models
from indoor_voice.room.sound.wake_rules import Sensitivity
from indoor_voice.room.sound.wake_word import Detector
from indoor_voice.room.wake_test.clips import NOISE, SPEECH, Clip, read_clips
from indoor_voice.room.wake_test.conditions import CONDITIONS, Backgrounds
from tests.bench.near_words import TEXTS
from tests.bench.wake_words.synthesis import spoken

from .teaching import propose

CHECKPOINTS: Final = (10, 20, 50)
"""Reviewed wakes after which the household learns."""
_WORDS: Final = {
    "alexa": Sensitivity.STRONG,
    "hey_jarvis": Sensitivity.STRONG,
    "hey_marvin": Sensitivity.DEFAULT,
}
"""With a sensitivity at which words near them wake often enough to be counted."""
_CONDITIONS: Final = ("quiet", "reverberant", "noise 10 dB")
_FALSE_PART: Final = 1 / 3
"""Of the wakes that are reviewed."""
_SEED: Final = 1


@dataclass(slots=True, kw_only=True)
class Verified:
    """What wakes of the held-out clips after so many reviewed wakes."""

    reviewed: int
    false_wakes: int
    wakes: int
    """Of the clips with the wake word."""


@dataclass(slots=True, kw_only=True)
class Wakes:
    """What was measured with one wake word."""

    sensitivity: str
    recordings: int
    """Of people, among the clips."""
    others: int
    """Held-out clips without the wake word, each under some conditions."""
    meant: int
    """Held-out clips with it."""
    learnt: list[Verified] = field(default_factory=list)
    """The first before any review."""


@dataclass(frozen=True, slots=True)
class _Woken:
    """The wakes in one clip under one condition."""

    clip: int
    meant: bool
    features: list[Features]


def measure(
    recordings: Path | None, conditions: int, progress: Callable[[str], None]
) -> dict[str, Wakes]:
    """Measure under the first `conditions`; without recordings, on synthesised speech only."""
    recorded = [] if recordings is None else read_clips(recordings, lambda *_: None)
    measured = {}
    for word, sensitivity in _WORDS.items():
        progress(f"What wakes of {word} and words near it")
        clips = [*_of_people(recorded, word), *_synthesised(word)]
        heard = list(_heard(word, sensitivity, clips, _CONDITIONS[:conditions]))
        measured[word] = Wakes(
            sensitivity=sensitivity.value,
            recordings=sum(clip.path.is_file() for clip in clips),
            others=sum(not it.meant for it in heard if _is_held_out(it)),
            meant=sum(it.meant for it in heard if _is_held_out(it)),
            learnt=list(_learnt(word, heard)),
        )
        progress(str(measured[word]))
    return measured


def _of_people(recorded: Sequence[Clip], word: str) -> list[Clip]:
    """Return the recordings for a word; none if nobody says it in them."""
    return list(recorded) if any(clip.says == word for clip in recorded) else []


def _synthesised(word: str) -> Iterator[Clip]:
    for text in TEXTS[word]:
        says = word if text == TEXTS[word][0] else text
        for voice, sound in spoken(text):
            yield Clip(path=Path(voice), says=says, group=says, samples=sound)


def _heard(
    word: str, sensitivity: Sensitivity, clips: Sequence[Clip], conditions: Sequence[str]
) -> Iterator[_Woken]:
    detector = Detector([built_in_models()[word]], {word: sensitivity.number})
    detector.wants_features = True
    backgrounds = Backgrounds(
        speech=[clip.samples for clip in clips if clip.group == SPEECH],
        noise=[clip.samples for clip in clips if clip.group == NOISE],
    )
    for number, clip in enumerate(clips):
        for condition in CONDITIONS:
            if condition.name in conditions and clip.group != NOISE:
                sound = backgrounds.apply(condition, clip.samples, number)
                yield _Woken(number, clip.says == word, _wakes(detector, sound))


def _wakes(detector: Detector, sound: Samples) -> list[Features]:
    """Return the features of each wake in a sound."""
    detector.reset()
    found = []
    blocks = sound[: sound.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
    for block in blocks:
        if detector.hear(block) is not None:
            assert detector.features is not None
            found.append(detector.features)
    return found


def _is_held_out(woken: _Woken) -> bool:
    return bool(np.random.default_rng([_SEED, woken.clip]).integers(2))


def _learnt(word: str, heard: Sequence[_Woken]) -> Iterator[Verified]:
    """Review more and more, learn anew from all of it, and count what still wakes."""
    held_out = [it for it in heard if _is_held_out(it)]
    evidence = _evidence(word, [it for it in heard if not _is_held_out(it)])
    for reviewed in (0, *CHECKPOINTS):
        if reviewed > len(evidence):
            return  # too few clips
        verifier = _verifier(word, evidence[:reviewed])
        woken = [it for it in held_out if any(map(_accepts(verifier), it.features))]
        meant = sum(it.meant for it in woken)
        yield Verified(reviewed=reviewed, false_wakes=len(woken) - meant, wakes=meant)


def _evidence(word: str, woken: Sequence[_Woken]) -> list[dict[str, Any]]:
    """Return reviewed wakes in random order, as the panel opens them."""
    random = np.random.default_rng(_SEED)
    by_meant = {
        meant: [features for it in woken if it.meant is meant for features in it.features]
        for meant in (True, False)
    }
    for features in by_meant.values():
        random.shuffle(features)
    found: list[dict[str, Any]] = []
    while all(by_meant.values()):
        meant = bool(random.random() >= _FALSE_PART)
        verdict = "right" if meant else "not-for-it"
        name = str(len(found))
        found.append(
            {
                "recording": name,
                "room": "living_room",
                "day": "2026-11-02",
                "time": None,
                "own": True,
                "teachable": True,
                "words": {"transcript": "", "wake_word": word},
                "verdicts": [{"clip": name, "verdict": verdict, "words": None}],
                "features": base64.b64encode(by_meant[meant].pop().tobytes()).decode(),
            }
        )
    return found


def _verifier(word: str, evidence: Sequence[dict[str, Any]]) -> HouseholdVerifier | None:
    """Return what the panel proposes to learn, if anything."""
    proposals = propose(evidence=list(evidence)[::-1], lessons=[], things=[], others=[])
    for proposal in proposals:
        if proposal["kind"] == "verifier" and "hindrance" not in proposal:
            return parse_household_verifiers({word: proposal["content"]})[word]
    return None


def _accepts(verifier: HouseholdVerifier | None) -> Callable[[Features], bool]:
    return (lambda _: True) if verifier is None else verifier.accepts
