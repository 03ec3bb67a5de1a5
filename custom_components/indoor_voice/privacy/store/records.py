"""Consents, public keys, settings and counts in the store; each function raises `StoreError`.

Functions that write must be called within a transaction.
"""

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..people import PersonId
    from .database import Database

_SEALED_BEFORE: Final = {
    "SELECT * FROM consent ORDER BY id": (
        "quote(id) || ',' || quote(principal) || ',' || quote(json)"
    ),
    "SELECT * FROM public_key ORDER BY person": "quote(person) || ',' || quote(public)",
    (
        "SELECT * FROM setting WHERE name IN"
        " ('accounts', 'arrangement', 'audience', 'ceilings', 'pauses', 'told') ORDER BY name"
    ): "quote(name) || ',' || quote(value)",
}
"""The queries that the seal of a store before version 3 covers, in order, with their columns."""

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None


def save_consent(
    database: Database, consent: str, principal: PersonId, data: Mapping[str, object]
) -> None:
    """Store a consent record under its id, replacing an earlier state of it."""
    database.write(
        "INSERT INTO consent VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET principal = excluded.principal, json = excluded.json",
        (consent, principal, json.dumps(data, sort_keys=True)),
    )


def consents(database: Database) -> list[object]:
    """Return all consent records as JSON, in the order in which they were added.

    Damaged records are left out, as if they had never been given.
    """
    rows = database.read("SELECT json FROM consent ORDER BY rowid")
    return [data for (text,) in rows if (data := _parsed(text)) is not None]


def put_key(database: Database, person: PersonId, public: bytes, created: float) -> None:
    """Store the public half of a person's listening key; they must not have one yet."""
    database.write("INSERT INTO public_key VALUES (?, ?, ?)", (person, public, created))


def key(database: Database, person: PersonId) -> bytes | None:
    """Return the public half of a person's listening key."""
    rows = database.read("SELECT public FROM public_key WHERE person = ?", (person,))
    return rows[0][0] if rows else None


def keys(database: Database) -> dict[PersonId, bytes]:
    """Return the public halves of all listening keys."""
    return dict(database.read("SELECT person, public FROM public_key"))


def drop_key(database: Database, person: PersonId) -> bool:
    """Delete a person's listening key; returns whether there was one."""
    return database.write("DELETE FROM public_key WHERE person = ?", (person,)) > 0


def put_setting(database: Database, name: str, value: object) -> None:
    """Store a value that JSON can express under a name."""
    database.write(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, json.dumps(value)),
    )


def get_setting(database: Database, name: str) -> Json:
    """Return the value under a name; None if there is none or it is damaged."""
    rows = database.read("SELECT value FROM setting WHERE name = ?", (name,))
    return _parsed(rows[0][0]) if rows else None


def drop_setting(database: Database, name: str) -> None:
    """Delete the value under a name."""
    database.write("DELETE FROM setting WHERE name = ?", (name,))


def count(database: Database, day: str, name: str, by: int = 1) -> None:
    """Add to the count under a name for a day (such as 2026-11-22)."""
    database.write(
        "INSERT INTO counter VALUES (?, ?, ?)"
        " ON CONFLICT (day, name) DO UPDATE SET count = count + excluded.count",
        (day, name, by),
    )


def counts(database: Database, day: str | None = None) -> dict[str, int]:
    """Return the counts of a day, or of all days together."""
    return dict(
        database.read(
            "SELECT name, sum(count) FROM counter WHERE day = ifnull(?, day) GROUP BY name", (day,)
        )
    )


def monthly_counts(database: Database) -> dict[str, dict[str, int]]:
    """Return the counts of each month (such as 2026-11), by name."""
    months: dict[str, dict[str, int]] = {}
    for month, name, count_ in database.read(
        "SELECT substr(day, 1, 7), name, sum(count) FROM counter GROUP BY 1, 2 ORDER BY 1"
    ):
        months.setdefault(month, {})[name] = count_
    return months


def drop_counts(database: Database, before: str) -> int:
    """Delete the counts of the days before `before`; returns how many."""
    return database.write("DELETE FROM counter WHERE day < ?", (before,))


def sealed_before(database: Database) -> tuple[str, ...]:
    """Return the contents that the seal of a store before version 3 covers, as SQL literals."""
    return tuple(
        database.read(f"SELECT ifnull(group_concat({columns}, ';'), '') FROM ({query})")[0][0]  # noqa: S608 - constants
        for query, columns in _SEALED_BEFORE.items()
    )


def _parsed(text: str) -> Json:
    try:
        parsed: Json = json.loads(text)
    except ValueError, RecursionError:
        return None
    return parsed
