"""Converts a store to the format of an earlier version of Indoor Voice."""

import hashlib
import hmac
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

from custom_components.indoor_voice.privacy.store import records

if TYPE_CHECKING:
    from pathlib import Path

    from custom_components.indoor_voice.privacy.store.database import Database


class _Reader:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def read(self, sql: str) -> list[Any]:
        return self.connection.execute(sql).fetchall()


def make_older(path: Path, version: int, seed: bytes = bytes(32)) -> None:
    """Convert a closed store to version 1, 2 or 3."""
    with closing(sqlite3.connect(path)) as connection, connection:
        drop_what_came_later(connection)
        connection.execute(f"PRAGMA user_version = {version}")
        if version == 3:
            return  # the seal is a sum, to which no lessons add nothing
        connection.execute("DROP TABLE seal")
        if version < 2:
            connection.execute("DROP TABLE verdict")
            connection.execute("DROP TABLE reviewed")
        connection.execute("UPDATE setting SET value = value ->> 'time' WHERE name = 'clock'")
        deciding = records.sealed_before(cast("Database", _Reader(connection)))
        key = hashlib.sha256(b"indoor-voice ledger seal 1\0" + seed).digest()
        code = hmac.digest(key, json.dumps(deciding).encode(), "sha256").hex()
        connection.execute("INSERT INTO setting VALUES ('seal', ?)", (json.dumps(code),))


def drop_what_came_later(connection: sqlite3.Connection) -> None:
    """Remove the tables and columns that version 4 added."""
    connection.execute("DROP TABLE lesson_source")
    connection.execute("DROP TABLE lesson")
    connection.execute("ALTER TABLE clip DROP COLUMN features")


def forget_places(path: Path) -> None:
    """Remove the rooms' descriptions from the consents of a closed store, as in older versions."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE consent SET json = json_remove(json, '$.seen')")
        connection.execute("DELETE FROM setting WHERE name = 'arrangement'")
