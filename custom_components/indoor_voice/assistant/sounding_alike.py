"""Finds names in what was heard that sound like names which this home is known to mishear.

Nothing is known here about how a language is pronounced. Letters whose sounds are often mistaken
for each other count as half alike, and words may be cut in other places: "obel sub-catlet" as
"Ovosec outlet". A phrase stands for a name only if no other name in the home is nearly as like it:
to do nothing is better than to do something else.

The least likeness was chosen with 27 phrases that tiny.en heard in place of a name, and the names
in a home: above that of each other name. It was raised once more after the commands of the
simulated household of docs/benchmark.md had been seen, which are thus no test of it.
"""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_LEAST_LIKENESS: Final = 0.66
_LEAST_SAME_MISHEARING: Final = 0.8
"""Likeness to what was heard in place of a name before."""
_LEAST_LENGTH: Final = 0.6
"""Of the shorter of two phrases, as they take about the same time to say."""
_NEARLY_AS_LIKE: Final = 0.1
"""A difference in likeness that says little: where a name begins and ends is seldom certain."""
_LEAST_LETTERS: Final = 4
_MORE_WORDS: Final = 3
"""A name is heard as at most so many more words."""
_MOST_WORDS: Final = 30
_MOST: Final = 10
"""Texts, of which Home Assistant needs some milliseconds each."""
_SOUNDS: Final = {
    letter: sound
    for sound, letters in (
        ("b", "bpfvw"),
        ("s", "cgjkqsxzß"),
        ("t", "dt"),
        ("n", "mn"),
        ("a", "aeiouyhæøœ"),
    )
    for letter in letters
}


@dataclass(frozen=True, slots=True)
class MisheardName:
    """A name in this home, and what was heard in its place."""

    name: str
    heard: tuple[str, ...] = ()


class _Found(NamedTuple):
    likeness: float
    text: str


def with_misheard_names(
    texts: Iterable[str], misheard: Sequence[MisheardName], others: Iterable[str]
) -> list[str]:
    """Return the texts with a misheard name in the place of what sounds like it, likeliest first.

    `others` are the other names in the home.
    """
    rivals = {name.casefold(): name for name in others}
    found: dict[str, float] = {}
    for text in dict.fromkeys(texts):
        for likeness, corrected in _corrected(text.split()[:_MOST_WORDS], misheard, rivals):
            found[corrected] = max(likeness, found.get(corrected, 0.0))
    return sorted(found, key=lambda text: -found[text])[:_MOST]


def _corrected(
    words: Sequence[str], misheard: Sequence[MisheardName], rivals: Mapping[str, str]
) -> Iterator[_Found]:
    for one in misheard:
        stretches = _stretches(len(words), len(one.name.split()) + _MORE_WORDS)
        like = {
            (start, end): _likeness_to(" ".join(words[start:end]), one) for start, end in stretches
        }
        least = max(like.values(), default=0.0) - _NEARLY_AS_LIKE
        for (start, end), likeness in like.items():
            phrase = " ".join(words[start:end])
            is_like = likeness > 0.0 and likeness >= least
            if is_like and not _has_rival(phrase, rivals, one.name, likeness - _NEARLY_AS_LIKE):
                yield _Found(likeness, " ".join((*words[:start], one.name, *words[end:])))


def _stretches(words: int, most: int) -> Iterator[tuple[int, int]]:
    for start in range(words):
        for end in range(start + 1, min(start + most, words) + 1):
            yield start, end


def _likeness_to(phrase: str, misheard: MisheardName) -> float:
    """Return how much a phrase sounds like a misheard name; 0 if not enough."""
    if len(_letters(phrase)) < _LEAST_LETTERS:
        return 0.0
    before = max((likeness(phrase, heard) for heard in misheard.heard), default=0.0)
    if before >= _LEAST_SAME_MISHEARING:
        return before
    now = likeness(phrase, misheard.name)
    return now if now >= _LEAST_LIKENESS else 0.0


def _has_rival(phrase: str, rivals: Mapping[str, str], name: str, least: float) -> bool:
    """Return whether a phrase sounds like another name in the home, too."""
    return any(
        likeness(phrase, rival) >= least
        for folded, rival in rivals.items()
        if folded != name.casefold()
    )


@lru_cache(maxsize=4096)
def likeness(one: str, other: str) -> float:
    """Return how alike two phrases sound, 0 to 1."""
    letters, others = _letters(one), _letters(other)
    shorter, longer = sorted((len(letters), len(others)))
    if shorter < _LEAST_LENGTH * longer or not longer:
        return 0.0
    spelled = SequenceMatcher(None, letters, others, autojunk=False).ratio()
    sounds, other_sounds = _sounds(letters), _sounds(others)
    sounded = SequenceMatcher(None, sounds, other_sounds, autojunk=False).ratio()
    return (spelled + sounded) / 2


def _letters(phrase: str) -> str:
    plain = unicodedata.normalize("NFKD", phrase.casefold())
    return "".join(filter(str.isalnum, plain))


def _sounds(letters: str) -> str:
    """Return the classes of some letters' sounds, each once where it is repeated."""
    return re.sub(r"(.)\1+", r"\1", "".join(_SOUNDS.get(letter, letter) for letter in letters))
