"""What was learned from reviewed recordings, where it helps to understand commands.

An approved correction never replaces what was heard by itself: it makes one more text, which counts
only if Home Assistant understands none of the texts that were heard, and understands this one.
"""

import re
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from homeassistant.util.hass_dict import HassKey
from homeassistant.util.language import Dialect

from ..const import DOMAIN
from .sounding_alike import MisheardName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from homeassistant.core import HomeAssistant


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishearing:
    """Words that were misheard, and those that were meant."""

    heard: str
    meant: str
    language: str

    def corrected(self, text: str) -> str:
        """Return a text with the words that were meant, wherever it has those that were heard."""
        words = r"[\W_]+".join(map(re.escape, self.heard.split()))
        return re.sub(rf"(?<!\w){words}(?!\w)", lambda _: self.meant, text, flags=re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What a household has learned about its words."""

    mishearings: tuple[Mishearing, ...] = ()
    names: tuple[str, ...] = ()
    """Names to expect."""

    def corrections(self, texts: Iterable[str], language: str) -> list[str]:
        """Return the texts with approved corrections, the likeliest first; none for the others."""
        known = [one for one in self.mishearings if _is_same(one.language, language)]
        found = dict.fromkeys(new for text in texts for new in _corrections(text, known))
        return list(found)[:_MOST]

    def misheard_names(self, language: str, names: Iterable[str]) -> list[MisheardName]:
        """Return which of a home's names were misheard, and what was heard in the place of each."""
        known = [one for one in self.mishearings if _is_same(one.language, language)]
        meant = [(one, f" {_plain(one.meant)} ") for one in known]
        return [
            MisheardName(name, tuple(one.heard for one in found if _plain(one.meant) == plain))
            for name in dict.fromkeys(names)
            if (plain := _plain(name)) and (found := [one for one, m in meant if f" {plain} " in m])
        ]

    def expected(
        self, texts: Iterable[str], language: str, about_misheard: Sequence[str]
    ) -> list[str]:
        """Return what a recogniser should expect when nothing else has helped, nearest last.

        First the learned names, to be forgotten first, then the nearest of the home's sentences
        about what was misheard before, and at the end some of the texts with corrections.
        """
        names = [f"{line.rstrip(',')}." for line in wrap(", ".join(self.names), _LONGEST)]
        corrections = [text for text in self.corrections(texts, language) if len(text) <= _LONGEST]
        return [
            *names[:_MOST_LINES],
            *about_misheard[-_MOST_SENTENCES:],
            *corrections[:_MOST_EXPECTED][::-1],
        ]


_MOST: Final = 20
"""Corrected texts: Home Assistant needs some milliseconds to try each of them."""
_LONGEST: Final = 150
"""In characters, for one sentence that a recogniser should expect."""
_MOST_LINES: Final = 2
_MOST_SENTENCES: Final = 10
_MOST_EXPECTED: Final = 3
"""Lines of names, sentences and corrected texts to expect: a recogniser's memory is short."""

LEARNED: Final = HassKey[Learned](f"{DOMAIN}_learned")
_NOTHING: Final = Learned()


def learned(hass: HomeAssistant) -> Learned:
    """Return what the household has learned."""
    return hass.data.get(LEARNED, _NOTHING)


def _corrections(text: str, known: Iterable[Mishearing]) -> Iterator[str]:
    """Yield a text with each correction alone, then with all of them."""
    whole = text
    for one in known:
        alone = one.corrected(text)
        if alone != text:
            yield alone
        whole = one.corrected(whole)
    if whole != text:
        yield whole


def _plain(phrase: str) -> str:
    """Return the words of a phrase without capitals and punctuation."""
    return " ".join(re.findall(r"[^\W_]+", phrase.casefold()))


def _is_same(one: str, other: str) -> bool:
    return Dialect.parse(one).language == Dialect.parse(other).language
