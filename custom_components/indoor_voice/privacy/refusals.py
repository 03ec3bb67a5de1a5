"""How often refusals are recorded: each person's first ones at once, and then how many there were.

So whoever insists neither fills the disk nor hides one refusal among many. No I/O.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .people import PersonId

REFUSALS_SECONDS: Final = 3600.0
"""The same refusal is recorded once in so long."""

DIFFERENT: Final = 10
"""How many different refusals of one person are recorded in that time."""


@dataclass(slots=True)
class _Insisting:
    """What one person was refused since a time."""

    since: float
    about: set[str] = field(default_factory=set)
    more: int = 0
    """How many were not recorded one by one."""

    told_others: set[str] = field(default_factory=set)
    """About what others were told more than this person may know."""


class Refusals:
    """Counts, in memory: what was refused before a crash is recorded, but for its repetition."""

    def __init__(self) -> None:
        """Begin without any."""
        self._by_person: dict[PersonId | None, _Insisting] = {}

    def is_new(self, now: float, person: PersonId | None, about: str) -> bool:
        """Tell whether a refusal is to be recorded by itself; count it where not."""
        insisting = self._by_person.setdefault(person, _Insisting(since=now))
        if about not in insisting.about and len(insisting.about) < DIFFERENT:
            insisting.about.add(about)
            return True
        insisting.more += 1
        return False

    def is_new_to_others(self, now: float, person: PersonId, about: str) -> bool:
        """Tell whether others are to be told more of a refusal that was asked about by `is_new`.

        It is counted there, and only there: by a count the person could tell the one from the rest.
        """
        told = self._by_person.setdefault(person, _Insisting(since=now)).told_others
        if about in told or len(told) >= DIFFERENT:
            return False
        told.add(about)
        return True

    def over(self, now: float, *, all_: bool = False) -> list[tuple[PersonId | None, int]]:
        """Forget whose time is over, or all; returns how often each has insisted."""
        over = [
            person
            for person, insisting in self._by_person.items()
            if all_ or now >= insisting.since + REFUSALS_SECONDS
        ]
        counted = [(person, self._by_person.pop(person).more) for person in over]
        return [(person, more) for person, more in counted if more]
