"""Fits the verifiers, which tell wake words from words near them.

`OPENBLAS_NUM_THREADS=1 python -m tests.bench.wake_words.verifiers FOLDER… [--write]` reads folders
as `indoor-voice wake-test` does, of which one is made by `synthesis`; several threads would spend
ten times the CPU time. For each word it fits on all voices but a quarter, four times, and on all
but those of one maker (recorded people, Piper, espeak-ng…), and prints what the verifiers do with
the voices that they don't know. Then it fits on all. `--write` writes `wake_verifiers.json`; the
least scores in `wake_rules.json` are chosen by hand from what is printed.

Recipe: of each clip the embeddings after each block in which a loose rule accepts. Clips with a
wake word are heard under all conditions of a home: fitted on fewer, a verifier takes noise for
another word. Others are heard as they are, and half of them under one more condition. The
embeddings are reduced to their main components, and a ridge logistic regression is fitted on them,
with equal weight for the clips with the wake word and the others. Only the blocks count that the
previous fit liked best, of a clip with the wake word only one, because it is enough to be accepted
once.

Recordings of other words would teach that whatever is recorded is not the wake word where all
that says it is synthesised. So recordings count only for words with recordings on both sides:
alexa, and hey jarvis, to which recordings of "jarvis" with a synthesised "hey" before them are
added. What a verifier makes of people when it was fitted only on machines shows the line
"alexa (recorded)" among the unknown makers.
"""

import argparse
import hashlib
import json
import sys
import zlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from indoor_voice.room.sound import wake_verifier
from indoor_voice.room.sound.open_wake_word import OpenWakeWords
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from indoor_voice.room.sound.speech_embedding import EMBEDDING
from indoor_voice.room.sound.wake_models import built_in_models
from indoor_voice.room.sound.wake_rules import HELD_BLOCKS, Sensitivity, rules_of
from indoor_voice.room.sound.wake_verifier import VERIFIED_BLOCKS, Verifier, verifier_json
from indoor_voice.room.sound.wake_word import SETTLING_BLOCKS
from indoor_voice.room.wake_test.clips import NOISE, SPEECH, Clip, read_clips
from indoor_voice.room.wake_test.conditions import CONDITIONS, Backgrounds, Condition

VERIFIED: Final = ("alexa", "hey_jarvis", "hey_marvin", "hey_mycroft")
_RECORDED: Final = ("alexa", "hey_jarvis")
"""Those with recordings of people on both sides."""
_FILE: Final = Path(wake_verifier.__file__).with_name("wake_verifiers.json")
_BATCH: Final = 8
_COMPONENTS: Final = 128
_RIDGE: Final = 0.0003
_ROUNDS: Final = 3
_NEWTON_STEPS: Final = 20
_OTHERS: Final = 4
"""Of a clip without the wake word, the blocks that the previous fit liked best count."""
_FOLDS: Final = 4
_SYNTHESISED: Final = ("piper", "espeak", "flite", "festival", "kokoro")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The embeddings of a clip that may be taken for a wake word."""

    says: str
    voice: str
    family: str
    """Who recorded or synthesised it."""
    recorded: bool
    condition: str
    windows: dict[str, Floats]
    """For each wake word, embeddings of shape (blocks, 12, 96) where a loose rule accepts."""


def examples(clips: Sequence[Clip]) -> Iterator[Example]:
    """Compute the embeddings of clips."""
    hearing = _Hearing()
    backgrounds = Backgrounds(
        speech=[clip.samples for clip in clips if clip.group == SPEECH],
        noise=[clip.samples for clip in clips if clip.group == NOISE],
    )
    for clip in clips:
        if clip.group in (SPEECH, NOISE):
            continue
        seed = zlib.crc32(f"{clip.says}/{clip.path.name}".encode())
        for condition in _conditions(clip.says, seed):
            sound = backgrounds.apply(condition, clip.samples, seed)
            yield Example(
                says=clip.says,
                voice=_voice(clip),
                family="recorded" if _recorded(clip) else clip.path.stem.split("-")[0],
                recorded=_recorded(clip),
                condition=condition.name,
                windows=hearing.windows(sound),
            )


def _conditions(says: str, seed: int) -> Sequence[Condition]:
    """Return all conditions for a wake word; other clips are many, and half have a second one."""
    if says in VERIFIED:
        return CONDITIONS
    quiet, *others, _ = CONDITIONS
    return [quiet] if seed % 2 else [quiet, others[seed // 2 % len(others)]]


class _Hearing:
    """Listens to whole sounds for all wake words."""

    def __init__(self) -> None:
        self._open = OpenWakeWords()
        for name in VERIFIED:
            self._open.add(built_in_models()[name])

    def windows(self, sound: Samples) -> dict[str, Floats]:
        self._open.reset()
        scores: dict[str, list[float]] = {name: [] for name in VERIFIED}
        heard: list[Floats] = []
        blocks = sound[: sound.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
        for start in range(0, len(blocks), _BATCH):
            batch = blocks[start : start + _BATCH]
            self._open.hear(*batch)
            latest = self._open.embeddings(VERIFIED_BLOCKS + len(batch) - 1)
            heard += [latest[at : at + VERIFIED_BLOCKS] for at in range(len(batch))]
            for name in VERIFIED:
                scores[name] += self._open.scores(name, len(batch))
        return {name: _where_accepted(heard, scores[name], _loose(name)) for name in VERIFIED}


@cache
def _loose(word: str) -> float:
    """Return the least score that a rule asks of openWakeWord; from it on, embeddings count."""
    rules = rules_of(built_in_models()[word])
    alternatives = (a for level in Sensitivity for a in rules.levels[level].alternatives)
    return min(a.open for a in alternatives if a.open > 0)


def _where_accepted(heard: list[Floats], scores: list[float], loose: float) -> Floats:
    scores = [0.0] * SETTLING_BLOCKS + scores[SETTLING_BLOCKS:]
    accepted = [
        embeddings
        for number, embeddings in enumerate(heard)
        if max(scores[max(0, number - HELD_BLOCKS + 1) : number + 1]) >= loose
    ]
    if not accepted:
        return np.zeros((0, VERIFIED_BLOCKS, EMBEDDING), np.float32)
    return np.stack(accepted)


def spliced(clips: Sequence[Clip]) -> Iterator[Clip]:
    """Put a synthesised "hey" before recordings of "jarvis"."""
    heys = [clip for clip in clips if clip.says == "hey" and not _recorded(clip)]
    jarvis = [clip for clip in clips if clip.says == "jarvis" and _recorded(clip)]
    for number, clip in enumerate(jarvis if heys else ()):
        hey, word = _spoken(heys[number % len(heys)].samples), _spoken(clip.samples)
        level = np.abs(word).max() / max(1, np.abs(hey).max()) * 0.8
        pause = np.zeros(RATE * (number % 4) // 50, np.int16)  # up to 60 ms
        sound = np.concatenate(((hey * level).astype(np.int16), pause, word))
        yield Clip(path=clip.path, says="hey_jarvis", group=clip.group, samples=sound)


def _spoken(sound: Samples) -> Samples:
    """Cut off what is soft before and after a word."""
    size = sound.size // 160 * 160
    level = np.sqrt(np.mean(sound[:size].astype(np.float64).reshape(-1, 160) ** 2, axis=1))
    (loud,) = np.nonzero(level > level.max() * 0.05)
    return sound[loud[0] * 160 : (loud[-1] + 1) * 160]


def _recorded(clip: Clip) -> bool:
    return not clip.path.stem.startswith(_SYNTHESISED)


def _voice(clip: Clip) -> str:
    """Return a clip's speaker: of a recording, the file; of a synthesiser, without its speed."""
    stem = clip.path.stem
    if _recorded(clip) or stem.startswith("espeak"):
        return stem  # espeak-ng's voices differ much, and have one speed each
    return "-".join(stem.split("-")[:2])


def fit(word: str, known: Sequence[Example]) -> Verifier:
    """Fit a verifier on examples."""
    used = [it for it in known if len(it.windows[word]) and (word in _RECORDED or not it.recorded)]
    positives = [it.windows[word] for it in used if it.says == word]
    negatives = [it.windows[word] for it in used if it.says != word]
    verifier = _regress([it[len(it) // 3 :][:1] for it in positives], negatives)
    for _ in range(_ROUNDS):
        verifier = _regress(
            [_likeliest(verifier, it, 1) for it in positives],
            [_likeliest(verifier, it, _OTHERS) for it in negatives],
        )
    return verifier


def _likeliest(verifier: Verifier, windows: Floats, count: int) -> Floats:
    scores = [verifier.score(window) for window in windows]
    return windows[np.argsort(scores)[-count:]]


def _regress(positives: Sequence[Floats], negatives: Sequence[Floats]) -> Verifier:
    """Fit a logistic regression on the main components, by Newton's method."""
    clips = [*positives, *negatives]
    flat = np.concatenate(clips).reshape(-1, VERIFIED_BLOCKS * EMBEDDING).astype(np.float64)
    sides = [0.5 / len(positives)] * len(positives) + [0.5 / len(negatives)] * len(negatives)
    weights = np.concatenate(
        [np.full(len(it), side / len(it)) for it, side in zip(clips, sides, strict=True)]
    )
    labels = np.zeros(len(flat))
    labels[: sum(map(len, positives))] = 1.0
    mean = weights @ flat
    centred = flat - mean
    spread, axes = np.linalg.eigh((centred * weights[:, np.newaxis]).T @ centred)
    # Not whitened: components that hardly vary get little to say.
    axes = axes[:, -_COMPONENTS:] / np.sqrt(spread[-1])
    x = np.column_stack((centred @ axes, np.ones(len(flat))))
    ridge = np.diag([_RIDGE] * _COMPONENTS + [0.0])
    beta = np.zeros(x.shape[1])
    for _ in range(_NEWTON_STEPS):
        likely = 1 / (1 + np.exp(-(x @ beta)))
        gradient = x.T @ (weights * (likely - labels)) + ridge @ beta
        curvature = (x * (weights * likely * (1 - likely))[:, np.newaxis]).T @ x + ridge
        beta -= np.linalg.solve(curvature, gradient)
    direction = axes @ beta[:-1]
    return Verifier(
        direction.reshape(VERIFIED_BLOCKS, EMBEDDING).astype(np.float32),
        float(beta[-1] - direction @ mean),
    )


def unknown_scores(
    word: str, known: Sequence[Example], group: Callable[[Example], Hashable]
) -> list[tuple[Example, float]]:
    """Return the score of each example by a verifier that was fitted without its group."""
    scored = []
    for left_out in sorted({group(it) for it in known}, key=str):
        verifier = fit(word, [it for it in known if group(it) != left_out])
        scored += [
            (it, max(map(verifier.score, it.windows[word])))
            for it in known
            if group(it) == left_out and len(it.windows[word])
        ]
    return scored


def _fold(example: Example) -> int:
    """Return which of the parts a voice is in, each of which is left out once."""
    return hashlib.sha256(example.voice.encode()).digest()[0] % _FOLDS


def report(word: str, how: str, scored: Iterable[tuple[Example, float]]) -> None:
    """Print how many clips of each text, or of the wake word by condition, pass least scores."""
    texts: dict[str, list[float]] = {}
    for example, score in scored:
        if example.says != word and example.condition != CONDITIONS[0].name:
            continue
        label = f"{example.says or 'speech'}{' (recorded)' if example.recorded else ''}"
        if example.says == word:
            label += f", {example.condition}"
        texts.setdefault(label, []).append(score)
    leasts = (-5, -4, -3, -2.5, -2, -1.5, -1, -0.5, 0, 1)
    sys.stdout.write(f"{word}, {how}\n{'':<36}{'clips':>6}")
    sys.stdout.write("".join(f"{it:>6}" for it in leasts) + "\n")
    for says, scores in sorted(texts.items(), key=lambda it: (not it[0].startswith(word), it[0])):
        passed = "".join(f"{sum(s >= least for s in scores):>6}" for least in leasts)
        sys.stdout.write(f"  {says:<34}{len(scores):>6}{passed}\n")
    sys.stdout.flush()


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="write wake_verifiers.json")
    parser.add_argument("--fit-only", action="store_true", help="don't try unknown voices")
    parser.add_argument("--source", default="", help="where the sound is from")
    arguments = parser.parse_args()
    clips = [clip for folder in arguments.folders for clip in read_clips(folder, lambda *_: None)]
    known = list(examples([*clips, *spliced(clips)]))
    words = {}
    for word in VERIFIED:
        if not arguments.fit_only:
            report(word, "unknown voices", unknown_scores(word, known, _fold))
            report(word, "unknown makers", unknown_scores(word, known, lambda it: it.family))
        words[word] = verifier_json(fit(word, known))
    if arguments.write:
        content = {"fitted_on": arguments.source, "words": words}
        _FILE.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _main()
