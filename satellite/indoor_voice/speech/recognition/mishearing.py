"""Judges whether a command that is expected may be what was heard as something else.

Words may stand in for others that sound alike. But a word that was heard must not disappear, be it
as short as the "I" of "I turned on the light" or the "not" of "do not turn on the light", because
then something else was said. A new word must be as short as an article, a number must have been
heard, and so must some of the words. The thresholds were chosen with 42 spoken commands in and
without noise, and with 173 recordings of other speech, of which none became a command.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

_LEAST_LIKENESS: Final = 0.4
"""Similarity of letters from which words may have been heard as others: "Dyson" as "basin"."""
_LEAST_LENGTH: Final = 0.5
"""The same for their lengths, as they took the same time to say."""
_ARTICLE_LETTERS: Final = 3
_LEAST_SAME: Final = 0.3
"""Share of a command's letters in words that were heard as they are."""


def may_be_misheard(text: str, heard: Sequence[str]) -> bool:
    """Return whether one of the texts that were heard may be a mishearing of `text`."""
    return any(_may_be(_words(text), _words(other)) for other in heard)


def _may_be(text: list[str], heard: list[str]) -> bool:
    same = 0
    for change, i1, i2, j1, j2 in SequenceMatcher(None, heard, text).get_opcodes():
        before, after = "".join(heard[i1:i2]), "".join(text[j1:j2])
        match change:
            case "equal":
                same += len(after)
            case "insert" if len(after) <= _ARTICLE_LETTERS:
                pass
            case "replace" if _sound_alike(before, after):
                pass
            case _:
                return False
    is_anchored = same >= _LEAST_SAME * sum(map(len, text))
    return is_anchored and all(word in heard for word in text if word.isdecimal())


def _sound_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((len(one), len(other)))
    return (
        shorter >= _LEAST_LENGTH * longer
        and SequenceMatcher(None, one, other).ratio() >= _LEAST_LIKENESS
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold().replace("'", "").replace("’", ""))  # noqa: RUF001 - this apostrophe is meant
