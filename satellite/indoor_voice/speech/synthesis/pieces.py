"""Cuts what a voice is to say into pieces that cost it little: pure, over phonemes.

A voice's time and memory grow with how long it speaks at once, and letters say little about that:
"7 " is as long as "seven", and an ideograph may be read as three words. Phonemes say it well: each
lasts 0.05 s, and none more than 0.09 s.
"""

from collections.abc import Iterator, Sequence
from typing import Final

PHONEME_SECONDS: Final = 0.05
MAX_PIECE_SECONDS: Final = 6.0
"""What is spoken at once takes a voice 25 MB per second, and others wait for it."""

_CLAUSE_ENDS: Final = frozenset(".,;:!?–—。、，；：！？")  # noqa: RUF001 - these characters are meant
_LEAST_PART: Final = 0.3
"""Of a piece: to break after one word sounds worse than to break in the middle of a clause."""


def pieces(phonemes: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """Cut a sentence's phonemes into pieces of at most `most`, where a speaker would breathe.

    That is after a clause, otherwise between words, otherwise anywhere.
    """
    start = 0
    while len(phonemes) - start > most:
        end = start + _cut(phonemes[start : start + most])
        yield phonemes[start:end]
        start = end
    if start < len(phonemes):
        yield phonemes[start:]


def _cut(phonemes: Sequence[str]) -> int:
    """Return how many of the phonemes to speak at once."""
    word_end = 0
    for end in range(len(phonemes), round(_LEAST_PART * len(phonemes)), -1):
        phoneme = phonemes[end - 1]
        if phoneme in _CLAUSE_ENDS:
            return end
        if phoneme == " " and not word_end:
            word_end = end
    return word_end or len(phonemes)
