"""Limit how often refusals are recorded: each person's first ones singly, then only their count.

Thus repeated attempts neither fill the disk nor hide one refusal among many. No I/O.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .people import PersonId

REFUSALS_SECONDS: Final = 3600.0
"""The same refusal of a person is recorded at most once in this time."""

DIFFERENT: Final = 10
"""How many different refusals of one person are recorded in that time."""


@dataclass(slots=True)
class _Window:
    """The refusals of one person since a time."""

    since: float
    recorded: set[str] = field(default_factory=set)
    """What the refusals that were recorded singly were about."""

    unrecorded: int = 0

    recorded_for_others: set[str] = field(default_factory=set)
    """What the rows for others were about, which say more than this person may know."""


class Refusals:
    """Counts refusals in memory; a crash loses only the counts of unrecorded ones."""

    def __init__(self) -> None:
        """Begin with no refusals."""
        self._windows: dict[PersonId | None, _Window] = {}

    def is_new(self, now: float, person: PersonId | None, about: str) -> bool:
        """Return whether to record a refusal singly; otherwise count it."""
        window = self._windows.setdefault(person, _Window(since=now))
        if about not in window.recorded and len(window.recorded) < DIFFERENT:
            window.recorded.add(about)
            return True
        window.unrecorded += 1
        return False

    def is_new_to_others(self, now: float, person: PersonId, about: str) -> bool:
        """Return whether to record a refusal in more detail for others, after `is_new`.

        Only `is_new` counts: a second count would show the person which names are of recordings.
        """
        recorded = self._windows.setdefault(person, _Window(since=now)).recorded_for_others
        if about in recorded or len(recorded) >= DIFFERENT:
            return False
        recorded.add(about)
        return True

    def over(self, now: float, *, all_: bool = False) -> list[tuple[PersonId | None, int]]:
        """End the windows that are over, or all; returns each person's unrecorded refusals."""
        over = [
            person
            for person, window in self._windows.items()
            if all_ or now >= window.since + REFUSALS_SECONDS
        ]
        counted = [(person, self._windows.pop(person).unrecorded) for person in over]
        return [(person, unrecorded) for person, unrecorded in counted if unrecorded]
