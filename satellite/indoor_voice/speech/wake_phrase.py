"""Takes the wake phrase off the beginning of what was recognised."""

import re
from difflib import SequenceMatcher
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")  # noqa: RUF001 - this apostrophe is meant
_SAME: Final = 0.65
"""Similarity at which words count as a phrase misheard.

Set by what tiny.en makes of recorded wake words ("Jervous", "Dorvis") and by commands, none of
which comes near.
"""
_SAME_ALONE: Final = 0.6
"""The same where nothing else was said, so that no command is at stake."""
_LEAST_PART: Final = 0.7
"""How much of a phrase's letters must be there."""


def strip_wake_phrase(text: str, phrase: str) -> str:
    """Return `text` without `phrase` at its beginning, however often it was said or misheard.

    A phrase whose beginning was cut off counts as well: "Jarvis, stop" for "hey Jarvis".
    """
    wanted = [_plain(word) for word in _WORD.findall(phrase)]
    # Only what ends like the phrase does: "hey" alone may begin a command.
    variants = {"".join(wanted[start:]) for start in range(len(wanted))}
    while words := list(_WORD.finditer(text)):
        end = _phrase_end(words, variants, len(wanted) + 1)
        if end is None:
            break
        text = text[end:]
        rest = _WORD.search(text)
        text = text[rest.start() :] if rest else ""
        text = text[:1].upper() + text[1:]
    return text


def count_words(text: str) -> int:
    """Return how many words `text` has."""
    return len(_WORD.findall(text))


def _phrase_end(words: list[re.Match[str]], variants: set[str], most_words: int) -> int | None:
    """Return where in the text the phrase ends, or None when it does not begin with it."""
    best, end = 0.0, None
    said = ""
    for count, word in enumerate(words[:most_words], start=1):
        said += _plain(word.group())
        similarity = max((_similarity(said, variant) for variant in variants), default=0.0)
        least = _SAME_ALONE if count == len(words) else _SAME
        if similarity >= max(least, best):
            best, end = similarity, word.end()
    return end


def _similarity(said: str, variant: str) -> float:
    """Return 0 to 1; a mere beginning, as the "okay" of "okay nabu", is not similar."""
    if len(said) < _LEAST_PART * len(variant):
        return 0.0
    return SequenceMatcher(None, said, variant).ratio()


def _plain(word: str) -> str:
    word = word.casefold()
    return "okay" if word == "ok" else word
