"""Writes the few numbers in words that voices can't read in digits, by CLDR's rules. Pure."""

from functools import cache, lru_cache

from unicode_rbnf import FormatPurpose, RbnfEngine
from unicode_rbnf.engine import NoRuleForNumberError


@lru_cache(maxsize=256)
def year_in_words(year: int, code: str) -> str:
    """Return a year such as *nineteen ninety-five*."""
    return _engine(code).format_number(year, FormatPurpose.YEAR).text


@lru_cache(maxsize=256)
def ordinal_in_words(number: int, code: str, form: str = "") -> str:
    """Return an ordinal such as *third*, in one of the language's forms, such as `n` or `r`."""
    names = _engine(code).format_number(number, FormatPurpose.ORDINAL).text_by_ruleset
    return names[f"spellout-ordinal-{form}" if form else "spellout-ordinal"]


def minus_in_words(code: str) -> str:
    """Return the word before a negative number, which some voices leave out, or nothing."""
    try:
        engine = _engine(code)
        return engine.format_number(-1).text.removesuffix(engine.format_number(1).text).strip()
    except (ValueError, NoRuleForNumberError):
        return ""


@cache
def _engine(code: str) -> RbnfEngine:
    return RbnfEngine.for_language(code)
