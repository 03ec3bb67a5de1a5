"""Converts a store to the format of an earlier version of Indoor Voice."""

import hashlib
import hmac
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

from custom_components.indoor_voice.privacy.store import records
from custom_components.indoor_voice.privacy.store.store_seal import StoreSeal

if TYPE_CHECKING:
    from pathlib import Path

    from custom_components.indoor_voice.privacy.store.database import Database


class _Connection:
    """What of a store's interface sealing needs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def read(self, sql: str) -> list[Any]:
        return self.connection.execute(sql).fetchall()

    def write(self, sql: str, values: tuple[object, ...]) -> None:
        self.connection.execute(sql, values)


def make_older(path: Path, version: int, seed: bytes = bytes(32)) -> None:
    """Convert a closed store to one of the versions 1 to 5."""
    key = hashlib.sha256(b"indoor-voice ledger seal 1\0" + seed).digest()
    with closing(sqlite3.connect(path)) as connection, connection:
        drop_what_came_later(connection, version)
        connection.execute(f"PRAGMA user_version = {version}")
        database = cast("Database", _Connection(connection))
        if version >= 3:
            seal = StoreSeal(database, lambda content: hmac.digest(key, content, "sha256"))
            seal.sum = seal.sum_of_all(version)
            seal.write()
            return
        connection.execute("DROP TABLE seal")
        if version < 2:
            connection.execute("DROP TABLE verdict")
            connection.execute("DROP TABLE reviewed")
        connection.execute("UPDATE setting SET value = value ->> 'time' WHERE name = 'clock'")
        deciding = records.sealed_before(database)
        code = hmac.digest(key, json.dumps(deciding).encode(), "sha256").hex()
        connection.execute("INSERT INTO setting VALUES ('seal', ?)", (json.dumps(code),))


def drop_what_came_later(connection: sqlite3.Connection, version: int) -> None:
    """Remove the tables, columns and choices that came after version 3, 4 or 5."""
    connection.execute("DROP TABLE reported")
    if version >= 5:
        return
    connection.execute("DROP TABLE disguised")
    connection.execute("UPDATE consent SET json = json_remove(json, '$.terms.disguise')")
    if version < 4:
        connection.execute("DROP TABLE lesson_source")
        connection.execute("DROP TABLE lesson")
        connection.execute("ALTER TABLE clip DROP COLUMN features")


def forget_places(path: Path) -> None:
    """Remove the rooms' descriptions from the consents of a closed store, as in older versions."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE consent SET json = json_remove(json, '$.seen')")
        connection.execute("DELETE FROM setting WHERE name = 'arrangement'")
