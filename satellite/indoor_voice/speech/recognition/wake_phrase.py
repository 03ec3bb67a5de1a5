"""Takes the wake phrase off the beginning of what was recognised."""

import re
import unicodedata
from difflib import SequenceMatcher
from itertools import islice, pairwise
from typing import Final, NamedTuple

MAX_PHRASE_CHARACTERS: Final = 80
MAX_PHRASE_WORDS: Final = 8

_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Letters of languages that put no spaces between words: each stands for itself."""
_WORD: Final = re.compile(
    rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)*(?:(?<=s)['’](?=\s))?"  # noqa: RUF001 - this apostrophe is meant
)
"""With the apostrophe of a possessive, which sets nothing off: "Jarvis' light"."""
_SAME: Final = 0.65
"""Similarity at which words count as a phrase misheard.

Set by what tiny.en makes of recorded wake words ("Jervous", "Dorvis") and by commands, none of
which comes near.
"""
_SAME_ALONE: Final = 0.6
"""The same where nothing else was said, so that no command is at stake."""
_NEARLY_EXACT: Final = 0.85
"""Similarity at which a phrase was said again: "hey Jervis", but not "Marvin" for "hey Marvin"."""
_LEAST_PART: Final = 0.7
"""How much of a phrase's letters must be there."""
_MOST_PART: Final = 3.0
"""How many times its letters at most: more cannot be similar, and would take long to compare."""


class _Phrase(NamedTuple):
    """A wake phrase without case, accents and spaces."""

    whole: str
    endings: tuple[str, ...]
    """The whole, and what is left when its first words were cut off."""
    words: int


class _Word(NamedTuple):
    plain: str
    start: int
    is_set_off: bool
    """Punctuation, or nothing at all, follows."""


def is_possible_phrase(phrase: str) -> bool:
    """Tell whether `phrase` is short enough to be one that somebody says to wake a satellite."""
    return len(phrase) <= MAX_PHRASE_CHARACTERS and len(_spaced(phrase)) <= MAX_PHRASE_WORDS


def strip_wake_phrase(text: str, phrase: str) -> str:
    """Return `text` without `phrase` at its beginning, also where it was misheard.

    A phrase whose beginning was cut off counts as well: "Jarvis, stop" for "hey Jarvis". It comes
    off again only where it was plainly said again: a command may begin with a name that is like
    it, as in "hey Marvin, Marvin's room light on".
    """
    wanted = _read_phrase(phrase)
    if wanted is None:
        return text
    words = _read_words(text, 0, 2 * wanted.words)
    count = _misheard(words, wanted)
    if not count:
        return text
    while count:
        is_set_off = words[count - 1].is_set_off
        begin = words[count].start if count < len(words) else len(text)
        words = _read_words(text, begin, 2 * wanted.words)
        count = _said_again(words, wanted, was_set_off=is_set_off)
    return text[begin : begin + 1].upper() + text[begin + 1 :]


def count_words(text: str) -> int:
    """Return how many words `text` has."""
    return len(_WORD.findall(text))


def _misheard(words: list[_Word], phrase: _Phrase) -> int:
    """Return how many words are the phrase or sound like it."""
    best, best_count = 0.0, 0
    said = ""
    for count, word in enumerate(words[: phrase.words + 1], start=1):
        before, said = said, said + word.plain
        least = _SAME_ALONE if count == len(words) else _SAME
        for ending in phrase.endings:
            similarity = _similarity(said, ending)
            if similarity < max(least, best):
                continue
            best, best_count = similarity, count
            if _is_name_made_of(said, ending) and not word.is_set_off:
                # "Marvin's", "Marvins", "Alexander": the name belongs to the command.
                best_count = count - 1 if before else 0
    return best_count


def _said_again(words: list[_Word], phrase: _Phrase, *, was_set_off: bool) -> int:
    """Return how many words are the phrase once more, nearly letter for letter."""
    said = ""
    for count, word in enumerate(words[: phrase.words], start=1):
        said += word.plain
        is_part = said in phrase.endings
        is_whole = _similarity(said, phrase.whole) >= _NEARLY_EXACT and (
            word.is_set_off or not _is_name_made_of(said, phrase.whole)
        )
        if is_whole and len(phrase.endings) > 1:
            return count
        # A name may begin with one of its words ("computer room"): the pauses tell.
        if (is_whole or is_part) and word.is_set_off:
            return count
        if is_part and said == phrase.whole and not was_set_off:
            return count
    return 0


def _is_name_made_of(said: str, ending: str) -> bool:
    return len(said) > len(ending) and said.startswith(ending)


def _read_phrase(phrase: str) -> _Phrase | None:
    words = [_plain(word) for word in _spaced(phrase)]
    if not any(words):
        return None
    # Only what ends like the phrase does: "hey" alone may begin a command.
    endings = tuple(dict.fromkeys("".join(words[start:]) for start in range(len(words))))
    return _Phrase(endings[0], endings, count_words(phrase))


def _spaced(phrase: str) -> list[str]:
    """Return a phrase's words as its writer set them apart."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", phrase)  # noqa: RUF001 - this apostrophe is meant


def _read_words(text: str, begin: int, most: int) -> list[_Word]:
    """Return the words of a text from `begin` on, at most `most`."""
    found = list(islice(_WORD.finditer(text, begin), most + 1))
    words = [
        _Word(
            _plain(word.group()),
            word.start(),
            following is None or _is_punctuated(text[word.end() : following.start()]),
        )
        for word, following in pairwise([*found, None])
        if word is not None
    ]
    return words[:most]


def _is_punctuated(between: str) -> bool:
    return any(unicodedata.category(character).startswith("P") for character in between)


def _similarity(said: str, variant: str) -> float:
    """Return 0 to 1; a mere beginning, as the "okay" of "okay nabu", is not similar."""
    if not _LEAST_PART * len(variant) <= len(said) <= _MOST_PART * len(variant):
        return 0.0
    return SequenceMatcher(None, said, variant).ratio()


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    word = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return "okay" if word == "ok" else word
