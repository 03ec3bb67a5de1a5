"""Remembers who was told that they are asked for their consent, so that nobody is told twice."""

from typing import TYPE_CHECKING, Final

from .consent import rules
from .consent.consent import Purpose
from .consent.notices import CURRENT
from .consent.rules import DropReason
from .store import records

if TYPE_CHECKING:
    from collections.abc import Collection

    from .people import PersonId
    from .state import HouseholdState
    from .store.clock import Clock
    from .store.database import Database
    from .transactions import Transactions

_TOLD: Final = "told of the question"
_NOTICE_ID: Final = next(one.id for (purpose, _), one in CURRENT.items() if purpose is Purpose.KEEP)


class Questions:
    """The people who still have to answer; each method raises `StoreError`."""

    def __init__(
        self, database: Database, transactions: Transactions, state: HouseholdState, clock: Clock
    ) -> None:
        self._database = database
        self._transactions = transactions
        self._state = state
        self._clock = clock

    def untold(self) -> frozenset[PersonId]:
        """Return the people whose answer a room waits for, and who were never told.

        Only rooms in which something may be kept are waiting.
        """
        situation = self._state.situation(self._clock.now())
        decisions = (rules.decide(situation, room, ()) for room in situation.arrangement.rooms)
        waiting = (
            decision.waiting_for
            for decision in decisions
            if DropReason.NOT_ALLOWED not in decision.why_not
        )
        return frozenset().union(*waiting) - self._told()

    def tell(self) -> frozenset[PersonId]:
        """Return the people who must be told now, and remember that they were."""
        with self._transactions.begin():
            people = self.untold()
            if people:
                self._remember(self._told() | people)
        return people

    def _told(self) -> frozenset[PersonId]:
        """Return the people who were told of the question as it is worded now."""
        stored = records.get_setting(self._database, _TOLD)
        if not isinstance(stored, dict) or stored.get("notice") != _NOTICE_ID:
            return frozenset()
        people = stored.get("people")
        return frozenset(map(str, people)) if isinstance(people, list) else frozenset()

    def _remember(self, people: Collection[PersonId]) -> None:
        records.put_setting(self._database, _TOLD, {"notice": _NOTICE_ID, "people": sorted(people)})
