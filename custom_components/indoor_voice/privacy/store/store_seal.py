"""Authenticate the store, so that changes by anything other than Indoor Voice show.

Each row on which decisions depend has a code, made with the household's seed. The seal is a code
of the sum of all these codes. Updating the sum costs no more than the rows that changed; it is
computed over all rows only when the store is opened. The sum itself is never stored: from the sums
of several copies of the store, an attacker could compute that of another combination of rows.

The seal also covers the ledger's newest row. Every row contains the hash of the one before it, so
no rows can be cut off unnoticed.
"""

import hmac
import json
import struct
from typing import TYPE_CHECKING, Final

from . import records
from .database import ChangedStoreError
from .schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

    from .database import Database

_SEALED: Final = {
    # Without the ciphertexts, which the recording's key authenticates.
    "clip": "rowid id room captured expires seconds members listeners size",
    "disguised": "clip disguise",
    "sealed_key": "clip person sealed",
    # With the rowid: the order in which consents were given matters.
    "consent": "rowid id principal json",
    "public_key": "person public created",
    "setting": "name value",
    "counter": "day name count",
    "reviewed": "clip reviewer",
    "verdict": "clip reviewer person sealed",
    "reported": "clip",
    "lesson": "id kind content person approved is_on",
    "lesson_source": "lesson clip room members",
}
"""The tables on which decisions depend, with their columns."""

_LATER: Final = {"lesson": 4, "lesson_source": 4, "disguised": 5, "reported": 6}
"""The versions of the store that added tables after the seal."""

_MODULUS: Final = 2**256
_SEALED_SINCE: Final = 3
"""The first version of the store whose tables are sealed."""

type _Value = str | bytes | int | float


class StoreSeal:
    """Maintains the sum of the rows' codes, from `watch` on; raises `StoreError`."""

    def __init__(self, database: Database, code: Callable[[bytes], bytes]) -> None:
        """Make codes with `code`, which uses the household's seed."""
        self._database = database
        self._code = code
        self.sum = 0
        """The caller must restore the old value when a transaction fails."""

    def check(self) -> None:
        """Check that the store is as it was last written; changes nothing.

        Raises `ChangedStoreError`.
        """
        sealed = self._database.found_version >= _SEALED_SINCE
        stored = self._database.read("SELECT code FROM seal") if sealed else []
        if stored:
            found = self.sum_of_all(self._database.found_version)
            fits = hmac.compare_digest(stored[0][0], self._code_of_sum(found))
        elif old := records.get_setting(self._database, "seal"):
            content = json.dumps(records.sealed_before(self._database)).encode()
            fits = old == self._code(content).hex()
        else:
            fits = self._is_new()
        if not fits:
            raise ChangedStoreError(self._database.path)

    def watch(self) -> None:
        """Compute the sum, and update it with each change of the tables from now on."""
        self._database.define("seal_added", self._added)
        self._database.define("seal_removed", self._removed)
        for table, columns in _SEALED.items():
            new, old = (_of_row(table, columns, row) for row in ("NEW", "OLD"))
            for event, statements in (
                ("INSERT", f"SELECT seal_added({new});"),
                ("DELETE", f"SELECT seal_removed({old});"),
                ("UPDATE", f"SELECT seal_removed({old}); SELECT seal_added({new});"),
            ):
                self._database.read(
                    f"CREATE TEMP TRIGGER sealed_{table}_{event} AFTER {event} ON main.{table}"
                    f" BEGIN {statements} END"
                )
        self.sum = self.sum_of_all()

    def write(self) -> None:
        """Store the seal; must be the last write in a transaction."""
        self._database.write(
            "INSERT INTO seal VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET code = excluded.code",
            (self._code_of_sum(self.sum),),
        )

    def _is_new(self) -> bool:
        """Return whether nothing was ever written to the store."""
        return not any(
            self._database.read(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - constant
            for table in ("clip", "consent", "public_key", "setting", "counter", "ledger")
        )

    def sum_of_all(self, version: int = SCHEMA) -> int:
        """Compute the sum over all rows of a store of some version."""
        return (
            sum(
                self._code_of(table, *row)
                for table, columns in _SEALED.items()
                if _LATER.get(table, 0) <= version
                for row in self._database.read(
                    f"SELECT {', '.join(columns.split())} FROM {table}"  # noqa: S608 - constant
                )
            )
            % _MODULUS
        )

    def _added(self, table: str, *row: _Value) -> None:
        self.sum = (self.sum + self._code_of(table, *row)) % _MODULUS

    def _removed(self, table: str, *row: _Value) -> None:
        self.sum = (self.sum - self._code_of(table, *row)) % _MODULUS

    def _code_of(self, table: str, *row: _Value) -> int:
        content = b"".join(map(_encoded, (table, *row)))
        return int.from_bytes(self._code(b"row\0" + content))

    def _code_of_sum(self, number: int) -> bytes:
        newest = self._database.read("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1")
        point = b"".join(map(_encoded, newest[0])) if newest else b""
        return self._code(b"sum\0" + number.to_bytes(32) + point)


def _of_row(table: str, columns: str, row: str) -> str:
    return ", ".join((f"'{table}'", *(f"{row}.{column}" for column in columns.split())))


def _encoded(value: _Value) -> bytes:
    """Encode a value unambiguously: different values, and rows of values, encode differently."""
    match value:
        case str():
            kind, raw = b"t", value.encode()
        case bytes():
            kind, raw = b"b", value
        case int():
            kind, raw = b"i", str(value).encode()
        case float():
            kind, raw = b"f", struct.pack(">d", value)
    return b"%b%d:%b" % (kind, len(raw), raw)
