"""The transactions of a household, each at a single time of its clock."""

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
    """Begins transactions, which can't be nested; raises `StoreError`.

    Each ends by sealing the rows on which decisions depend. Thus the next start detects it if
    somebody changed them in the file, for example to consent in another person's name.
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
        """Run a transaction and yield its time; on failure, restore the state in memory too."""
        now = self._clock.now()
        sealed = self._seal.sum

        def roll_back() -> None:
            self._seal.sum = sealed
            self._state.load()

        with self._database.transaction(roll_back):
            yield now
            records.put_setting(self._database, "clock", self._clock.mark.to_json())
            self._seal.write()
