"""Reads fractions, powers, scores and Roman numerals. Pure."""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from .languages import Language, words
from .number_words import minus_in_words, ordinal_in_words

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_FRACTION: Final = re.compile(
    r"(?<![\w/.,:-])(?:(?P<whole>\d{1,3})[ ])?(?P<part>\d{1,2})/(?P<of>[2-9]|10|12|16)"
    r"(?![\w/]|[.,:-]\d)"
)
_VULGAR: Final = re.compile(r"(?:(?P<whole>\d{1,3})[ ]?)?(?P<sign>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")
_SPOKEN_SIGNS: Final = "½⅓⅔¼¾"
"""The signs of fractions that espeak-ng reads."""
_UNIT_POWER: Final = re.compile(r"\b(?P<unit>mm|cm|m|km|in|ft|yd|mi)\^(?P<power>[23])(?!\d)")
_POWER: Final = re.compile(r"(?<=[\w)])\^(?P<power>[-−]?\d{1,3})(?!\d)")  # noqa: RUF001 - meant
_RAISED: Final = re.compile(r"(?<=[\w)])(?P<power>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})")
_SCIENTIFIC: Final = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,9}(?:[.,]\d{1,9})?)[eE](?P<sign>[-−+]?)(?P<power>\d{1,3})(?![\w.])"  # noqa: RUF001 - meant
)
_RATIO: Final = re.compile(r"(?<![\w:.,/-])(?P<from>\d{1,3}):(?P<to>\d{1,3})(?![\w:/-]|[.,]\d)")
_DIFFERENCE: Final = re.compile(r"(?<=\d)[ ][-−–][ ](?=\d[\d.,]{0,12}[ ]=)")  # noqa: RUF001 - meant
_SIDES: Final = re.compile(r"(?<=\d)x(?=\d)")
_TIMES_WITHOUT_SPACE: Final = re.compile(r"(?<=\d)x(?!\w)")
_ROMAN: Final = re.compile(
    r"\b(?!(?:The|This|That|Your|His|Her|Our|An)\b)(?P<before>[A-Z][\w'’]{2,30})[ ]"  # noqa: RUF001 - meant
    r"(?P<numeral>X{0,3}(?:IX|IV|V?I{0,3}))(?<=[IVX]{2})\b"
)
_ROMAN_DIGITS: Final = {"I": 1, "V": 5, "X": 10}
_RULERS: Final = words(
    "Albert Alexander Benedict Catherine Charles Edward Elizabeth Francis Frederick George Gregory"
    " Henry James John Juan Leo Louis Napoleon Nicholas Paul Peter Philip Pius Ramesses Richard"
    " Urban Wilhelm William"
)
"""Names after which a Roman numeral is an ordinal: *Henry the eighth*, but *World War two*."""


def numeral_rules(language: Language, code: str) -> list[_Rule]:
    """Return the rules for a language, to apply before units are in words."""
    rules: list[_Rule] = [
        (_UNIT_POWER, lambda match: match["unit"] + "²³"[int(match["power"]) - 2])
    ]
    rules.append((_POWER, lambda match: _power(match, language, code)))
    if language.and_:
        rules.append((_VULGAR, lambda match: _mixed(match, language.and_)))
    name = {"de": _german_fraction, "en": _english_fraction}.get(code, _fraction_sign)
    rules.append((_FRACTION, lambda match: _fraction(match, language.and_, name)))
    if language.has_roman_numerals:
        rules.append((_ROMAN, lambda match: _roman(match, code)))
    if language.multiplied:
        minus = f" {minus_in_words(code)} "
        rules += [
            (_DIFFERENCE, lambda _: minus),
            (_SIDES, lambda _: f" {language.by} "),
            (_TIMES_WITHOUT_SPACE, lambda _: f" {language.multiplied}"),
            (_SCIENTIFIC, lambda match: _scientific(match, language, code)),
        ]
    return rules


def late_numeral_rules(language: Language, code: str) -> list[_Rule]:
    """Return the rules to apply after units and times are in words."""
    rules: list[_Rule] = [(_RAISED, lambda match: _power(match, language, code))]
    if language.ratio:
        rules.append((_RATIO, lambda match: f"{match['from']} {language.ratio} {match['to']}"))
    return rules


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


def _power(match: re.Match[str], language: Language, code: str) -> str:
    # Superscript signs are compatible with the plain ones.
    power = int(unicodedata.normalize("NFKC", match["power"]).replace("−", "-"))  # noqa: RUF001 - meant
    if power in language.powers:
        return f" {language.powers[power]}"
    return f" {language.power} {_signed(power, code)}".replace("  ", " ")


def _scientific(match: re.Match[str], language: Language, code: str) -> str:
    power = int(match["power"]) * (1 if match["sign"] in ("", "+") else -1)
    return f"{match['number']} {language.multiplied} 10 {language.power} {_signed(power, code)}"


def _signed(number: int, code: str) -> str:
    return f"{minus_in_words(code)} {-number}" if number < 0 else str(number)


def _roman(match: re.Match[str], code: str) -> str:
    before, number = match["before"], _roman_value(match["numeral"])
    if before in _RULERS:
        return f"{before} the {ordinal_in_words(number, code)}"
    return f"{before} {number}"


def _roman_value(numeral: str) -> int:
    digits = [_ROMAN_DIGITS[letter] for letter in numeral]
    return sum(
        -digit if digit < following else digit
        for digit, following in zip(digits, [*digits[1:], 0], strict=True)
    )
