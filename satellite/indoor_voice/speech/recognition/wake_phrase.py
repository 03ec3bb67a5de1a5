"""Removes the wake phrase from the beginning of a transcript."""

import re
import unicodedata
from difflib import SequenceMatcher
from itertools import islice, pairwise
from typing import Final, NamedTuple

MAX_PHRASE_CHARACTERS: Final = 80
MAX_PHRASE_WORDS: Final = 8

_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Letters of scripts without spaces between words; each counts as a word."""
_WORD: Final = re.compile(
    rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)*(?:(?<=s)['’](?=\s))?"  # noqa: RUF001 - this apostrophe is meant
)
"""Includes the apostrophe of a possessive ("Jarvis' light"), which doesn't separate words."""
_MISHEARD: Final = 0.65
"""Similarity from which words count as the misheard phrase.

Chosen from what tiny.en makes of recorded wake words ("Jervous", "Dorvis"). No tested command comes
near it.
"""
_MISHEARD_ALONE: Final = 0.6
"""The same when nothing else was said, so that no command can be lost."""
_REPEATED: Final = 0.85
"""Similarity of a repeated phrase: "hey Jervis", but not "Marvin" for "hey Marvin"."""
_MAX_EARLIER_WORDS: Final = 3
"""Words of somebody else that may come before the phrase, such as a television's: a satellite sends
sound from half a second before its wake word."""
_MIN_LENGTH: Final = 0.7
"""Shortest text to compare, relative to the phrase."""
_MAX_LENGTH: Final = 3.0
"""Longest text to compare, relative to the phrase; more can't be similar, and would be slow."""


class _Phrase(NamedTuple):
    """A wake phrase without case, accents and spaces."""

    whole: str
    endings: tuple[str, ...]
    """The whole phrase, then without its first word, and so on."""
    words: int


class _Word(NamedTuple):
    plain: str
    start: int
    is_set_off: bool
    """Whether punctuation or the end of the text follows."""


def is_possible_phrase(phrase: str) -> bool:
    """Return whether `phrase` is short enough to be a wake phrase."""
    return len(phrase) <= MAX_PHRASE_CHARACTERS and len(_spaced(phrase)) <= MAX_PHRASE_WORDS


def strip_wake_phrase(text: str, phrase: str) -> str:
    """Return `text` without `phrase` at its beginning, even if it was misheard.

    The phrase may have lost its first words: "Jarvis, stop" for "hey Jarvis". It is removed again
    only if it was clearly repeated, because a command may begin with a similar name, as in "hey
    Marvin, Marvin's room light on". A few words before it belong to somebody else, and are removed
    with it.
    """
    wanted = _read_phrase(phrase)
    if wanted is None:
        return text
    words = _read_words(text, 0, 2 * wanted.words + _MAX_EARLIER_WORDS)
    count = _count_misheard(words[: 2 * wanted.words], wanted) or _count_until_phrase(words, wanted)
    if not count:
        return text
    while count:
        is_set_off = words[count - 1].is_set_off
        begin = words[count].start if count < len(words) else len(text)
        words = _read_words(text, begin, 2 * wanted.words)
        count = _count_repeated(words, wanted, was_set_off=is_set_off)
    return text[begin : begin + 1].upper() + text[begin + 1 :]


def count_words(text: str) -> int:
    """Return the number of words in `text`."""
    return len(_WORD.findall(text))


def _count_misheard(words: list[_Word], phrase: _Phrase) -> int:
    """Return how many of the words are the phrase or sound like it."""
    best, best_count = 0.0, 0
    said = ""
    for count, word in enumerate(words[: phrase.words + 1], start=1):
        before, said = said, said + word.plain
        least = _MISHEARD_ALONE if count == len(words) else _MISHEARD
        for ending in phrase.endings:
            similarity = _similarity(said, ending)
            if similarity < max(least, best):
                continue
            best, best_count = similarity, count
            if _is_longer_name(said, ending) and not word.is_set_off:
                # "Marvin's", "Marvins" or "Alexander" is a name that belongs to the command.
                best_count = count - 1 if before else 0
    return best_count


def _count_until_phrase(words: list[_Word], phrase: _Phrase) -> int:
    """Return the number of words up to the end of the phrase, if it comes later in the text.

    Only all of the phrase counts, almost letter for letter. One of a single word must be set off by
    punctuation, with something after it: "to be continued. Alexa, lights on", but not "call Alexa".
    """
    for first in range(1, min(_MAX_EARLIER_WORDS, len(words) - 1) + 1):
        said = ""
        for count, word in enumerate(words[first : first + phrase.words + 1], start=first + 1):
            said += word.plain
            is_set_off = word.is_set_off and count < len(words)
            if _similarity(said, phrase.whole) >= _REPEATED and (
                is_set_off or (len(phrase.endings) > 1 and not _is_longer_name(said, phrase.whole))
            ):
                return count
    return 0


def _count_repeated(words: list[_Word], phrase: _Phrase, *, was_set_off: bool) -> int:
    """Return how many of the words repeat the phrase, almost letter for letter."""
    said = ""
    for count, word in enumerate(words[: phrase.words], start=1):
        said += word.plain
        is_part = said in phrase.endings
        is_whole = _similarity(said, phrase.whole) >= _REPEATED and (
            word.is_set_off or not _is_longer_name(said, phrase.whole)
        )
        if is_whole and len(phrase.endings) > 1:
            return count
        # A name may begin with a word of the phrase ("computer room"). Pauses tell them apart.
        if (is_whole or is_part) and word.is_set_off:
            return count
        if is_part and said == phrase.whole and not was_set_off:
            return count
    return 0


def _is_longer_name(said: str, ending: str) -> bool:
    return len(said) > len(ending) and said.startswith(ending)


def _read_phrase(phrase: str) -> _Phrase | None:
    words = [_plain(word) for word in _spaced(phrase)]
    if not any(words):
        return None
    # Only endings of the phrase count, as a command may begin with "hey" alone.
    endings = tuple(dict.fromkeys("".join(words[start:]) for start in range(len(words))))
    return _Phrase(endings[0], endings, count_words(phrase))


def _spaced(phrase: str) -> list[str]:
    """Return a phrase's words as they are separated in writing."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", phrase)  # noqa: RUF001 - this apostrophe is meant


def _read_words(text: str, begin: int, most: int) -> list[_Word]:
    """Return at most `most` words of a text, starting at `begin`."""
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
    """Return a similarity of 0 to 1; 0 for a mere beginning, such as "okay" for "okay nabu"."""
    if not _MIN_LENGTH * len(variant) <= len(said) <= _MAX_LENGTH * len(variant):
        return 0.0
    return SequenceMatcher(None, said, variant).ratio()


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    word = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return "okay" if word == "ok" else word
