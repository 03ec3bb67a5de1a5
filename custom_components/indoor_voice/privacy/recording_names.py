"""By which random names recordings went, on whichever connection: so that the ledger can tell them.

What somebody tries by a name that was given to somebody else is refused all the same.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .people import PersonId
    from .store.sealing import RecordingId

_REMEMBERED: Final = 2000
"""How many names each person was given last are remembered; nobody can have others' forgotten."""


class RecordingNames:
    """Held in memory: a name is worth nothing after a restart."""

    def __init__(self) -> None:
        """Know none."""
        self._given: dict[PersonId, dict[str, RecordingId]] = {}

    def remember(self, person: PersonId, names: Mapping[str, RecordingId]) -> None:
        """Take note of what recordings are called for somebody."""
        given = self._given.setdefault(person, {})
        given.update(names)
        for name in list(given)[:-_REMEMBERED]:
            del given[name]

    def recording(self, name: str) -> RecordingId | None:
        """Return what was called so for anybody; None for what nobody was given."""
        return next((given[name] for given in self._given.values() if name in given), None)

    def was_given(self, name: str, person: PersonId) -> bool:
        """Tell whether something was called so for somebody."""
        return name in self._given.get(person, {})
