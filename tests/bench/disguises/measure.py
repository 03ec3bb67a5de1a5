"""Measures what a disguise hides, what it costs, and how many words it leaves."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from demo.voice import Person
from indoor_voice.speech.disguise.voice import disguised, draw_disguise
from indoor_voice.speech.models import find_model
from indoor_voice.speech.recognition.whisper import Whisper
from tests.bench.recognition import count_errors, words

from .attack import Eye, equal_error_rate, scores
from .verifier import RATE, Audio, Matrix, Verifier, normalised
from .voices import KNOWN_SENTENCES, SENTENCES, Speaker, others, people, voices

T = TypeVar("T")

_SEED: Final = 14
"""Of the disguises: the run can be repeated. Those of a speech server can't be foreseen."""
_KNOWN_DISGUISES: Final = 6
"""How often the attacker disguises what is known."""
_UNKNOWN_DISGUISES: Final = 3
"""How often each unknown recording is tried, to measure more exactly."""
_TRAINING_DISGUISES: Final = 4

ORIGINAL: Final = "original"
CHANGED: Final = "voice changed"
AGAIN: Final = "words spoken again"


@dataclass(slots=True)
class Strength:
    """How often an attacker is wrong about who speaks."""

    speakers: str
    form: str
    attacker: str
    trials: int
    """Comparisons with the right speaker."""
    equal_error_rate: float


@dataclass(slots=True)
class Disguises:
    """All measurements of disguises."""

    strengths: list[Strength] = field(default_factory=list)
    words: int = 0
    wrong_words: dict[str, int] = field(default_factory=dict)
    """By form: those of the words that a recogniser gets wrong."""
    cpu: float = 0.0
    """CPU-seconds of disguising a second of sound."""

    def lines(self) -> Iterable[str]:
        """Return tables of Markdown."""
        yield "| speakers | form | attacker | comparisons | equal error rate |"
        yield "|---|---|---|---|---|"
        for one in self.strengths:
            yield (
                f"| {one.speakers} | {one.form} | {one.attacker} | {one.trials} "
                f"| {one.equal_error_rate:.1%} |"
            )
        for form, wrong in self.wrong_words.items():
            yield f"Words kept, {form}: {1 - wrong / max(self.words, 1):.0%} of {self.words}"
        yield f"CPU-seconds per second of sound: {self.cpu:.3f}"


class _Attacked:
    """Notes what attackers find out about some speakers."""

    def __init__(self, name: str, found: Disguises) -> None:
        self._name = name
        self._found = found

    def note(
        self,
        form: str,
        attacker: str,
        known: Sequence[Matrix],
        unknown: Sequence[Matrix],
        eye: Eye,
    ) -> None:
        """Compare all unknown recordings, by speaker, with all known speakers."""
        owners = [number for number, rows in enumerate(unknown) for _ in rows]
        rate = equal_error_rate(scores(known, np.concatenate(unknown), eye), owners)
        strength = Strength(self._name, form, attacker, len(owners), rate)
        self._found.strengths.append(strength)


class _Measuring:
    """Attacks each form of recordings of some speakers."""

    def __init__(self, recogniser: Whisper, found: Disguises) -> None:
        self._recogniser = recogniser
        self._found = found
        self._verifier = Verifier()
        self._voice = Person()
        self._source = random.Random(_SEED)  # noqa: S311 - for a measurement
        self._cpu_seconds = self._sound_seconds = 0.0

    def eye(self, sounds: Iterable[Audio]) -> Eye:
        """Return the eye of an attacker who trains on disguised recordings."""
        return Eye([self._in_disguise([sound], _TRAINING_DISGUISES) for sound in sounds])

    def attack(self, name: str, speakers: Sequence[Speaker], eye: Eye | None) -> None:
        """Measure all forms; without a trained `eye` only attackers who did not train."""
        attacked = _Attacked(name, self._found)
        known = [self._verifier.embed(one.known) for one in speakers]
        unknown = [self._verifier.embed(one.unknown) for one in speakers]
        attacked.note(ORIGINAL, "one recording", known, unknown, Eye())
        seen = [self._in_disguise(one.unknown, _UNKNOWN_DISGUISES) for one in speakers]
        tried = [self._in_disguise(one.known, _KNOWN_DISGUISES) for one in speakers]
        attacked.note(CHANGED, "doesn't know of it", known, seen, Eye())
        attacked.note(CHANGED, "knows the method", tried, seen, Eye())
        if eye is not None:
            attacked.note(CHANGED, "knows it, trained on it", tried, seen, eye)
            count = len(speakers[0].unknown)
            if count > 1:
                # Each recording is disguised once.
                once = [eye.see(rows[::_UNKNOWN_DISGUISES]) for rows in seen]
                joined = [normalised(rows.mean(axis=0, keepdims=True)) for rows in once]
                looked = [eye.see(rows) for rows in tried]
                attacked.note(CHANGED, f"the same, {count} recordings", looked, joined, Eye())
        self._found.cpu = self._cpu_seconds / self._sound_seconds

    def attack_spoken_again(self, name: str, speakers: Sequence[Speaker]) -> None:
        """Measure what the words alone tell, in the assistant's voice."""
        attacked = _Attacked(name, self._found)
        attacked.note(AGAIN, "one recording", *self._spoken_again(speakers), Eye())

    def count_words(self, speakers: Sequence[Speaker]) -> None:
        """Let a recogniser read what voices say, before and after a disguise."""
        wrong = dict.fromkeys((ORIGINAL, CHANGED), 0)
        for one in speakers:
            for sound, sentence in zip(one.unknown, SENTENCES[KNOWN_SENTENCES:], strict=True):
                wanted = words(sentence)
                self._found.words += len(wanted)
                for form, heard in ((ORIGINAL, sound), (CHANGED, self._disguise(sound))):
                    read = self._recogniser.recognise(heard, "en").best
                    wrong[form] += min(count_errors(wanted, words(read)), len(wanted))
        self._found.wrong_words = wrong

    def _in_disguise(self, sounds: Sequence[Audio], times: int) -> Matrix:
        return self._verifier.embed([self._disguise(one) for one in sounds for _ in range(times)])

    def _disguise(self, sound: Audio) -> Audio:
        how = draw_disguise(self._source)
        began = time.process_time()
        result = disguised(sound, how)
        self._cpu_seconds += time.process_time() - began
        self._sound_seconds += len(sound) / RATE
        return result

    def _spoken_again(self, speakers: Sequence[Speaker]) -> tuple[list[Matrix], list[Matrix]]:
        """Return what is heard in recordings, spoken by the assistant; silence has no words."""
        known, unknown = [], []
        for one in speakers:
            again = [[self._say(sound) for sound in part] for part in (one.known, one.unknown)]
            if all(sound.size for part in again for sound in part):
                known.append(self._verifier.embed(again[0]))
                unknown.append(self._verifier.embed(again[1]))
        return known, unknown

    def _say(self, sound: Audio) -> Audio:
        text = self._recogniser.recognise(sound, "en").best
        spoken = self._voice.speech(text) if words(text) else b""
        return np.asarray(np.frombuffer(spoken, "<i2") / 32768, np.float32)


def measure(recordings: Path | None, most: int, progress: Callable[[str], None]) -> Disguises:
    """Measure with the voices that are installed, and with recordings if there are any.

    At most `most` recordings are used of each kind. Raises `WeightsError`.
    """
    found = Disguises()
    recogniser = Whisper(find_model("tiny.en", "en", Path("unused")), language="en")
    measuring = _Measuring(recogniser, found)
    eye = None
    if recordings is not None:
        progress("Training the attacker")
        eye = measuring.eye(_some(others(recordings), most))
    synthesised = voices()
    progress(f"{len(synthesised)} voices")
    measuring.attack("voices", synthesised, eye)
    measuring.attack_spoken_again("voices", synthesised)
    measuring.count_words(synthesised)
    if recordings is not None:
        persons = _some(people(recordings), most)
        progress(f"{len(persons)} people")
        measuring.attack("people", persons, eye)
    return found


def _some(every: Sequence[T], most: int) -> Sequence[T]:
    """Return at most so many, from all over."""
    return every[:: max(1, len(every) // most)][:most]
