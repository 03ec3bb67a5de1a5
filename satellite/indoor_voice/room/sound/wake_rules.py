"""Decides from two models' scores whether a wake word was said, by rules that are data.

A rule is a list of alternatives, each with a least score for microWakeWord (`micro`) and for
openWakeWord (`open`); the rule accepts if one alternative does. "Or" matters: a plain cascade,
where both must be sure, loses wake words that noise hides from one of the models.

If every alternative asks for something from the cheap model, the expensive one need not run until
the cheap model gives a hint. So the rule also decides what listening costs.

Where words near a wake word have the same scores, a rule also asks for a least score of the word's
verifier (`verified`, see `wake_verifier.py`), in at least one of the blocks in which it accepts.

`wake_rules.json` has the rules for each wake word, with what was measured with them on which
sound. `python -m tests.bench.wake_words.fit` in the repository measures and proposes them.
"""

import json
import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from indoor_voice.errors import UserError

from .wake_models import WakeModel

_SUSPICION: Final = 0.1
"""Share of the scores that a rule asks for. In quiet, both models reach their scores in the same
block, so that this gives no warning; in noise, one of them may not reach it at all."""
HELD_BLOCKS: Final = 12
"""A score counts for about a second, because the two models don't peak at the same moment."""

_FILE: Final = Path(__file__).with_name("wake_rules.json")
_OTHER_OPEN: Final = "any openWakeWord model"
_OTHER_MICRO: Final = "any microWakeWord model"


class Sensitivity(StrEnum):
    """How readily a wake word is accepted. More finds more, also in other speech."""

    SLIGHT = "slight"
    DEFAULT = "default"
    STRONG = "strong"

    @property
    def number(self) -> float:
        """The sensitivity as a number."""
        return _NUMBERS[self]


_NUMBERS: Final = {Sensitivity.SLIGHT: 0.0, Sensitivity.DEFAULT: 0.5, Sensitivity.STRONG: 1.0}


def sensitivity_number(value: object) -> float:
    """Return a level's name, or a number from 0 to 1, as a number; raises `ValueError`."""
    if isinstance(value, str) and value in set(Sensitivity):
        return Sensitivity(value).number
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is not a sensitivity")  # noqa: TRY004 - one error for callers
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(f"a sensitivity must be between 0 and 1, not {value}")
    return number


def sensitivity_level(number: float) -> str | float:
    """Return the name of the level that a number stands for, or else the number."""
    return next((level.value for level in Sensitivity if level.number == number), number)


def parse_sensitivities(options: Iterable[str], known: Container[str]) -> dict[str, float]:
    """Return the sensitivities that options such as `alexa=strong` ask for; raises `UserError`."""
    numbers = {}
    for option in options:
        name, _, level = option.partition("=")
        if name not in known:
            raise UserError(f"--wake-sensitivity {option}: there is no wake word {name!r}.")
        try:
            numbers[name] = sensitivity_number(level)
        except ValueError:
            raise UserError(
                f"--wake-sensitivity {option}: choose slight, default, strong or a number from 0 "
                "to 1."
            ) from None
    return numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Least scores, of which 0 asks for nothing."""

    micro: float = 0.0
    open: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """Accepts a wake word if one of its alternatives does."""

    alternatives: tuple[Alternative, ...]
    verified: float = -math.inf
    """Least score of the verifier, if the wake word has one."""

    def accepts(self, micro: float, open_score: float) -> bool:
        """Return whether these scores of the latest second are those of the wake word."""
        return any(micro >= a.micro and open_score >= a.open for a in self.alternatives)

    def suspects(self, micro: float, open_score: float) -> bool:
        """Return whether these scores may be those of a wake word that is hard to hear."""
        return any(
            micro >= a.micro * _SUSPICION and open_score >= a.open * _SUSPICION
            for a in self.alternatives
        )

    @property
    def hint(self) -> float:
        """Score of microWakeWord from which openWakeWord must look: 0 always, above 1 never."""
        return min((a.micro for a in self.alternatives if a.open > 0), default=2.0)


@dataclass(frozen=True, slots=True)
class WordRules:
    """The rules of a wake word, which have equally many alternatives."""

    levels: Mapping[Sensitivity, Rule]

    def rule(self, sensitivity: float) -> Rule:
        """Return the rule for a sensitivity, 0 to 1, in between by interpolation."""
        upper = 1.0 if sensitivity > _NUMBERS[Sensitivity.DEFAULT] else 0.5
        below, above = (
            self.levels[level] for level in Sensitivity if level.number in (upper - 0.5, upper)
        )
        share = (sensitivity - (upper - 0.5)) / 0.5
        return Rule(
            tuple(
                Alternative(
                    micro=_between(low.micro, high.micro, share),
                    open=_between(low.open, high.open, share),
                )
                for low, high in zip(below.alternatives, above.alternatives, strict=True)
            ),
            _between(below.verified, above.verified, share),
        )


def _between(low: float, high: float, share: float) -> float:
    return low if low == high else low + share * (high - low)


def rules_of(model: WakeModel) -> WordRules:
    """Return the rules for a wake word: its own, or those for any of its kind."""
    words = _words()
    if model.built_in:
        return words[model.name]
    return words[_OTHER_MICRO if model.open is None else _OTHER_OPEN]


@cache
def _words() -> dict[str, WordRules]:
    content: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        word: parse_rules(entry["rules"], entry.get("verified", {}))
        for word, entry in content["words"].items()
    }


def parse_rules(rules: Mapping[str, Any], verified: Mapping[str, float]) -> WordRules:
    """Return rules from their JSON.

    Args:
        rules: for each sensitivity, a list of alternatives.
        verified: for each sensitivity, the least score of the verifier; empty without one.
    """
    return WordRules(
        {
            level: Rule(
                tuple(Alternative(**alternative) for alternative in rules[level]),
                verified.get(level, -math.inf),
            )
            for level in Sensitivity
        }
    )
