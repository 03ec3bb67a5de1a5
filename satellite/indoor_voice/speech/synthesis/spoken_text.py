"""Writes a sentence as it is to be spoken: units, money, dates and abbreviations in words. Pure.

espeak-ng, which turns a voice's text into phonemes, reads numbers, decimals and percentages well
in each of its languages, and most symbols. These stay as they are written; what is changed is what
it reads wrongly: "15 km/h" as "fifteen K M slash H", "$12.50" as "dollar twelve point five zero".
"""

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from .addresses import address_rules
from .dates import Dates
from .languages import Language, language_of
from .numerals import late_numeral_rules, numeral_rules
from .quantities import Quantities, locale_of

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_MICRO: Final = str.maketrans({"µ": "μ"})  # the sign, and the letter that Home Assistant writes
_ACRONYM_VERSION: Final = re.compile(r"\b(?P<letters>[A-Z]{2,5})v(?P<version>\d)")
_ABOUT: Final = re.compile(r"~[ ]?(?=\d)")
_TIMES: Final = re.compile(r"(?<=\d[ ])x(?=[ ]\d)")
_HYPHEN_RANGE: Final = re.compile(
    r"(?<![\w.,/-])(?P<from>\d{1,3})-(?P<to>\d{1,3})(?![\w/-]|[.,]\d)"
)
_EITHER: Final = re.compile(
    r"(?<=[^\W\d_]{3})/(?=[^\W\d_]{3})|(?<=\band)/(?=or\b)|(?<=\bon)/(?=off\b)"
)
_NUMBER_SIGN: Final = re.compile(r"#(?=\d)|№[ ]?(?=\d)")
_ARROW: Final = re.compile(r"[ ]?(?:→|⇒|->|=>)[ ]?")
_COMPARED: Final = {"<": "less", ">": "more", "≤": "at_most", "≥": "at_least"}


class SpokenText:
    """Writes sentences as one language speaks them."""

    def __init__(self, code: str) -> None:
        """Load a language's data.

        Args:
            code: Such as `en-US`. Sentences in a language that is unknown stay as they are.
        """
        self.language = language_of(code)
        locale = locale_of(code)
        self._steps: list[Callable[[str], str]] = []
        if locale is None:
            return
        early = [
            *address_rules(self.language),
            *_rules(self.language),
            *numeral_rules(self.language, locale.language),
        ]
        late = late_numeral_rules(self.language, locale.language)
        dates = Dates(locale, self.language)
        self._steps = [
            dates.say,
            _Abbreviations(self.language).say,
            partial(_apply, early),
            Quantities(locale, self.language).say,
            dates.say_years,
            partial(_apply, late),
        ]

    def say(self, sentence: str) -> str:
        """Return a sentence as it is to be spoken."""
        if not self._steps:
            return sentence
        sentence = sentence.translate(_MICRO)
        for step in self._steps:
            sentence = step(sentence)
        return sentence


class _Abbreviations:
    """Writes abbreviations in full."""

    def __init__(self, language: Language) -> None:
        self._full: dict[str, str] = {}
        patterns = []
        for written, spoken in language.abbreviations.items():
            abbreviation, _, following = written.partition("{")
            ahead = {"digit}": r"(?=[ \u00a0]?\d)", "name}": r"(?=[ \u00a0][^\W\d_a-z])"}
            spaced = re.escape(abbreviation).replace(r"\ ", r"[ \u00a0]?")
            name = f"a{len(self._full)}"
            self._full[name] = spoken
            after = ahead.get(following, r"(?!\w)")
            patterns.append(rf"(?P<{name}>{spaced}){after}")
        self._pattern = re.compile(rf"(?<![\w.])(?:{'|'.join(patterns) or '(?!)'})")

    def say(self, text: str) -> str:
        return self._pattern.sub(self._write_out, text)

    def _write_out(self, match: re.Match[str]) -> str:
        assert match.lastgroup is not None
        full = self._full[match.lastgroup]
        is_last = match.end() == len(match.string)
        if is_last and match[0].endswith("."):
            return f"{full}."
        return f"{full} " if match.string[match.end() :][:1].isdigit() else full


def _apply(rules: Iterable[_Rule], sentence: str) -> str:
    for pattern, rule in rules:
        sentence = pattern.sub(rule, sentence)
    return sentence


def _rules(language: Language) -> list[_Rule]:
    """Return what to replace in any order of a sentence's parts, by what."""
    rules: list[_Rule] = [
        (_ACRONYM_VERSION, lambda match: f"{' '.join(match['letters'])} v {match['version']}"),
        (_ABOUT, partial(_say, "≈")),
        (_TIMES, partial(_say, "×")),  # noqa: RUF001 - meant
        (_EITHER, partial(_say, " ")),
        (_ARROW, partial(_say, f" {language.to} " if language.to else ", ")),
    ]
    if language.to:
        rules.append((_HYPHEN_RANGE, lambda match: _range(match, language.to)))
    if language.number:
        rules.append((_NUMBER_SIGN, partial(_say, f"{language.number} ")))
    for sign, name in _COMPARED.items():
        if getattr(language, name):
            compared = re.compile(rf"(?<![<>=]){sign}[ ]?(?=[-−]?\d)")  # noqa: RUF001 - meant
            rules.append((compared, partial(_say, f"{getattr(language, name)} ")))
    return rules


def _say(words: str, _: re.Match[str]) -> str:
    return words


def _range(match: re.Match[str], to: str) -> str:
    """Return a range in words, but leave a score as it is."""
    is_range = int(match["from"]) < int(match["to"])
    return f"{match['from']} {to} {match['to']}" if is_range else match[0]
