"""Sentences with and without critical words, for the tests and the benchmark of their marks."""

from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).parent / "privacy" / "critical"
LANGUAGES: Final = ("en", "de")
NUMBERS: Final = ("card", "account", "code")
"""The kinds of sentences in which something is masked."""


class Sentence(NamedTuple):
    """A sentence as a recogniser would write it."""

    kind: str
    """The mark that it should have, or "ordinary"."""

    text: str
    secrets: tuple[tuple[int, int], ...]
    """What must be masked, in code points."""


def sentences(language: str, *, unseen: bool = False) -> list[Sentence]:
    """Return the sentences in a language.

    Those that are unseen were written when the patterns were done.
    """
    prefix = "unseen-" if unseen else ""
    critical = (FOLDER / f"{prefix}critical-{language}.txt").read_text(encoding="utf-8")
    ordinary = (FOLDER / f"{prefix}ordinary-{language}.txt").read_text(encoding="utf-8")
    return [
        *(_sentence(*line.split("\t")) for line in critical.splitlines()),
        *(Sentence("ordinary", line, ()) for line in ordinary.splitlines()),
    ]


def _sentence(kind: str, line: str) -> Sentence:
    text, secrets = "", []
    for part in line.split("]"):
        before, bracket, secret = part.partition("[")
        text += before
        if bracket:
            secrets.append((len(text), len(text) + len(secret)))
            text += secret
    return Sentence(kind, text, tuple(secrets))
