"""Measures the rules for wake words on labelled sound, and proposes thresholds.

`python -m tests.bench.wake_words.fit FOLDER… [--word NAME] [--every N] [--write]` reads folders as
`indoor-voice wake-test` does. For each wake word it prints what the shipped rules, openWakeWord
alone and simple candidates find and accept, with the words near it. `--write` puts the figures of
the shipped rules into `wake_rules.json`. The thresholds themselves are chosen by hand: round, the
same shape for each sensitivity, and each sensitivity accepts whatever a lower one does. Set
`OPENBLAS_NUM_THREADS=1`: several threads would spend ten times the CPU time.
"""

import argparse
import json
import math
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any, Final

from indoor_voice.room.sound import wake_rules
from indoor_voice.room.sound.wake_models import WakeModel, built_in_models
from indoor_voice.room.sound.wake_rules import Alternative, Rule, Sensitivity, rules_of
from indoor_voice.room.wake_test.clips import NOISE, SPEECH, Clip, identifier, read_clips
from indoor_voice.room.wake_test.measure import Result, Scores, measure

from .synthesis import NEAR, WORDS

RULES_FILE: Final = Path(wake_rules.__file__).with_suffix(".json")
_OPEN_ALONE: Final = Rule((Alternative(open=0.5),))
_PROVOKING: Final = frozenset(identifier(text) for text in (*WORDS, *NEAR))
"""What is said to provoke a false accept, which nobody does for hours; it is counted by text."""
_MICRO: Final = (0.02, 0.05, 0.1, 0.3, 0.5)
_OPEN: Final = (0.3, 0.5, 0.9, 0.99)
_SURE: Final = ((0.9, 0.01), (0.9, 0.1), (0.99, 0.1), (2.0, 0.0))
"""Of the second alternative: micro, open; the last is a plain cascade."""


def ordinary(result: Result) -> tuple[list[Scores], float]:
    """Return the scores of clips that say nothing near a wake word, and how many hours they are."""
    scores = [it for says, it in result.negatives if says not in _PROVOKING]
    return scores, sum(it.seconds for it in scores) / 3600


def figures(result: Result, rule: Rule) -> dict[str, Any]:
    """Return what a rule finds by condition, and what else it accepts."""
    false, spoken = result.false_accepts(rule), result.spoken()
    scores, hours = ordinary(result)
    return {
        "found": {
            condition: f"{result.found(condition, rule)} of {len(scored)}"
            for condition, scored in result.positives.items()
            if scored
        },
        "false_accepts_per_hour": round(
            sum(it.detections(rule) for it in scores) / max(hours, 1e-3), 1
        ),
        "other_clips_accepted": {
            says or "other speech": f"{count} of {spoken[says]}"
            for says, count in sorted(false.items())
        },
    }


def candidates(model: WakeModel) -> Iterable[Rule]:
    """Return simple rules for a wake word's models."""
    if model.open is None:
        return (Rule((Alternative(micro=micro),)) for micro in (0.5, 0.7, 0.8, 0.9, 0.95))
    if model.micro is None:
        return (Rule((Alternative(open=score),)) for score in (*_OPEN, 0.97, 0.999))
    return (
        Rule((Alternative(micro=micro, open=score), Alternative(micro=sure[0], open=sure[1])))
        for micro, score, sure in product(_MICRO, _OPEN, _SURE)
    )


def _summary(result: Result, rule: Rule) -> tuple[int, int]:
    """Return in how many clips a rule finds the wake word, and what it accepts beside that."""
    found = sum(result.found(condition, rule) for condition in result.positives)
    return found, sum(result.false_accepts(rule).values())


def _report(model: WakeModel, result: Result) -> None:
    """Print candidates that no other candidate beats in both figures."""
    measured = {rule: _summary(result, rule) for rule in candidates(model)}
    _say(f"{model.name}: found, other clips accepted")
    for level in Sensitivity:
        rule = rules_of(model).rule(level.number)
        _say(f"  {level:<8} {_summary(result, rule)}  {_text(rule)}")
        unverified = Rule(rule.alternatives)
        _say(f"  {level:<8} {_summary(result, unverified)}  without the verifier")
    if model.open is not None:
        _say(f"  openWakeWord alone {_summary(result, _OPEN_ALONE)}")
    for rule, (found, false) in sorted(measured.items(), key=lambda item: item[1]):
        if not any(
            other[0] >= found and other[1] <= false and other != (found, false)
            for other in measured.values()
        ):
            _say(f"  candidate {(found, false)}  {_text(rule)}")


def _text(rule: Rule) -> str:
    text = " or ".join(f"(m ≥ {a.micro} and o ≥ {a.open})" for a in rule.alternatives)
    return text if rule.verified == -math.inf else f"({text}) and v ≥ {rule.verified}"


def _json(content: dict[str, Any]) -> str:
    """Return rules as JSON, with each alternative on a line of its own."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    return (
        re.sub(r"\{\s+(\"(?:micro|open)\": [\d.]+)(,)?\s+(\"open\": [\d.]+\s+)?\}", _one_line, text)
        + "\n"
    )


def _one_line(alternative: re.Match[str]) -> str:
    return " ".join(alternative[0].split()).replace("{ ", "{").replace(" }", "}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _clips(folders: Sequence[Path], every: int) -> list[Clip]:
    clips = [clip for folder in folders for clip in read_clips(folder, lambda *_: None)]
    # Backgrounds stay complete: they are what the others are mixed with.
    thinned = [clip for clip in clips if clip.group not in (NOISE, SPEECH)][::every]
    return [*thinned, *(clip for clip in clips if clip.group in (NOISE, SPEECH))]


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--word", action="append", choices=built_in_models())
    parser.add_argument("--every", type=int, default=1, help="use only one clip of so many")
    parser.add_argument("--write", action="store_true", help="write figures into wake_rules.json")
    parser.add_argument("--source", default="", help="where the sound is from, for the figures")
    arguments = parser.parse_args()
    clips = _clips(arguments.folders, arguments.every)
    for name in arguments.word or built_in_models():
        model = built_in_models()[name]
        result = measure(model, name, clips, lambda *_: None)
        _report(model, result)
        content = json.loads(RULES_FILE.read_text(encoding="utf-8"))
        content["words"][name]["measured"] = {
            "sound": arguments.source,
            "other_hours": round(ordinary(result)[1], 2),
            **(
                {}
                if model.open is None
                else {"openWakeWord alone, 0.5": figures(result, _OPEN_ALONE)}
            ),
            **{
                level.value: figures(result, rules_of(model).rule(level.number))
                for level in Sensitivity
            },
        }
        if arguments.write:
            RULES_FILE.write_text(_json(content), encoding="utf-8")


if __name__ == "__main__":
    _main()
