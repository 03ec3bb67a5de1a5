"""The database file of a household: one SQLite connection, used by one thread."""

import errno
import os
import sqlite3
from contextlib import closing, contextmanager, nullcontext, suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from .disk_reserve import Reserve
from .schema import SCHEMA, STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

APPLICATION_ID: Final = 0x49564F49
"""Identifies the file as a store of Indoor Voice: the letters IVOI."""

_SHAPE: Final = "SELECT type, name, tbl_name, sql FROM sqlite_schema"

_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_BUSY_TIMEOUT_SECONDS: Final = 2.0
_PRIMARY_CODE: Final = 0xFF
"""The bits of an SQLite error code that remain without its details."""


class StoreError(Exception):
    """The store can't be read or written. The message says what to do, and has no content."""

    sentence: ClassVar[str] = "{path} can't be used."

    def __init__(self, path: Path) -> None:
        super().__init__(self.sentence.format(path=path))


class CorruptStoreError(StoreError):
    """The file is damaged, or is not a store of Indoor Voice."""

    sentence = (
        "{path} is damaged, or is not a store of Indoor Voice. It is left untouched, and nothing "
        "is kept. To start over, delete it together with the files whose names begin with its "
        "name; what was kept is then lost."
    )


class ChangedStoreError(CorruptStoreError):
    """Something other than Indoor Voice changed rows on which decisions depend."""

    sentence = (
        "{path} was changed by something other than Indoor Voice, so its consents and keys may "
        "not be what people decided. It is left untouched, and nothing is kept or opened. Restore "
        "an earlier copy or, to start over, delete it together with the files whose names begin "
        "with its name; what was kept is then lost."
    )


class NewerStoreError(StoreError):
    """The file was written by a newer version."""

    sentence = (
        "{path} was written by a newer version of Indoor Voice. It is left untouched, and nothing "
        "is kept. Update Indoor Voice."
    )


class StoreFullError(StoreError):
    """The disk is full."""

    sentence = "The disk has no space left for {path}. Nothing is kept until you free some."


class StoreReadOnlyError(StoreError):
    """The file, its folder or its disk is read-only."""

    sentence = (
        "{path} or its folder can't be written. Nothing is kept until it can. Check the "
        "permissions of both, and whether the disk is mounted read-only, as a failing disk is."
    )


class StoreUnavailableError(StoreError):
    """The file can't be opened, read or written for another reason."""

    sentence = (
        "{path} can't be read or written. Nothing is kept until it can. Check that no other "
        "Home Assistant uses it, and that its disk works."
    )


class Database:
    """The open store. It never deletes or replaces a file that it can't read.

    Every method raises `StoreError`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Use a connection. Call `open` instead, which also checks and migrates the file."""
        self.path: Final = path
        self.found_version = 0
        """The version of the file when it was opened; 0 for a new file."""
        self._connection = connection
        self._checked = False
        """Whether the file has been checked: it is a store of ours, and intact."""
        self._deleted = False
        """Whether the transaction has deleted anything."""
        self._place = _place_of(path)
        self._reserve = Reserve(path.with_name(f"{path.name}-reserve"))

    @classmethod
    def open(cls, path: Path, inspect: Callable[[Self], None] | None = None) -> Self:
        """Open the store at `path`, or create it and its folder.

        Reads the whole file once to find damage. `inspect` is called with an existing store, and
        can raise before anything is changed in it.
        """
        _prepare(path)
        try:
            connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_SECONDS, autocommit=True)
        except sqlite3.Error as err:
            raise StoreUnavailableError(path) from err
        # Readers detect damaged text themselves, so decoding it must not raise.
        connection.text_factory = _text
        database = cls(path, connection)
        try:
            database._begin_even_if_full(inspect)
        except BaseException:
            database.close()
            raise
        return database

    def _begin_even_if_full(self, inspect: Callable[[Self], None] | None) -> None:
        try:
            self._begin(inspect)
        except StoreFullError:
            if not self.give_up_reserve():
                raise
            self._begin(inspect)

    def _begin(self, inspect: Callable[[Self], None] | None) -> None:
        # Until the file is known to be ours and intact, not even closing may change it.
        self._connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        # No other process uses the file. This also puts the index of the write-ahead log in memory
        # instead of a mapped file, where a full disk would kill the process.
        self._pragma("locking_mode", "EXCLUSIVE")
        if self.read("SELECT 1 FROM sqlite_schema LIMIT 1"):
            self.found_version = self._check()
            if inspect is not None:
                inspect(self)
        self._checked = True
        self._connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, False)
        self._pragma("temp_store", "MEMORY")
        self._pragma("secure_delete", "ON")
        self._pragma("foreign_keys", "ON")
        self._pragma("auto_vacuum", "INCREMENTAL")
        self._pragma("journal_mode", "WAL")
        self._pragma("synchronous", "FULL")
        if self.found_version < SCHEMA:
            with self.transaction():
                for statement in chain.from_iterable(STEPS[self.found_version :]):
                    self.write(statement)
                self._pragma("application_id", APPLICATION_ID)
                self._pragma("user_version", SCHEMA)
        self.scrub()  # there may have been a crash between a deletion and its scrubbing

    def _check(self) -> int:
        """Check that the file is a store of ours and intact; returns its version."""
        if self._pragma("application_id") != APPLICATION_ID:
            raise CorruptStoreError(self.path)
        version = int(self._pragma("user_version"))
        if version > SCHEMA:
            raise NewerStoreError(self.path)
        # Foreign views or triggers could answer in place of our tables, or change them.
        shape = set(self.read(_SHAPE))
        if version < 1 or shape != _shape_of(version):
            raise CorruptStoreError(self.path)
        if self._pragma("integrity_check(1)") != "ok":
            raise CorruptStoreError(self.path)
        return version

    def close(self) -> None:
        """Close the file; nothing may be called afterwards."""
        with suppress(sqlite3.Error):
            self._connection.close()

    def abandon(self) -> None:
        """Close the file without writing to it; nothing may be called afterwards."""
        with suppress(sqlite3.Error):
            self._connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        self.close()

    def define(self, name: str, work: Callable[..., None]) -> None:
        """Define an SQL function of any number of values; `work` must not raise."""
        self._connection.create_function(name, -1, work)

    @contextmanager
    def transaction(self, on_rollback: Callable[[], None] = lambda: None) -> Generator[None]:
        """Store everything that the block writes, or nothing; can't be nested.

        `on_rollback` is called if nothing was stored. Afterwards no file contains what the block
        deleted. If that fails, `StoreError` is raised although the transaction was stored, and the
        next opening of the file completes it.
        """
        self._begin_transaction()
        self._deleted = False
        try:
            yield
            self._execute("COMMIT")
        except BaseException as err:
            with suppress(sqlite3.Error):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            if isinstance(err, StoreFullError):
                with suppress(StoreError):
                    self.scrub()  # frees the space that the attempt took
            on_rollback()
            raise
        # Empty the write-ahead log in any case: if it were damaged, what is only in the log would
        # be lost unnoticed.
        with nullcontext() if self._deleted else suppress(StoreError):
            self.scrub()

    def _begin_transaction(self) -> None:
        if self._connection.in_transaction and self._checked:
            # The disk failed so badly that the last transaction couldn't be rolled back.
            raise StoreUnavailableError(self.path)
        self._execute("BEGIN IMMEDIATE")

    def require_in_place(self) -> None:
        """Raise if the open file is no longer the one at its path.

        If it was deleted or replaced, writing to it still succeeds, but nobody can find the result.
        """
        if self._place is None or _place_of(self.path) != self._place:
            raise StoreUnavailableError(self.path)

    def keep_reserve(self) -> None:
        """Reserve space for deletions; raises `StoreFullError` if none is left for recordings."""
        with self._converted_os_errors():
            self._reserve.keep()

    def require_reserve(self) -> None:
        """Raise `StoreFullError` if there is no space left for recordings."""
        with self._converted_os_errors():
            self._reserve.require()

    @property
    def is_short_of_space(self) -> bool:
        """Whether there is no space left for recordings, as far as is known."""
        return self._reserve.is_short

    def give_up_reserve(self) -> bool:
        """Free the space reserved for deletions; returns whether there was any."""
        return self._reserve.give_up()

    @contextmanager
    def _converted_os_errors(self) -> Generator[None]:
        try:
            yield
        except OSError as err:
            raise _from_os_error(err, self.path) from err

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        return self._execute(sql, parameters)[0]

    def write(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Run a statement within a transaction; returns how many rows it changed."""
        if not self._connection.in_transaction:
            raise RuntimeError("The store can be written only in a transaction")
        rows = self._execute(sql, parameters)[1]
        self._deleted = self._deleted or (rows > 0 and sql.lstrip().upper().startswith("DELETE"))
        return rows

    def scrub(self) -> None:
        """Remove all remains of deleted rows from the files; `transaction` ends with this."""
        self._execute("PRAGMA incremental_vacuum")
        ((busy, _, _),) = self.read("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise StoreUnavailableError(self.path)

    def _pragma(self, name: str, value: object = None) -> Any:  # noqa: ANN401 - as SQLite answers
        rows = self.read(f"PRAGMA {name}" if value is None else f"PRAGMA {name} = {value}")
        return rows[0][0] if rows else None

    def _execute(
        self, sql: str, parameters: Sequence[object] = ()
    ) -> tuple[list[tuple[Any, ...]], int]:
        try:
            cursor = self._connection.execute(sql, parameters)
            return cursor.fetchall(), cursor.rowcount
        except UnicodeDecodeError as err:
            # SQLite's message quotes the damaged text, which Python can't decode.
            raise CorruptStoreError(self.path) from err
        except sqlite3.Error as err:
            store_error = _from_sqlite_error(err, self.path)
            if store_error is None and self._checked:
                raise
            # Until the file is known to be intact, any error may come from its damage.
            raise (store_error or CorruptStoreError(self.path)) from err


def _shape_of(version: int) -> set[tuple[Any, ...]]:
    """Return the tables, views and indexes of a store of this version."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in chain.from_iterable(STEPS[:version]):
            connection.execute(statement)
        return set(connection.execute(_SHAPE))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _place_of(path: Path) -> tuple[int, int] | None:
    """Return the device and inode of a file; None if it doesn't exist."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _prepare(path: Path) -> None:
    """Create the file, private from the start, and check that it can be written."""
    try:
        path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _PRIVATE_FILE))
        path.chmod(_PRIVATE_FILE)  # an existing file may have become readable for others
    except OSError as err:
        raise _from_os_error(err, path) from err
    if not os.access(path.parent, os.W_OK):
        raise StoreReadOnlyError(path)


def _from_os_error(err: OSError, path: Path) -> StoreError:
    match err.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return StoreFullError(path)
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return StoreReadOnlyError(path)
    return StoreUnavailableError(path)


def _from_sqlite_error(err: sqlite3.Error, path: Path) -> StoreError | None:
    """Return the error to raise for one of SQLite's; None if our own code is wrong."""
    match getattr(err, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & _PRIMARY_CODE:
        case (
            sqlite3.SQLITE_ERROR
            | sqlite3.SQLITE_CONSTRAINT
            | sqlite3.SQLITE_MISMATCH
            | sqlite3.SQLITE_MISUSE
            | sqlite3.SQLITE_RANGE
        ):
            return None
        case sqlite3.SQLITE_FULL:
            return StoreFullError(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return CorruptStoreError(path)
        case sqlite3.SQLITE_READONLY:
            return StoreReadOnlyError(path)
    # A disk that becomes read-only while the file is open shows as a failed write.
    writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return StoreUnavailableError(path) if writable else StoreReadOnlyError(path)
