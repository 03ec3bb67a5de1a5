"""The transactions of a household: each at one time, and without a trace of what it deleted."""

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from . import records
from .database import StoreError

if TYPE_CHECKING:
    from collections.abc import Generator

    from .clock import Clock
    from .database import Database
    from .standing import Standing
    from .store_seal import StoreSeal


class Changes:
    """Begins them; none within another. Raises `StoreError`.

    At the end of each, what decides is sealed: whoever changes it in the file, to consent for
    somebody say, is found out at the next start.
    """

    def __init__(
        self, database: Database, clock: Clock, standing: Standing, seal: StoreSeal
    ) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock
        self._standing = standing
        self._deleted = False

    @contextmanager
    def begin(self) -> Generator[float]:
        """Hold a transaction at one time, and forget on failure what was not stored."""
        now = self._clock.now()
        self._deleted = False
        sealed = self._seal.sum
        try:
            with self._database.transaction():
                yield now
                records.put_setting(self._database, "clock", self._clock.mark.to_json())
                self._seal.write()
        except BaseException:
            self._seal.sum = sealed
            self._standing.load()
            raise
        if self._deleted:
            self._database.scrub()
        else:
            # What is only in the write-ahead log would be lost unnoticed with a damaged one.
            with suppress(StoreError):
                self._database.scrub()

    def deleted(self) -> None:
        """Take note that the transaction deletes what may stay in no file."""
        self._deleted = True
