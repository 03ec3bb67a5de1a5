"""Cuts a sentence's phonemes into pieces that are cheap to speak. Pure.

A voice's time and memory grow with the length of the sound that it makes at once. The number of
letters predicts that badly: "7 " takes as long as "seven", and an ideograph may be read as three
words. Phonemes predict it well: one lasts about 0.05 s, and never more than 0.09 s.
"""

from collections.abc import Iterator, Sequence
from typing import Final

PHONEME_SECONDS: Final = 0.05
MAX_PIECE_SECONDS: Final = 6.0
"""A voice needs 25 MB per second of sound made at once, and other requests wait meanwhile."""

_CLAUSE_ENDS: Final = frozenset(".,;:!?–—。、，；：！？")  # noqa: RUF001 - these characters are meant
_EARLIEST_CUT: Final = 0.3
"""Part of a piece: a break after one word sounds worse than a break in the middle of a clause."""


def pieces(phonemes: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """Cut a sentence's phonemes into pieces of at most `most`.

    Cuts are where a speaker would breathe: after a clause, else between words, else anywhere.
    """
    start = 0
    while len(phonemes) - start > most:
        end = start + _cut(phonemes[start : start + most])
        yield phonemes[start:end]
        start = end
    if start < len(phonemes):
        yield phonemes[start:]


def _cut(phonemes: Sequence[str]) -> int:
    """Return how many of the phonemes to put into one piece."""
    word_end = 0
    for end in range(len(phonemes), round(_EARLIEST_CUT * len(phonemes)), -1):
        phoneme = phonemes[end - 1]
        if phoneme in _CLAUSE_ENDS:
            return end
        if phoneme == " " and not word_end:
            word_end = end
    return word_end or len(phonemes)
