"""Cleans text that a peer sent, so that it can be shown, logged and stored."""

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_NAME: Final = 100
"""Longest name, version, or other text in a peer's description, in characters."""
_MAX_DEPTH: Final = 10
"""Deepest nesting of a peer's description; anything deeper is dropped."""

_INVISIBLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159"
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
"""Characters that are letters, marks or symbols by category, but look blank."""
_MARKS: Final = frozenset({"Mn", "Me"})
_MAX_MARKS: Final = 5
"""Marks allowed on one letter, as in Burmese; more would cover the lines above and below."""
_UNWANTED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Controls, directions and joiners, lone surrogates, private use and unassigned characters."""
_LINKS: Final = re.compile(r"[<>\[\]@]|[a-z]+:/+|www\.", re.IGNORECASE)
"""What makes a link in Markdown: explicit syntax, or an address that is linked automatically."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Some scripts can't be written correctly without them."""


def clean(text: str, most: int, *, keep: frozenset[str] = frozenset()) -> str:
    """Return a text as one line of at most `most` characters; it may be empty.

    Invisible characters are removed, except those in `keep`.
    """
    # Bounds the work, however long the text is.
    seen = (" " if char.isspace() else char for char in text[: 4 * most])
    wanted = (char for char in seen if char in keep or _is_wanted(char))
    return " ".join("".join(_without_stacks(wanted)).split())[:most].strip()


def clean_speech(text: str, most: int) -> str:
    """Return a transcript as one line of text, with the joiners that its script needs."""
    return clean(text, most, keep=_JOINERS)


def clean_all(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with every text in it cleaned, and without anything nested too deeply."""
    match value:
        case str():
            return clean(value, MAX_NAME)
        case list() | dict() if depth >= _MAX_DEPTH:
            return None
        case list():
            return [clean_all(item, depth + 1) for item in value]
        case dict():
            return {key: clean_all(item, depth + 1) for key, item in value.items()}
        case _:
            return value


def without_links(text: str) -> str:
    """Return a name that Home Assistant's Markdown shows without a link, picture or element."""
    return " ".join(_LINKS.sub(" ", text).split())


def encodable(text: str) -> str:
    """Return a text without lone surrogates, which UTF-8 can't encode."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _without_stacks(text: Iterable[str]) -> Iterator[str]:
    """Drop marks that are not on a letter, and excess marks on one letter."""
    marks = _MAX_MARKS
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in _MARKS else 0
        if marks <= _MAX_MARKS:
            yield char
        if char == " ":
            marks = _MAX_MARKS


def _is_wanted(char: str) -> bool:
    return char not in _INVISIBLE and unicodedata.category(char) not in _UNWANTED
