"""What a check has found."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Outcome(StrEnum):
    """How a check went."""

    PASS = "PASS"  # noqa: S105 - no password
    FAIL = "FAIL"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of one thing, and what to do about it."""

    subject: str
    outcome: Outcome
    seen: str
    advice: str = ""

    @classmethod
    def good(cls, subject: str, seen: str) -> Self:
        """It works."""
        return cls(subject, Outcome.PASS, seen)

    @classmethod
    def bad(cls, subject: str, seen: str, advice: str) -> Self:
        """It does not work; `advice` is a whole sentence."""
        return cls(subject, Outcome.FAIL, seen, advice)

    @classmethod
    def unknown(cls, subject: str, seen: str, advice: str = "") -> Self:
        """It cannot be tried here and now; `seen` says why."""
        return cls(subject, Outcome.SKIP, seen, advice)

    def __str__(self) -> str:
        """Return the line, and under it the advice."""
        line = f"{self.outcome}  {self.subject:<12}{self.seen}"
        return f"{line}\n{'':<18}→ {self.advice}" if self.advice else line
