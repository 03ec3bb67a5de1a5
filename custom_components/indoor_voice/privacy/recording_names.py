"""Remember the random names under which recordings were shown, so that the ledger can resolve them.

This grants nothing: using a name that was given to somebody else is refused and recorded.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .people import PersonId
    from .store.sealing import RecordingId

_REMEMBERED: Final = 2000
"""How many of each person's newest names are remembered; nobody can displace others' names."""


class RecordingNames:
    """The names that each person was given. In memory only: no name is valid after a restart."""

    def __init__(self) -> None:
        """Begin without names."""
        self._given: dict[PersonId, dict[str, RecordingId]] = {}

    def remember(self, person: PersonId, names: Mapping[str, RecordingId]) -> None:
        """Remember the names of recordings that a person was given."""
        given = self._given.setdefault(person, {})
        given.update(names)
        for name in list(given)[:-_REMEMBERED]:
            del given[name]

    def recording(self, name: str) -> RecordingId | None:
        """Return the recording for which anybody was given a name; None for an unknown name."""
        return next((given[name] for given in self._given.values() if name in given), None)

    def was_given(self, name: str, person: PersonId) -> bool:
        """Return whether a person was given a name."""
        return name in self._given.get(person, {})
