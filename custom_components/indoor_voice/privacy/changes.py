"""The transactions of a household: each at one time, and without a trace of what it deleted."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from . import records

if TYPE_CHECKING:
    from collections.abc import Generator

    from .clock import Clock
    from .database import Database
    from .standing import Standing


class Changes:
    """Begins them; none within another. Raises `StoreError`."""

    def __init__(self, database: Database, clock: Clock, standing: Standing) -> None:
        self._database = database
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
        except BaseException:
            self._standing.load()
            raise
        if self._deleted:
            self._database.scrub()

    def deleted(self) -> None:
        """Take note that the transaction deletes what may stay in no file."""
        self._deleted = True
