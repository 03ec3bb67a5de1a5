"""The seal on the store: each row that decides is as we wrote it, and none is missing or too many.

Of each row a code is made with the household's seed, and the store holds one code of their sum. A
change costs as much as its own rows, however many others there are; at the start all are summed up
anew. The sum itself is never stored: from the sums of several copies another could be made up.

The code is of the ledger's newest row, too: each row holds the hash of the one before it, so of the
ledger nothing else can be cut off unnoticed.
"""

import hmac
import json
import struct
from typing import TYPE_CHECKING, Final

from . import records
from .database import ChangedStoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .database import Database

_SEALED: Final = {
    # Without the ciphertexts: they are bound to the recording by its key, which is sealed.
    "clip": "rowid id room captured expires seconds members listeners size",
    "sealed_key": "clip person sealed",
    # The order in which consents were given counts.
    "consent": "rowid id principal json",
    "public_key": "person public created",
    "setting": "name value",
    "counter": "day name count",
    "reviewed": "clip reviewer",
    "verdict": "clip reviewer person sealed",
}
"""The tables that decide, with their columns."""

_MODULUS: Final = 2**256
_SEALED_SINCE: Final = 3
"""The version of the store that all of this is sealed in."""

type _Value = str | bytes | int | float


class StoreSeal:
    """Follows what is written from `watch` on, within transactions; raises `StoreError`."""

    def __init__(self, database: Database, code: Callable[[bytes], bytes]) -> None:
        """Make codes with `code`, which only who has the household's seed can."""
        self._database = database
        self._code = code
        self.sum = 0
        """Put back to what it was before a transaction that failed."""

    def check(self) -> None:
        """See that the store is as it was written last; changes nothing.

        Raises `ChangedStoreError`.
        """
        sealed = self._database.found_version >= _SEALED_SINCE
        stored = self._database.read("SELECT code FROM seal") if sealed else []
        if stored:
            right = hmac.compare_digest(stored[0][0], self._code_of_sum(self._summed_up()))
        elif old := records.get_setting(self._database, "seal"):
            deciding = json.dumps(records.sealed_before(self._database)).encode()
            right = old == self._code(deciding).hex()
        else:
            right = self._is_new()
        if not right:
            raise ChangedStoreError(self._database.path)

    def watch(self) -> None:
        """Follow from now on what is written to the tables."""
        self._database.define("seal_added", self._added)
        self._database.define("seal_removed", self._removed)
        for table, columns in _SEALED.items():
            new, old = (_of_row(table, columns, row) for row in ("NEW", "OLD"))
            for event, work in (
                ("INSERT", f"SELECT seal_added({new});"),
                ("DELETE", f"SELECT seal_removed({old});"),
                ("UPDATE", f"SELECT seal_removed({old}); SELECT seal_added({new});"),
            ):
                self._database.read(
                    f"CREATE TEMP TRIGGER sealed_{table}_{event} AFTER {event} ON main.{table}"
                    f" BEGIN {work} END"
                )
        self.sum = self._summed_up()

    def write(self) -> None:
        """Seal what is written; the last thing in a transaction."""
        self._database.write(
            "INSERT INTO seal VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET code = excluded.code",
            (self._code_of_sum(self.sum),),
        )

    def _is_new(self) -> bool:
        """Tell whether nothing was ever written."""
        return not any(
            self._database.read(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - ours
            for table in ("clip", "consent", "public_key", "setting", "counter", "ledger")
        )

    def _summed_up(self) -> int:
        return (
            sum(
                self._code_of(table, *row)
                for table, columns in _SEALED.items()
                for row in self._database.read(
                    f"SELECT {', '.join(columns.split())} FROM {table}"  # noqa: S608 - ours
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
    """Return a value so that no two, and no two rows of them, are written alike."""
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
