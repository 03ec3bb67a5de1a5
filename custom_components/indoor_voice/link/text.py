"""Text that a peer sent, made fit to be shown, logged and stored."""

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_NAME: Final = 100
"""Characters of a name, a version, a description or whatever else a peer says of itself."""
_MAX_DEPTH: Final = 10
"""Of what a peer says of itself; what lies deeper is dropped."""

_INVISIBLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159"
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
"""Letters, marks and symbols by their category, and blank to the eye."""
_MARKS: Final = frozenset({"Mn", "Me"})
_MAX_MARKS: Final = 5
"""On one letter, as Burmese has them; more would cover the lines above and below."""
_UNWANTED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Controls, directions and joiners, lone surrogates, and what means nothing to anybody else."""
_LINKS: Final = re.compile(r"[<>\[\]@]|[a-z]+:/+|www\.", re.IGNORECASE)
"""Without these there are none, be it written out or an address that becomes one by itself."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Some scripts are not written right without them."""


def clean(text: str, most: int, *, keep: frozenset[str] = frozenset()) -> str:
    """Return a text in one line of at most so many characters; it may be empty.

    Of what cannot be seen only `keep` stays.
    """
    # No more is looked at than could be kept, however long the text is.
    seen = (" " if char.isspace() else char for char in text[: 4 * most])
    wanted = (char for char in seen if char in keep or _is_wanted(char))
    return " ".join("".join(_without_stacks(wanted)).split())[:most].strip()


def clean_speech(text: str, most: int) -> str:
    """Return what somebody said as one line of text, and the joiners that its script needs."""
    return clean(text, most, keep=_JOINERS)


def clean_all(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with every text in it cleaned, and without what is nested out of measure."""
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
    """Return a name that makes no link, picture or element where Home Assistant shows Markdown."""
    return " ".join(_LINKS.sub(" ", text).split())


def encodable(text: str) -> str:
    """Return a text without the lone surrogates that no wire carries."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _without_stacks(text: Iterable[str]) -> Iterator[str]:
    """Leave out marks that stand on no letter, and those that are too many on one."""
    marks = _MAX_MARKS
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in _MARKS else 0
        if marks <= _MAX_MARKS:
            yield char
        if char == " ":
            marks = _MAX_MARKS


def _is_wanted(char: str) -> bool:
    return char not in _INVISIBLE and unicodedata.category(char) not in _UNWANTED
