"""Fits the verifiers, which tell wake words from words near them.

`python -m tests.bench.wake_words.verifiers FOLDER… [--write]` reads folders as `indoor-voice
wake-test` does, of which one is made by `synthesis`. It fits on all voices but a quarter, four
times, prints what the verifiers do with the voices that they don't know, and then fits on all.
`--write` writes `wake_verifiers.json`; the least scores in `wake_rules.json` are chosen by hand
from what is printed.

Recipe: of each clip, half of them as they are and half under another condition of a home, the
embeddings after each block in which a loose rule accepts. They are reduced to their main
components, and a ridge logistic regression is fitted on them, with equal weight for the clips with
the wake word and the others. Only the blocks count that the previous fit liked best, of a clip with
the wake word only one, because it is enough to be accepted once.

Recordings of other words would teach that whatever is recorded is not the wake word where all
that says it is synthesised. So there are verifiers only for words with recordings on both sides:
alexa, and hey jarvis, to which recordings of "jarvis" with a synthesised "hey" before them are
added.
"""

import argparse
import hashlib
import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from indoor_voice.room.sound import wake_verifier
from indoor_voice.room.sound.open_wake_word import OpenWakeWords
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from indoor_voice.room.sound.speech_embedding import EMBEDDING
from indoor_voice.room.sound.wake_models import built_in_models
from indoor_voice.room.sound.wake_rules import HELD_BLOCKS
from indoor_voice.room.sound.wake_verifier import VERIFIED_BLOCKS, Verifier, verifier_json
from indoor_voice.room.sound.wake_word import SETTLING_BLOCKS
from indoor_voice.room.wake_test.clips import NOISE, SPEECH, Clip, read_clips
from indoor_voice.room.wake_test.conditions import CONDITIONS, Backgrounds

VERIFIED: Final = ("alexa", "hey_jarvis")
_FILE: Final = Path(wake_verifier.__file__).with_name("wake_verifiers.json")
_LOOSE: Final = 0.01
"""Score of openWakeWord from which a clip's embeddings count, the least that a rule asks for."""
_BATCH: Final = 8
_COMPONENTS: Final = 48
_RIDGE: Final = 0.001
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
    recorded: bool
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
        condition = CONDITIONS[0] if seed % 2 else CONDITIONS[1 + seed // 2 % (len(CONDITIONS) - 2)]
        sound = backgrounds.apply(condition, clip.samples, seed)
        yield Example(
            says=clip.says,
            voice=_voice(clip),
            recorded=_recorded(clip),
            windows=hearing.windows(sound),
        )


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
        return {name: _where_accepted(heard, scores[name]) for name in VERIFIED}


def _where_accepted(heard: list[Floats], scores: list[float]) -> Floats:
    scores = [0.0] * SETTLING_BLOCKS + scores[SETTLING_BLOCKS:]
    accepted = [
        embeddings
        for number, embeddings in enumerate(heard)
        if max(scores[max(0, number - HELD_BLOCKS + 1) : number + 1]) >= _LOOSE
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
    used = [it for it in known if len(it.windows[word])]
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


def unknown_scores(word: str, known: Sequence[Example]) -> list[tuple[Example, float]]:
    """Return the score of each example by a verifier that was fitted without its voice."""
    scored = []
    for fold in range(_FOLDS):
        rest = [it for it in known if _fold(it.voice) != fold]
        verifier = fit(word, rest)
        scored += [
            (it, max(map(verifier.score, it.windows[word])))
            for it in known
            if _fold(it.voice) == fold and len(it.windows[word])
        ]
    return scored


def _fold(voice: str) -> int:
    return hashlib.sha256(voice.encode()).digest()[0] % _FOLDS


def report(word: str, scored: Iterable[tuple[Example, float]]) -> None:
    """Print how many clips of each text pass several least scores."""
    texts: dict[str, list[float]] = {}
    for example, score in scored:
        label = f"{example.says or 'speech'}{' (recorded)' if example.recorded else ''}"
        texts.setdefault(label, []).append(score)
    leasts = (-4, -3, -2, -1, 0, 1, 2)
    sys.stdout.write(f"{word:<24}{'clips':>6}" + "".join(f"{it:>6}" for it in leasts) + "\n")
    for says, scores in sorted(texts.items()):
        passed = "".join(f"{sum(s >= least for s in scores):>6}" for least in leasts)
        sys.stdout.write(f"  {says:<22}{len(scores):>6}{passed}\n")
    sys.stdout.flush()


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="write wake_verifiers.json")
    parser.add_argument("--source", default="", help="where the sound is from")
    arguments = parser.parse_args()
    clips = [clip for folder in arguments.folders for clip in read_clips(folder, lambda *_: None)]
    known = list(examples([*clips, *spliced(clips)]))
    words = {}
    for word in VERIFIED:
        report(word, unknown_scores(word, known))
        words[word] = verifier_json(fit(word, known))
    if arguments.write:
        content = {"fitted_on": arguments.source, "words": words}
        _FILE.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _main()
