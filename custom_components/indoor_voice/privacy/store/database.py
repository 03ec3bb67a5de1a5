"""The file that holds what a household keeps: one connection, used by one thread."""

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
"""Marks the file as ours: the letters IVOI."""

_SHAPE: Final = "SELECT type, name, tbl_name, sql FROM sqlite_schema"

_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_BUSY_TIMEOUT_SECONDS: Final = 2.0
_PRIMARY_CODE: Final = 0xFF
"""An error code of SQLite without what details it."""


class StoreError(Exception):
    """What is kept cannot be read or written; the message says what to do, without content."""

    sentence: ClassVar[str] = "{path} cannot be used."

    def __init__(self, path: Path) -> None:
        super().__init__(self.sentence.format(path=path))


class CorruptStoreError(StoreError):
    """The file is damaged, or not ours."""

    sentence = (
        "{path} is damaged, or is not a store of Indoor Voice. It is left as it is, and nothing is "
        "kept. Delete it, with the files beside it whose names begin with its name, to begin anew: "
        "what was kept is lost then."
    )


class ChangedStoreError(CorruptStoreError):
    """What decides who may keep and hear was not written by us."""

    sentence = (
        "{path} was changed by something else than Indoor Voice: what it says of consents and "
        "keys need not be what people have said. It is left as it is, and nothing is kept or "
        "opened. Put a copy from before back, or delete it, with the files beside it whose names "
        "begin with its name, to begin anew: what was kept is lost then."
    )


class NewerStoreError(StoreError):
    """The file is of a newer version."""

    sentence = (
        "{path} was written by a newer version of Indoor Voice. It is left as it is, and nothing "
        "is kept. Update Indoor Voice."
    )


class StoreFullError(StoreError):
    """There is no room on the disk."""

    sentence = (
        "There is no room left on the disk for {path}. Nothing is kept until there is: make some."
    )


class StoreReadOnlyError(StoreError):
    """The file, its folder or its disk does not accept changes."""

    sentence = (
        "{path} or its folder cannot be changed. Nothing is kept until it can: look at the "
        "permissions of both, and whether the disk is mounted read-only, as a failing disk is."
    )


class StoreUnavailableError(StoreError):
    """The file cannot be opened, read or written for another reason."""

    sentence = (
        "{path} cannot be read or written. Nothing is kept until it can: see that no other "
        "Home Assistant uses it, and that its disk works."
    )


class Database:
    """The open store; it never deletes or replaces a file that it cannot read.

    Every method raises `StoreError`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Take over a connection; `open` makes one."""
        self.path: Final = path
        self.found_version = 0
        """The version that the file had when it was opened; 0 where there was none."""
        self._connection = connection
        self._known = False
        self._deleted = False
        """Whether the transaction has deleted anything."""
        self._place = _place_of(path)
        self._reserve = Reserve(path.with_name(f"{path.name}-reserve"))

    @classmethod
    def open(cls, path: Path, inspect: Callable[[Self], None] | None = None) -> Self:
        """Open the store at `path`, or make it, with its folder.

        Reads the whole file once, to find damage. `inspect` looks at a file that was there, and may
        raise before anything is changed in it.
        """
        _prepare(path)
        try:
            connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_SECONDS, autocommit=True)
        except sqlite3.Error as err:
            raise StoreUnavailableError(path) from err
        # Rotten text is told from good text by what reads it; here it must not raise.
        connection.text_factory = _text
        database = cls(path, connection)
        try:
            database._begin_on_any_disk(inspect)
        except BaseException:
            database.close()
            raise
        return database

    def _begin_on_any_disk(self, inspect: Callable[[Self], None] | None) -> None:
        try:
            self._begin(inspect)
        except StoreFullError:
            if not self.give_up_reserve():
                raise
            self._begin(inspect)

    def _begin(self, inspect: Callable[[Self], None] | None) -> None:
        # Until the file is known to be ours and whole, not even closing may change it.
        self._connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        # Nobody else uses the file; and the index of the WAL then is in memory, not in a mapped
        # file, where a full disk would end the process.
        self._pragma("locking_mode", "EXCLUSIVE")
        if self.read("SELECT 1 FROM sqlite_schema LIMIT 1"):
            self.found_version = self._check()
            if inspect is not None:
                inspect(self)
        self._known = True
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
        self.scrub()  # a crash may have come between a deletion and its scrubbing

    def _check(self) -> int:
        """Return the version of the file, which is ours and whole."""
        if self._pragma("application_id") != APPLICATION_ID:
            raise CorruptStoreError(self.path)
        version = int(self._pragma("user_version"))
        if version > SCHEMA:
            raise NewerStoreError(self.path)
        # What nobody wrote of us could answer in place of our tables, or change them.
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
        """Close the file as it is; nothing may be called afterwards."""
        with suppress(sqlite3.Error):
            self._connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        self.close()

    def define(self, name: str, work: Callable[..., None]) -> None:
        """Let statements call a function, which must not raise, with any number of values."""
        self._connection.create_function(name, -1, work)

    @contextmanager
    def transaction(self, undone: Callable[[], None] = lambda: None) -> Generator[None]:
        """Store everything that the block writes, or nothing of it; cannot be nested.

        `undone` is called when nothing was stored. What the block deleted is in no file afterwards;
        if that fails, `StoreError` is raised although the transaction was stored, and opening the
        file again makes up for it.
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
                    self.scrub()  # gives back the room that the attempt took
            undone()
            raise
        # What is only in the write-ahead log would be lost unnoticed with a damaged one, so it is
        # emptied in any case.
        with nullcontext() if self._deleted else suppress(StoreError):
            self.scrub()

    def _begin_transaction(self) -> None:
        if self._connection.in_transaction and self._known:
            # The disk failed in a way that the last one could not even be undone.
            raise StoreUnavailableError(self.path)
        self._execute("BEGIN IMMEDIATE")

    def require_in_place(self) -> None:
        """Raise where the open file is not the one at its path any more, be it gone or another.

        Writing goes on all the same then, into a file that nobody finds.
        """
        if self._place is None or _place_of(self.path) != self._place:
            raise StoreUnavailableError(self.path)

    def keep_reserve(self) -> None:
        """Hold room for deletions; raises `StoreFullError` where recordings then have none."""
        with self._told_of_system():
            self._reserve.keep()

    def require_reserve(self) -> None:
        """Raise `StoreFullError` where there is no room for recordings any more."""
        with self._told_of_system():
            self._reserve.require()

    def give_up_reserve(self) -> bool:
        """Give back the room that is held for deletions; returns whether there was any."""
        return self._reserve.give_up()

    @contextmanager
    def _told_of_system(self) -> Generator[None]:
        try:
            yield
        except OSError as err:
            raise _of_system(err, self.path) from err

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that a SELECT gives."""
        return self._execute(sql, parameters)[0]

    def write(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Change something within a transaction; returns how many rows."""
        if not self._connection.in_transaction:
            raise RuntimeError("the store is written in transactions only")
        rows = self._execute(sql, parameters)[1]
        self._deleted = self._deleted or (rows > 0 and sql.lstrip().upper().startswith("DELETE"))
        return rows

    def scrub(self) -> None:
        """Leave no byte of what was deleted in the files; `transaction` ends with it."""
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
            # SQLite quotes in its message what is damaged, and Python cannot read that.
            raise CorruptStoreError(self.path) from err
        except sqlite3.Error as err:
            meaning = _meaning(err, self.path)
            if meaning is None and self._known:
                raise
            # Of a file that is not known to be whole, nothing is a mistake of ours.
            raise (meaning or CorruptStoreError(self.path)) from err


def _shape_of(version: int) -> set[tuple[Any, ...]]:
    """Return what a store of a version consists of."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in chain.from_iterable(STEPS[:version]):
            connection.execute(statement)
        return set(connection.execute(_SHAPE))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _place_of(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from any other; None where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _prepare(path: Path) -> None:
    """Make the file, private from its first moment, and see that it can be written."""
    try:
        path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _PRIVATE_FILE))
        path.chmod(_PRIVATE_FILE)  # something may have widened it
    except OSError as err:
        raise _of_system(err, path) from err
    if not os.access(path.parent, os.W_OK):
        raise StoreReadOnlyError(path)


def _of_system(err: OSError, path: Path) -> StoreError:
    match err.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return StoreFullError(path)
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return StoreReadOnlyError(path)
    return StoreUnavailableError(path)


def _meaning(err: sqlite3.Error, path: Path) -> StoreError | None:
    """Return what an error of SQLite means; None where it is a mistake of ours."""
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
