"""Cuts text into sentences while it arrives: the first is spoken before the last is known."""

import re
from typing import Final

MAX_SENTENCE_CHARACTERS: Final = 300
"""What a voice gets at once: its time and memory grow with the length of a sentence."""

_SPACES: Final = re.compile(r"[^\S\n]+")
_END: Final = re.compile(
    r"""
    (?P<stop> [.!?…]+ ) ["'”’»)\]]*  (?=[ ]\S)  # needs what follows, to know "3.5" and "Dr. No"
    | [。！？]+ [」』”’）]*  (?=[^。！？」』”’）])
    | \n
    """,  # noqa: RUF001 - these characters are meant
    re.VERBOSE,
)
_LOOK_AHEAD: Final = 2
_CLAUSE_END: Final = re.compile(r"[,;:–—][ ]|[，、；：]")  # noqa: RUF001 - these characters are meant
_LAST_WORD: Final = re.compile(r"\S+$")
_OPENING: Final = "(\"'“‘«["  # noqa: RUF001 - these characters are meant
_ABBREVIATIONS: Final = re.compile(
    r"approx|bzw|ca|dr|e\.g|fig|i\.e|jr|lt|mr|mrs|ms|mt|nr|prof|sgt|sr|st|vol|vs|z\.b",
    re.IGNORECASE,
)


class Sentences:
    """Takes text in pieces of any size and gives out whole sentences.

    The same text gives the same sentences however it is cut into pieces.
    """

    def __init__(self) -> None:
        self._text = ""

    def add(self, text: str) -> list[str]:
        """Take the next piece and return the sentences that are complete with it."""
        self._text = _SPACES.sub(" ", self._text + text).lstrip(" ")
        sentences = []
        while end := self._end():
            sentences.append(self._text[:end].strip())
            self._text = self._text[end:].lstrip(" ")
        return [sentence for sentence in sentences if sentence]

    def finish(self) -> list[str]:
        """Return the last sentence, if there is one, and begin afresh."""
        rest, self._text = self._text.strip(), ""
        return [rest] if rest else []

    def _end(self) -> int | None:
        """Return how much of the text is the first sentence, or None while it cannot be known."""
        for match in _END.finditer(self._text):
            if match.end() > MAX_SENTENCE_CHARACTERS:
                break
            if not match["stop"] or not self._goes_on(match):
                return match.end()
        if len(self._text) > MAX_SENTENCE_CHARACTERS + _LOOK_AHEAD:
            return _cut(self._text[:MAX_SENTENCE_CHARACTERS])
        return None

    def _goes_on(self, match: re.Match[str]) -> bool:
        if self._text[match.end() + 1].islower():
            return True
        if match["stop"] != ".":
            return False
        before = self._text[: match.start()]
        word = _LAST_WORD.search(before)
        if word is None:
            return False
        plain = word.group().lstrip(_OPENING)
        is_initial = len(plain) == 1 and plain.isalpha()
        is_list_number = plain.isdecimal() and word.start() == 0
        return is_initial or is_list_number or _ABBREVIATIONS.fullmatch(plain) is not None


def _cut(text: str) -> int:
    """Return where to cut a sentence that is too long: after a clause, a word, or anywhere."""
    clauses = [match.end() for match in _CLAUSE_END.finditer(text)]
    if clauses:
        return clauses[-1]
    return text.rfind(" ") + 1 or len(text)
