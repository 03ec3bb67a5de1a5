"""The transactions of a household, each at one time."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from .store import records

if TYPE_CHECKING:
    from collections.abc import Generator

    from .state import HouseholdState
    from .store.clock import Clock
    from .store.database import Database
    from .store.store_seal import StoreSeal


class Transactions:
    """Begins them; none within another. Raises `StoreError`.

    At the end of each, what decides is sealed: whoever changes it in the file, to consent for
    somebody say, is found out at the next start.
    """

    def __init__(
        self, database: Database, clock: Clock, state: HouseholdState, seal: StoreSeal
    ) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock
        self._state = state

    @contextmanager
    def begin(self) -> Generator[float]:
        """Hold a transaction at one time, and forget on failure what was not stored."""
        now = self._clock.now()
        sealed = self._seal.sum

        def undone() -> None:
            self._seal.sum = sealed
            self._state.load()

        with self._database.transaction(undone):
            yield now
            records.put_setting(self._database, "clock", self._clock.mark.to_json())
            self._seal.write()
