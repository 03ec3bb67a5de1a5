"""The transactions of a household: each at one time, and without a trace of what it deleted."""

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from . import records
from .database import ChangedStoreError

if TYPE_CHECKING:
    from collections.abc import Generator

    from .clock import Clock
    from .database import Database
    from .ledger import Ledger
    from .standing import Standing

_SEAL: Final = "seal"


class Changes:
    """Begins them; none within another. Raises `StoreError`.

    At the end of each, what decides is sealed: whoever changes it in the file, to consent for
    somebody say, is found out at the next start.
    """

    def __init__(
        self, database: Database, clock: Clock, standing: Standing, ledger: Ledger
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._clock = clock
        self._standing = standing
        self._deleted = False

    @contextmanager
    def begin(self) -> Generator[float]:
        """Hold a transaction at one time, and forget on failure what was not stored."""
        now = self._clock.now()
        self._deleted = False
        try:
            with self._database.transaction():
                yield now
                records.put_setting(self._database, "clock", now)
                records.put_setting(self._database, _SEAL, self._code())
        except BaseException:
            self._standing.load()
            raise
        if self._deleted:
            self._database.scrub()

    def check(self) -> None:
        """See that what decides is as it was written last; raises `ChangedStoreError`."""
        seal = records.get_setting(self._database, _SEAL)
        new = seal is None and not any(records.deciding(self._database))
        if not new and seal != self._code():
            raise ChangedStoreError(self._database.path)

    def _code(self) -> str:
        return self._ledger.code(json.dumps(records.deciding(self._database)).encode())

    def deleted(self) -> None:
        """Take note that the transaction deletes what may stay in no file."""
        self._deleted = True
