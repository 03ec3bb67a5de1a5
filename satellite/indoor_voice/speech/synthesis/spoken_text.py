"""Writes a sentence as it is to be spoken: units, money, dates and abbreviations in words. Pure.

espeak-ng, which turns a voice's text into phonemes, reads numbers, decimals and percentages well
in each of its languages, and most symbols. These stay as they are written; what is changed is what
it reads wrongly: "15 km/h" as "fifteen K M slash H", "$12.50" as "dollar twelve point five zero".
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Final

from .dates import Dates
from .languages import Language, language_of
from .number_words import ordinal_in_words
from .quantities import Quantities, locale_of

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_MICRO: Final = str.maketrans({"µ": "μ"})  # the sign, and the letter that Home Assistant writes
_FRACTION: Final = re.compile(
    r"(?<![\w/.,:-])(?:(?P<whole>\d{1,3})[ ])?(?P<part>\d{1,2})/(?P<of>[2-9]|10|12|16)"
    r"(?![\w/]|[.,:-]\d)"
)
_VULGAR: Final = re.compile(r"(?:(?P<whole>\d{1,3})[ ]?)?(?P<sign>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")
_SPOKEN_SIGNS: Final = "½⅓⅔¼¾"
"""The signs of fractions that espeak-ng reads."""
_VERSION: Final = re.compile(r"(?<![\w.,-])\d{1,4}(?:\.\d{1,4}){2,}(?!\w|[.,]\d)")
_GROUPED: Final = re.compile(r"\d{1,3}(?:\.\d{3})+")
_HOST: Final = re.compile(r"(?<![\w@.-])(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?![\w-])")
_ACRONYM_VERSION: Final = re.compile(r"\b(?P<letters>[A-Z]{2,5})v(?P<version>\d)")
_ABOUT: Final = re.compile(r"~[ ]?(?=\d)")
_TIMES: Final = re.compile(r"(?<=\d[ ])x(?=[ ]\d)")
_HYPHEN_RANGE: Final = re.compile(
    r"(?<![\w.,/-])(?P<from>\d{1,3})-(?P<to>\d{1,3})(?![\w/-]|[.,]\d)"
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
        self._rules = _rules(self.language, locale.language)
        dates = Dates(locale, self.language)
        self._steps = [
            dates.say,
            _Abbreviations(self.language).say,
            self._apply_rules,
            Quantities(locale, self.language).say,
            dates.say_years,
        ]

    def say(self, sentence: str) -> str:
        """Return a sentence as it is to be spoken."""
        if not self._steps:
            return sentence
        sentence = sentence.translate(_MICRO)
        for step in self._steps:
            sentence = step(sentence)
        return sentence

    def _apply_rules(self, sentence: str) -> str:
        for pattern, rule in self._rules:
            sentence = pattern.sub(rule, sentence)
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


def _rules(language: Language, code: str) -> list[_Rule]:
    """Return what to replace in any order of a sentence's parts, by what."""
    rules: list[_Rule] = [
        (_ACRONYM_VERSION, lambda match: f"{' '.join(match['letters'])} v {match['version']}"),
        (_ABOUT, partial(_say, "≈")),
        (_TIMES, partial(_say, "×")),  # noqa: RUF001 - meant
        (_ARROW, partial(_say, f" {language.to} " if language.to else ", ")),
    ]
    if language.and_:
        rules.append((_VULGAR, lambda match: _mixed(match, language.and_)))
    fraction = {"de": _german_fraction, "en": _english_fraction}.get(code, _fraction_sign)
    rules.append((_FRACTION, lambda match: _fraction(match, language.and_, fraction)))
    if language.to:
        rules.append((_HYPHEN_RANGE, lambda match: _range(match, language.to)))
    if language.number:
        rules.append((_NUMBER_SIGN, partial(_say, f"{language.number} ")))
    for sign, name in _COMPARED.items():
        if getattr(language, name):
            compared = re.compile(rf"(?<![<>=]){sign}[ ]?(?=[-−]?\d)")  # noqa: RUF001 - meant
            rules.append((compared, partial(_say, f"{getattr(language, name)} ")))
    if language.dot:
        rules += [
            (_VERSION, lambda match: _dotted(match[0], language.dot)),
            (_HOST, lambda match: match[0].replace(".", f" {language.dot} ")),
        ]
    return rules


def _say(words: str, _: re.Match[str]) -> str:
    return words


def _dotted(written: str, dot: str) -> str:
    """Return an IP address or a version in words, but leave thousands as they are."""
    return written if _GROUPED.fullmatch(written) else written.replace(".", f" {dot} ")


def _range(match: re.Match[str], to: str) -> str:
    """Return a range in words, but leave a score as it is."""
    is_range = int(match["from"]) < int(match["to"])
    return f"{match['from']} {to} {match['to']}" if is_range else match[0]


def _mixed(match: re.Match[str], and_: str) -> str:
    whole, sign = match["whole"], match["sign"]
    spoken = sign if sign in _SPOKEN_SIGNS else _in_digits(sign)
    return f"{whole} {and_} {spoken}" if whole else spoken


def _in_digits(sign: str) -> str:
    """Return the sign of a fraction as digits with a slash."""
    return unicodedata.normalize("NFKC", sign).replace("\N{FRACTION SLASH}", "/")


def _fraction(match: re.Match[str], and_: str, name: Callable[[int, int], str | None]) -> str:
    part, of = int(match["part"]), int(match["of"])
    spoken = name(part, of) if 0 < part < of else None
    if spoken is None:
        return match[0]
    return f"{match['whole']} {and_} {spoken}".replace("  ", " ") if match["whole"] else spoken


def _fraction_sign(part: int, of: int) -> str | None:
    """Return the sign of a fraction that the voices of all languages know."""
    for sign in _SPOKEN_SIGNS:
        if _in_digits(sign) == f"{part}/{of}":
            return sign
    return None


def _english_fraction(part: int, of: int) -> str:
    if of == 2:  # noqa: PLR2004
        return "a half"
    name = "quarter" if of == 4 else ordinal_in_words(of, "en")  # noqa: PLR2004
    return f"{part} {name}{'s' if part > 1 else ''}"


def _german_fraction(part: int, of: int) -> str:
    if of == 2:  # noqa: PLR2004
        return "ein halb"
    name = ordinal_in_words(of, "de").capitalize() + "l"
    return f"{'ein' if part == 1 else part} {name}"
