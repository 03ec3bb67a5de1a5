"""A household whose clock and database tests can reach, on a disk that fails when told to."""

import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final, Self, cast

from custom_components.indoor_voice.privacy.household import Household
from custom_components.indoor_voice.privacy.store.clock import Clock
from custom_components.indoor_voice.privacy.store.database import Database
from custom_components.indoor_voice.privacy.store.recordings import Recordings

if TYPE_CHECKING:
    from pathlib import Path

    from custom_components.indoor_voice.privacy.household import DatabaseOpener
    from custom_components.indoor_voice.privacy.store.ledger import Ledger


class FaultyConnection:
    """A connection to a database on a disk that can fail."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.failing = False
        """Whether every statement fails with a disk error."""

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        if self.failing:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error
        return self._connection.execute(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class FaultyDatabase(Database):
    """A store that fails when it is told to."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.disk: Final = FaultyConnection(connection)
        self.scrubs = True
        """False as if the process were always killed before it scrubs."""
        super().__init__(path, cast("sqlite3.Connection", self.disk))

    def scrub(self) -> None:
        if self.scrubs:
            super().scrub()


class ExposedHousehold(Household):
    """A household that shows tests what it was opened with."""

    def __init__(self, database: Database, clock: Clock, ledger: Ledger) -> None:
        super().__init__(database, clock, ledger)
        assert isinstance(database, FaultyDatabase)
        self.database: Final = database
        self.clock: Final = clock
        self.stored: Final = Recordings(database)

    @classmethod
    def open(
        cls,
        path: Path,
        clock: Clock,
        signing_seed: bytes,
        open_database: DatabaseOpener = FaultyDatabase.open,
    ) -> Self:
        return super().open(path, clock, signing_seed, open_database)


class SettableClock(Clock):
    """The machine's clock, until a test sets it."""

    def __init__(self) -> None:
        self.wall_seconds: float | None = None
        super().__init__(lambda: time.time() if self.wall_seconds is None else self.wall_seconds)
