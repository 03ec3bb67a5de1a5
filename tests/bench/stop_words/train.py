"""Trains the model for "stop" and writes it, with a record of how it was made, beside the code.

It simulates sessions in rooms, each from a seed of its own, so that a second run makes the same
model; finished sessions are kept in the cache folder.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from indoor_voice.room.sound.pcm import BLOCK_SECONDS
from indoor_voice.room.sound.speech_embedding import EMBEDDING, Floats
from indoor_voice.room.sound.stop_word import MODEL, StopModel

from .sessions import Plan, Session, Sounding, run
from .voices import NEAR, OTHER, STOP, families

SEED: Final = 13
LENGTHS: Final = (4, 6, 8, 10)
"""Numbers of embeddings that are tried."""
SESSION_SECONDS: Final = 40.0
_HIDDEN: Final = 48
_EPOCHS: Final = 30
_BATCH: Final = 256
_RATE: Final = 1e-3
_DECAY: Final = 1e-2
_STOP_SECONDS: Final = (0.0, 0.28)
"""When "stop" is to be heard, after its end."""
_DOUBTFUL_SECONDS: Final = 0.6
_CHECKED_EVERY: Final = 5
"""Every fifth session chooses length and threshold; the others train."""
_ALLOWED_SHARE: Final = 0.2
"""Of other utterances that may be taken for "stop": most are words near it, which are rare at home
("stopped", "non-stop"), and it listens only while the satellite sounds."""
_LEAST_THRESHOLD: Final = 0.5
_SETTLING_BLOCKS: Final = 10


def plan(number: int) -> Plan:
    """Return the plan of a training session."""
    random = np.random.default_rng((SEED, number, 1))
    kinds = (Sounding.NOTHING, Sounding.ANSWER, Sounding.ANSWER, Sounding.RINGING)
    return Plan(
        seconds=SESSION_SECONDS,
        sounding=kinds[number % len(kinds)],
        echo_db=random.uniform(-8, 8),
        noise_db=random.uniform(-30, -8) if random.random() < 0.5 else None,
        stops=0.0 if number % 8 == 1 else 0.45,
    )


def sessions(count: int, cache: Path, first: int = 0, step: int = 1) -> list[Session]:
    """Return training sessions, from the cache where they are there."""
    cache.mkdir(parents=True, exist_ok=True)
    voices, made = families(kept_out=False), []
    for number in range(first, count, step):
        path = cache / f"{number}.npz"
        if not path.exists():
            session = run(plan(number), voices, np.random.default_rng((SEED, number)))
            part = path.with_suffix(".part.npz")
            np.savez(part, embeddings=session.embeddings, said=np.array(session.said, np.float64))
            part.rename(path)
        with np.load(path, allow_pickle=False) as file:
            said = [(bool(stop), start, end) for stop, start, end in file["said"].reshape(-1, 3)]
            made.append(Session(embeddings=file["embeddings"], said=said))
    return made


def windows(session: Session, length: int) -> tuple[Floats, Floats]:
    """Return rows of embeddings, shape (n, length * 96), and whether each ends with "stop"."""
    rows = np.lib.stride_tricks.sliding_window_view(session.embeddings, length, axis=0)
    rows = rows.transpose(0, 2, 1).reshape(-1, length * EMBEDDING)
    ends = (np.arange(len(rows)) + length) * BLOCK_SECONDS
    labels = np.zeros((len(rows),), np.float32)
    for stop, start, end in session.said:
        if stop:
            labels[(ends > start) & (ends < end + _DOUBTFUL_SECONDS)] = np.nan
            labels[(ends >= end + _STOP_SECONDS[0]) & (ends <= end + _STOP_SECONDS[1])] = 1
    kept = ~np.isnan(labels) & (np.arange(len(rows)) + length > _SETTLING_BLOCKS)
    return rows[kept], labels[kept]


def fit(train: Sequence[Session], length: int) -> dict[str, Floats]:
    """Return the weights of a network, trained with Adam on the cross-entropy."""
    pairs = [windows(session, length) for session in train]
    rows = np.concatenate([rows for rows, _ in pairs])
    labels = np.concatenate([labels for _, labels in pairs])
    embedded = rows.reshape(-1, EMBEDDING)
    mean, scale = embedded.mean(0), 1 / (embedded.std(0) + 1e-3)
    rows = (rows - np.tile(mean, length)) * np.tile(scale, length)
    random = np.random.default_rng(SEED)
    width = length * EMBEDDING
    parameters = [
        random.normal(0, np.sqrt(2 / width), (width, _HIDDEN)).astype(np.float32),
        np.zeros((_HIDDEN,), np.float32),
        random.normal(0, np.sqrt(1 / _HIDDEN), (_HIDDEN,)).astype(np.float32),
        np.zeros((), np.float32),
    ]
    moments = [(np.zeros_like(it), np.zeros_like(it)) for it in parameters]
    # Half of all weight is on "stop", which is rare.
    weight = np.where(labels > 0, 0.5 / max(labels.mean(), 1e-6) / 3, 1.0).astype(np.float32)
    step = 0
    for epoch in range(_EPOCHS):
        order = random.permutation(len(rows))
        rate = _RATE * (1 - epoch / _EPOCHS)
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            gradients = _gradients(parameters, rows[chosen], labels[chosen], weight[chosen], random)
            step += 1
            _adam(parameters, moments, gradients, rate, step)
    hidden, hidden_bias, output, output_bias = parameters
    return {
        "mean": mean, "scale": scale, "hidden": hidden, "hidden_bias": hidden_bias,
        "output": output, "output_bias": output_bias, "threshold": np.array(0.5, np.float32),
    }  # fmt: skip


def _gradients(
    parameters: Sequence[Floats],
    rows: Floats,
    labels: Floats,
    weight: Floats,
    random: np.random.Generator,
) -> list[Floats]:
    hidden, hidden_bias, output, output_bias = parameters
    # Dropout of inputs, for voices that are not among these.
    rows = rows * (random.random(rows.shape, np.float32) > 0.2) / np.float32(0.8)
    inner = np.maximum(rows @ hidden + hidden_bias, 0)
    inner *= (random.random(inner.shape, np.float32) > 0.3) / np.float32(0.7)
    score = (1 + np.tanh((inner @ output + output_bias) / 2)) / 2
    error = (score - labels) * weight / len(rows)
    back = np.outer(error, output) * (inner > 0)
    return [rows.T @ back, back.sum(0), inner.T @ error, error.sum()]


def _adam(
    parameters: list[Floats],
    moments: list[tuple[Floats, Floats]],
    gradients: Sequence[Floats],
    rate: float,
    step: int,
) -> None:
    for number, gradient in enumerate(gradients):
        first, second = moments[number]
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        moments[number] = first, second
        move = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        decay = _DECAY if parameters[number].ndim > 1 else 0.0
        parameters[number] = (
            parameters[number] - rate * (move + decay * parameters[number])
        ).astype(np.float32)


def judge(
    model: StopModel, checked: Sequence[Session], threshold: float | None = None
) -> dict[str, float]:
    """Return recall and false stops per hour, by default at the lowest threshold that is good."""
    found: list[float] = []
    false: list[float] = []
    seconds = 0.0
    for session in checked:
        rows = np.lib.stride_tricks.sliding_window_view(session.embeddings, model.length, axis=0)
        scores = model.scores(rows.transpose(0, 2, 1).reshape(len(rows), -1))
        ends = (np.arange(len(rows)) + model.length) * BLOCK_SECONDS
        scores[ends <= _SETTLING_BLOCKS * BLOCK_SECONDS] = 0
        seconds += len(session.embeddings) * BLOCK_SECONDS
        for stop, start, end in session.said:
            during = (ends > start) & (ends < end + _DOUBTFUL_SECONDS)
            if stop:
                found.append(float(scores[during].max()))
                scores[during] = 0
        false += _peaks(scores)
    if threshold is None:
        others = sum(not stop for session in checked for stop, _, _ in session.said)
        allowed = int(_ALLOWED_SHARE * others)
        worst = sorted(false, reverse=True)[allowed : allowed + 1] or [0.0]
        threshold = max(_LEAST_THRESHOLD, min(worst[0] + 1e-3, 0.99))
    return {
        "threshold": threshold,
        "recall": float(np.mean(np.array(found) >= threshold)) if found else float("nan"),
        "false_per_hour": sum(score >= threshold for score in false) / (seconds / 3600),
        "stops": len(found),
        "hours": seconds / 3600,
    }


def _peaks(scores: Floats) -> list[float]:
    """Return the highest score of each stretch of 12 blocks that has a score worth naming."""
    peaks = [float(scores[n : n + 12].max()) for n in range(0, len(scores), 12)]
    return [peak for peak in peaks if peak > _LEAST_THRESHOLD]


def main() -> None:
    """Simulate, train, choose and write."""
    parser = argparse.ArgumentParser(prog="script/train-stop-word", description=__doc__)
    parser.add_argument("--sessions", type=int, default=160, help="of 40 s (%(default)s)")
    parser.add_argument("--cache", type=Path, default=Path(".cache/stop-word"))
    parser.add_argument("--only-simulate", metavar="FIRST/STEP", help="fill the cache, in parts")
    parser.add_argument(
        "--length", type=int, action="append", help="embeddings to judge (default: tries several)"
    )
    arguments = parser.parse_args()
    if arguments.only_simulate:
        first, step = map(int, arguments.only_simulate.split("/"))
        sessions(arguments.sessions, arguments.cache, first, step)
        return
    made = sessions(arguments.sessions, arguments.cache)
    train = [it for number, it in enumerate(made) if number % _CHECKED_EVERY]
    checked = made[::_CHECKED_EVERY]
    tried: dict[int, tuple[dict[str, Floats], dict[str, float]]] = {}
    for length in arguments.length or LENGTHS:
        weights = fit(train, length)
        tried[length] = weights, judge(StopModel(weights), checked)
        print(length, tried[length][1], flush=True)  # noqa: T201 - progress
    best = max(tried, key=lambda length: tried[length][1]["recall"])
    weights, result = tried[best]
    weights["threshold"] = np.array(result["threshold"], np.float32)
    np.savez_compressed(MODEL, allow_pickle=False, **weights)
    record = _record(made, best, {length: it[1] for length, it in tried.items()})
    MODEL.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _record(
    made: Sequence[Session], length: int, tried: dict[int, dict[str, float]]
) -> dict[str, Any]:
    said = [stop for session in made for stop, _, _ in session.said]
    return {
        "made_by": "script/train-stop-word",
        "seed": SEED,
        "embeddings": "openWakeWord 0.4.0",
        "sessions": len(made),
        "hours": round(len(made) * SESSION_SECONDS / 3600, 2),
        "stops": sum(said),
        "other_utterances": len(said) - sum(said),
        "texts": {"stop": STOP, "near": NEAR, "other": OTHER},
        "voices": {
            name: [voice.name for voice in voices]
            for name, voices in families(kept_out=False).items()
        },
        "voices_kept_out": {
            name: [voice.name for voice in voices]
            for name, voices in families(kept_out=True).items()
        },
        "length": length,
        "hidden": _HIDDEN,
        "tried_lengths": {
            str(length): {name: round(value, 3) for name, value in result.items()}
            for length, result in tried.items()
        },
    }


if __name__ == "__main__":
    main()
