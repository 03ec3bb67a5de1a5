"""The result of a check."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Outcome(StrEnum):
    """The outcome of a check."""

    PASS = "PASS"  # noqa: S105 - not a password
    FAIL = "FAIL"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check, with advice on what to do."""

    subject: str
    outcome: Outcome
    seen: str
    advice: str = ""

    @classmethod
    def good(cls, subject: str, seen: str) -> Self:
        """Return a finding for a part that works."""
        return cls(subject, Outcome.PASS, seen)

    @classmethod
    def bad(cls, subject: str, seen: str, advice: str) -> Self:
        """Return a finding for a part that does not work; `advice` is a complete sentence."""
        return cls(subject, Outcome.FAIL, seen, advice)

    @classmethod
    def unknown(cls, subject: str, seen: str, advice: str = "") -> Self:
        """Return a finding for a part that cannot be checked now; `seen` says why."""
        return cls(subject, Outcome.SKIP, seen, advice)

    def __str__(self) -> str:
        """Return a line with the finding and, if there is advice, a second line."""
        line = f"{self.outcome}  {self.subject:<12}{self.seen}"
        return f"{line}\n{'':<18}→ {self.advice}" if self.advice else line
