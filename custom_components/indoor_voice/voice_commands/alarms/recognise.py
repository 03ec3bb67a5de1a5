"""Recognises the voice commands about alarms.

Home Assistant's sentence triggers know neither rules nor lists: a placeholder in them stands for
any words at all, and "wake me at" would be a whole command. So they get every number and word
written out, and say only that something is a command; which one it is, hassil tells here.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from hassil import Intents, recognize
from hassil.numbers import get_rbnf_engine

from .sentences import GRAMMARS, RANGES, AlarmCommand, Grammar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RULE: Final = re.compile(r"<(\w+)>")
_LIST: Final = re.compile(r"\{(\w+)(?::\w+)?\}")
_DIGIT: Final = "(0|1|2|3|4|5|6|7|8|9)"
_DIGITS: Final = {
    "hour": f"[0|1]{_DIGIT}|2(0|1|2|3)",
    "minute": f"[0|1|2|3|4|5]{_DIGIT}",
    "count": f"[1|2|3|4|5|6|7|8|9]{_DIGIT}",
}
"""The numbers of `RANGES` as a trigger's alternatives; "0 minutes" is found out later."""
_MOST_WORDS: Final = 60
"""Numbers that triggers know in words; parsing them takes time when Home Assistant starts."""


@dataclass(frozen=True, slots=True)
class Said:
    """A command, and the slots that `sentences.py` lists."""

    command: AlarmCommand
    slots: Mapping[str, str | int]


def command_of(text: str, language: str) -> Said | None:
    """Return the command that a text is; `language` is tried first, then the others."""
    for tried in sorted(GRAMMARS, key=lambda one: one != language):
        result = recognize(text, _intents(tried))
        if result is not None:
            slots = {name: _slot(entity.value) for name, entity in result.entities.items()}
            return Said(AlarmCommand(result.intent.name), slots)
    return None


def load_sentences() -> list[str]:
    """Return the sentences of all languages for sentence triggers, and prepare `command_of`.

    Reads files.
    """
    for language in GRAMMARS:
        recognize("?", _intents(language))
    return [*_trigger_sentences()]


def _trigger_sentences() -> Iterator[str]:
    for language, grammar in GRAMMARS.items():
        for sentences in grammar.sentences.values():
            for sentence in sentences:
                yield _written_out(sentence, grammar, language)


def _slot(value: str | float) -> str | int:
    return value if isinstance(value, str) else int(value)


@cache
def _intents(language: str) -> Intents:
    grammar = GRAMMARS[language]
    ranges = {
        name: {"range": {"from": numbers[0], "to": numbers[-1]}} for name, numbers in RANGES.items()
    }
    words = {
        name: {"values": [{"in": said, "out": meant} for said, meant in values.items()]}
        for name, values in grammar.lists.items()
    }
    return Intents.from_dict(
        {
            "language": language,
            "intents": {
                command: {"data": [{"sentences": list(sentences)}]}
                for command, sentences in grammar.sentences.items()
            },
            "lists": {**ranges, **words},
            "expansion_rules": dict(grammar.rules),
        }
    )


def _written_out(sentence: str, grammar: Grammar, language: str) -> str:
    while _RULE.search(sentence):
        sentence = _RULE.sub(lambda rule: grammar.rules[rule[1]], sentence)
    return _LIST.sub(lambda name: f"({_alternatives(name[1], grammar, language)})", sentence)


def _alternatives(name: str, grammar: Grammar, language: str) -> str:
    if name in RANGES:
        return "|".join((_DIGITS[name], *_words(RANGES[name], language)))
    return "|".join(grammar.lists[name])


@cache
def _words(numbers: range, language: str) -> tuple[str, ...]:
    engine = get_rbnf_engine(language)
    in_words = (
        words.replace("-", "(-| )")
        for number in numbers[:_MOST_WORDS]
        for words in engine.format_number(number).text_by_ruleset.values()
    )
    return tuple(dict.fromkeys(in_words))
