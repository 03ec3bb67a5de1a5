"""Reads telephone numbers, versions, and the addresses of people and machines. Pure."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from .languages import Language

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_TELEPHONE: Final = re.compile(
    r"""
    (?<![\w.,:/+)-]) (?:
        \+[ ]?\d{1,3} (?: [ /-]{1,2} | [ ]?\(0?\)[ ]? | [ ]?(?=\() )?
            (?: \(\d{1,5}\)[ ]? )? \d{2,12} (?: [ /-]\d{2,8} ){0,5}
      | (?: \(\d{3}\)[ ]? | \d{3}[ -] ) \d{3}-\d{4}
      | 0\d{2,5} (?: [ ]?[/-][ ]? | [ ] ) \d{3,9} (?: [ -]\d{2,8} ){0,4}
      | 0\d{2,14}
    ) (?! [\w°%] | [.,:/-]\d )
    """,
    re.VERBOSE,
)
_DIGITS: Final = re.compile(r"\d+")
_VERSION: Final = re.compile(r"(?<![\w.,-])\d{1,4}(?:\.\d{1,4}){2,}(?!\w|[.,]\d)")
_VERSION_LETTER: Final = re.compile(r"(?<![\w.,-])v(?=\d{1,4}\b)")
_GROUPED: Final = re.compile(r"\d{1,3}(?:\.\d{3})+")
_EMAIL: Final = re.compile(
    r"(?<![\w.+-])(?P<local>[\w.+-]{1,64})@(?P<host>(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24})(?![\w-])",
    re.IGNORECASE,
)
_HOST: Final = re.compile(r"(?<![\w@.-])(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?![\w-])")


def address_rules(language: Language) -> list[_Rule]:
    """Return the rules for a language."""
    rules: list[_Rule] = [(_TELEPHONE, partial(_telephone, language))]
    if language.version:
        rules.append((_VERSION_LETTER, lambda _: f"{language.version} "))
    if language.at:
        rules.append((_EMAIL, partial(_email, language)))
    if language.dot:
        rules += [
            (_VERSION, lambda match: _dotted(match[0], language.dot)),
            (_HOST, lambda match: match[0].replace(".", f" {language.dot} ")),
        ]
    return rules


def _telephone(language: Language, match: re.Match[str]) -> str:
    """Return a number digit by digit, with a pause after each group."""
    plus = f"{language.plus} " if match[0].startswith("+") and language.plus else ""
    groups = _DIGITS.findall(match[0])
    return plus + ", ".join(" ".join(group) for group in groups)


def _email(language: Language, match: re.Match[str]) -> str:
    address = f"{match['local']} {language.at} {match['host']}"
    return address.replace(".", f" {language.dot} ")


def _dotted(written: str, dot: str) -> str:
    """Return an IP address or a version in words, but leave thousands as they are."""
    return written if _GROUPED.fullmatch(written) else written.replace(".", f" {dot} ")
