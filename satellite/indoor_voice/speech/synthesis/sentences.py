"""Splits text into sentences as it arrives, so that the first can be spoken before the last."""

import re
from typing import Final

from .languages import Language

MAX_SENTENCE_CHARACTERS: Final = 300
"""Longer sentences are cut, so that nobody waits for one that never ends."""

_SPACES: Final = re.compile(r"[^\S\n]+")
_END: Final = re.compile(
    r"""
    # Each run of stops is tried once, as a whole; otherwise thousands of dots take seconds.
    (?<![.!?…]) (?P<stop> [.!?…]++ ) ["'”’»)\]]*+ (?=[ ]\S)  # not "3.5"; "Dr. No": see _continues
    | (?<![。！？]) [。！？]++ [」』”’）]*+ (?=[^。！？」』”’）])
    | \n
    """,  # noqa: RUF001 - these characters are meant
    re.VERBOSE,
)
_LOOK_AHEAD: Final = 2
_WINDOW: Final = MAX_SENTENCE_CHARACTERS + _LOOK_AHEAD + 1
"""Characters of a text that decide where its first sentence ends."""
_CLAUSE_END: Final = re.compile(r"[,;:–—][ ]|[，、；：]")  # noqa: RUF001 - these characters are meant
_OPENING: Final = "(\"'“‘«["  # noqa: RUF001 - these characters are meant


class Sentences:
    """Takes text in chunks of any size and returns whole sentences.

    The same text gives the same sentences, however it is divided into chunks. The run time is
    linear in the length of the text, whatever its content.
    """

    def __init__(self, language: Language) -> None:
        """Split text in a language that knows after which abbreviations a sentence goes on."""
        self._language = language
        self._text = ""

    def add(self, text: str) -> list[str]:
        """Take the next chunk and return the sentences that it completes."""
        text = _SPACES.sub(" ", self._text + text)
        sentences = []
        start = _skip_space(text, 0)
        while length := _sentence_length(text[start : start + _WINDOW], self._language):
            sentences.append(text[start : start + length].strip())
            start = _skip_space(text, start + length)
        self._text = text[start:]
        return [sentence for sentence in sentences if sentence]

    def finish(self) -> list[str]:
        """Return the last sentence, if any, and reset."""
        rest, self._text = self._text.strip(), ""
        return [rest] if rest else []


def _skip_space(text: str, start: int) -> int:
    return start + 1 if text.startswith(" ", start) else start


def _sentence_length(text: str, language: Language) -> int | None:
    """Return the length of the first sentence, or None if more text is needed to decide."""
    for match in _END.finditer(text):
        if match.end() > MAX_SENTENCE_CHARACTERS:
            break
        if not match["stop"] or not _continues(text, match, language):
            return match.end()
    if len(text) > MAX_SENTENCE_CHARACTERS + _LOOK_AHEAD:
        return _cut(text[:MAX_SENTENCE_CHARACTERS])
    return None


def _continues(text: str, match: re.Match[str], language: Language) -> bool:
    """Return whether the sentence continues after a stop and the space that follows it."""
    if text[match.end() + 1].islower():
        return True
    if match["stop"] != ".":
        return False
    before = text[: match.start()]
    if not before or before[-1].isspace():
        return False
    *others, word = before.split()
    plain = word.lstrip(_OPENING)
    is_initial = len(plain) == 1 and plain.isalpha()
    is_list_number = plain.isdecimal() and len(word) == len(before)
    is_ordinal = plain.isdecimal() and others[-1:] and others[-1].lower() in language.before_ordinal
    return bool(is_initial or is_list_number or is_ordinal or plain.lower() in language.open)


def _cut(text: str) -> int:
    """Return where to cut a long sentence: after a clause, else after a word, else anywhere."""
    clauses = [match.end() for match in _CLAUSE_END.finditer(text)]
    if clauses:
        return clauses[-1]
    return text.rfind(" ") + 1 or len(text)
