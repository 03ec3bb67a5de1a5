"""Finds numbers in a text, in figures and in words, as speech recognition writes them."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .vocabulary import Vocabulary

_TOKEN: Final = re.compile(
    r"\d{1,2}:\d{2}(?!\d)|\d+|[^\W\d_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][^\W\d_]+)*|[^\w\s]|_"
)
_SHOUTED: Final = re.compile(r"[^\W\d_]{5,}")
_GLUE: Final = frozenset("-\N{EN DASH}\N{EM DASH},./:;")
"""Punctuation that may stand between two digits of a number."""
_SUFFIXES: Final = frozenset(
    {"st", "nd", "rd", "th", "s", "am", "pm", "k", "p", "kg", "g", "km", "cm", "mm", "m", "ml"}
    | {"w", "v", "a", "kwh", "gb", "mb", "hz", "px", "x", "c", "f", "min", "h"}
)
"""What makes a quantity of the figures to which it is glued."""
_NO_NAMES: Final = frozenset("aioy")
"""Letters that are words of their own."""
_LETTERS: Final = 4
"""The most letters of a group within a number such as "GB29 NWBK"."""
_LETTERS_BEFORE: Final = 2
"""The most letters of a group before the first figures of a number."""
_MAX_FIGURES: Final = 3
"""The most figures before a word such as "thousand"."""
_LONGEST: Final = 20
"""The most words of a number in words."""
_TENS: Final = 10
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, some figures or a punctuation mark; `start` and `end` are code points."""

    text: str
    """In lower case."""

    start: int
    end: int
    is_upper: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a number, such as "4111", "forty-one" or "double five"."""

    start: int
    end: int
    characters: str
    """What it says: digits, capital letters, * and #."""

    is_letter: bool = False
    """Whether it is one capital letter, which may end a number."""


@dataclass(frozen=True, slots=True)
class Run:
    """The pieces of one number."""

    pieces: tuple[Piece, ...]

    @property
    def start(self) -> int:
        """The code point at which it starts."""
        return self.pieces[0].start

    @property
    def end(self) -> int:
        """The code point before which it ends."""
        return self.pieces[-1].end

    @property
    def characters(self) -> str:
        """What it says."""
        return "".join(piece.characters for piece in self.pieces)

    @property
    def digits(self) -> str:
        """Its digits, without letters."""
        return "".join(filter(str.isdecimal, self.characters))


def runs(text: str, vocabulary: Vocabulary) -> list[Run]:
    """Return the numbers in a text, in their order."""
    # Where everything is in capitals, they tell nothing.
    shouts = text.isupper() and _SHOUTED.search(text) is not None
    tokens = [
        Token(
            text=found[0].lower(),
            start=found.start(),
            end=found.end(),
            is_upper=found[0].isupper() and not shouts,
        )
        for found in _TOKEN.finditer(text)
    ]
    found = []
    at = 0
    while at < len(tokens):
        reader = _Reader(tokens, vocabulary)
        if reader.is_measured(at):
            at += 2
            continue
        pieces, after = reader.run(at)
        pieces = _without_loose_letters(pieces)
        if any(piece.characters[:1].isdecimal() for piece in pieces):
            found.append(Run(tuple(pieces)))
        at = max(after, at + 1)
    return found


class _Reader:
    """Reads numbers from tokens; each method returns what it read, and the index after it."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary) -> None:
        self._tokens = tokens
        self._vocabulary = vocabulary

    def run(self, at: int) -> tuple[list[Piece], int]:
        """Read as many pieces as belong together."""
        pieces: list[Piece] = []
        end = at
        while (read := self._piece(at, bool(pieces))) is not None:
            piece, end = read
            pieces.append(piece)
            at = self._skip(end)
        return pieces, end

    def _skip(self, at: int) -> int:
        """Return the index after what may stand between two pieces."""
        while (text := self._text(at)) and (text in _GLUE or text in self._vocabulary.between):
            at += 1
        return at

    def _text(self, at: int) -> str:
        return self._tokens[at].text if at < len(self._tokens) else ""

    def _piece(self, at: int, inside: bool) -> tuple[Piece, int] | None:  # noqa: FBT001 - of one caller
        text = self._text(at)
        if key := self._vocabulary.keys.get(text, text if text in {"*", "#"} else ""):
            return self._made(key, at, at + 1), at + 1
        if text[:1].isdecimal():
            return self._figures(at)
        if (repeated := self._repeated(at)) is not None:
            return repeated
        if (cardinal := self._cardinal(at)) is not None:
            value, end = cardinal
            return self._made(str(value), at, end), end
        if text in self._vocabulary.zero_inside and (inside or self._is_digit(at + 1)):
            return self._made("0", at, at + 1), at + 1
        return self._letters(at, inside)

    def _made(self, characters: str, at: int, end: int) -> Piece:
        token = self._tokens[at]
        return Piece(
            start=token.start,
            end=self._tokens[end - 1].end,
            characters=characters,
            is_letter=token.is_upper and len(token.text) == 1,
        )

    def _repeated(self, at: int) -> tuple[Piece, int] | None:
        """Read a digit after a word such as "double"."""
        times = self._vocabulary.repeats.get(self._text(at))
        if times is None or not self._is_digit(at + 1):
            return None
        text = self._text(at + 1)
        digit = text if text.isdecimal() else str(self._vocabulary.small.get(text, 0))
        if len(digit) > 1:
            return None
        return self._made(_ascii(digit) * times, at, at + 2), at + 2

    def _is_digit(self, at: int) -> bool:
        text = self._text(at)
        return (
            text[:1].isdecimal()
            or text in self._vocabulary.small
            or text in self._vocabulary.zero_inside
            or text in self._vocabulary.repeats
        )

    def _figures(self, at: int) -> tuple[Piece, int] | None:
        text = self._text(at)
        if ":" in text:
            return None
        if self.is_measured(at):
            return None
        if (read := self._cardinal(at)) is not None:
            value, end = read
            return self._made(str(value), at, end), end
        return self._made(_ascii(text), at, at + 1), at + 1

    def is_measured(self, at: int) -> bool:
        """Return whether these are figures to which a unit is glued, as in "30s"."""
        return (
            self._text(at)[:1].isdecimal()
            and self._touches(at)
            and self._text(at + 1) in _SUFFIXES
            and not self._touches(at + 1)
            and not (self._touches(at - 1) and self._text(at - 1).isalpha())
        )

    def _touches(self, at: int) -> bool:
        """Return whether a token touches the word or the figures that follow it."""
        if not 0 <= at < len(self._tokens) - 1:
            return False
        this, following = self._tokens[at], self._tokens[at + 1]
        return this.end == following.start and following.text.isalnum()

    def _letters(self, at: int, inside: bool) -> tuple[Piece, int] | None:  # noqa: FBT001 - of one caller
        """Read a letter that is spelled out, or a few that belong to figures."""
        if not self._text(at).isalpha():
            return None
        token = self._tokens[at]
        glued = (self._touches(at - 1) and self._text(at - 1)[0].isdecimal()) or (
            self._touches(at) and self._text(at + 1)[0].isdecimal()
        )
        length = len(token.text)
        is_letter = length == 1 and (token.is_upper or token.text not in _NO_NAMES)
        is_group = token.is_upper and length <= (_LETTERS if inside else _LETTERS_BEFORE)
        if is_letter or is_group or (glued and length <= _LETTERS):
            return self._made(token.text.upper(), at, at + 1), at + 1
        return None

    def _cardinal(self, at: int) -> tuple[int, int] | None:
        """Read a number in words, such as "forty one" or "two thousand five hundred"."""
        words = list(islice(self._words(at), _LONGEST))
        value, used = _value(words, self._vocabulary)
        return None if value is None else (value, words[used - 1][1])

    def _words(self, at: int) -> Iterator[tuple[str, int]]:
        """Yield the words of a number, and the index after the token of which each is a part."""
        while text := self._text(at):
            if text == "-" and at > 0:
                at += 1
                continue
            for word in self._split(text):
                yield word, at + 1
            at += 1

    def _split(self, text: str) -> list[str]:
        vocabulary = self._vocabulary
        if not vocabulary.compounds or text in vocabulary.small or not text.isalpha():
            return [text]
        parts = vocabulary.compound.findall(text)
        is_number = "".join(parts) == text and any(part in vocabulary.scales for part in parts)
        return parts if is_number else [text]


def _value(words: Sequence[tuple[str, int]], vocabulary: Vocabulary) -> tuple[int | None, int]:
    """Return the value of the longest number at the start of some words, and how many they are."""
    total, group, at = 0, 0, 0
    after: str | None = None
    """What was read last: "small", "hundred" or "scale"."""
    smallest = max(vocabulary.scales.values()) * _TENS
    done: tuple[int | None, int] = (None, 0)
    while at < len(words):
        word = words[at][0]
        scale = vocabulary.scales.get(word, 0)
        if scale == _HUNDRED and (after == "small" or (vocabulary.compounds and after is None)):
            if group >= _HUNDRED:
                break
            group, at, after = (group or 1) * _HUNDRED, at + 1, "hundred"
        elif scale > _HUNDRED and scale < smallest and after != "scale":
            if after is None and not vocabulary.compounds:
                break
            total, group, smallest = total + (group or 1) * scale, 0, scale
            at, after = at + 1, "scale"
        elif word in {"and", "und"} and after in {"hundred", "scale"}:
            at += 1
            continue
        elif after != "small":
            small, following = _small(words, at, vocabulary)
            if small is None or (small == 0 and after):
                break
            group, at, after = group + small, following, "small"
            if words[at - 1][0].isdecimal() and not _is_scaled(words, at, vocabulary):
                # Figures stand for themselves, unless a word such as "thousand" follows.
                break
        else:
            break
        done = (total + group, at)
    return done


def _is_scaled(words: Sequence[tuple[str, int]], at: int, vocabulary: Vocabulary) -> bool:
    return at < len(words) and words[at][0] in vocabulary.scales


def _small(
    words: Sequence[tuple[str, int]], at: int, vocabulary: Vocabulary
) -> tuple[int | None, int]:
    """Return a number below 100, or of up to three figures, and the index after it."""
    word = words[at][0]
    if word.isdecimal() and len(word) <= _MAX_FIGURES:
        return int(word), at + 1
    if word == "ein" and vocabulary.compounds and at + 1 < len(words):
        return (1, at + 1) if words[at + 1][0] in vocabulary.scales else (None, at)
    value = vocabulary.small.get(word)
    if value is None:
        return None, at
    is_tens = value >= 2 * _TENS and value % _TENS == 0
    if vocabulary.units_follow_tens and is_tens and at + 1 < len(words):
        unit = vocabulary.small.get(words[at + 1][0], 0)
        if 0 < unit < _TENS:
            return value + unit, at + 2
    return value, at + 1


def _without_loose_letters(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces without words at the end that were taken for letters."""
    while pieces and pieces[-1].characters.isalpha() and not pieces[-1].is_letter:
        pieces = pieces[:-1]
    return pieces


def _ascii(figures: str) -> str:
    return "".join(str(int(figure)) for figure in figures)
