"""The ledger: every change to it shows."""

import hashlib
import json
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from custom_components.indoor_voice.privacy.people import DAY_SECONDS
from custom_components.indoor_voice.privacy.store.database import CorruptStoreError, Database
from custom_components.indoor_voice.privacy.store.ledger import ROW_LIFE_SECONDS, Ledger
from custom_components.indoor_voice.privacy.store.ledger_rows import (
    LISTENING,
    Broken,
    Entry,
    RowKind,
    SignedHead,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

SEED = bytes(range(32))
NOW = 1_800_000_000.0
ROWS = 12
COPY = "INSERT INTO ledger"
OF_12 = "FROM ledger WHERE seq = 12"


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return filled(database)


def entry(number: int) -> Entry:
    return Entry(
        kind=list(RowKind)[number % len(RowKind)],
        actor=(None, "ann", "ben")[number % 3],
        subjects=frozenset({"ann", "zoë", f"{number}"} if number % 2 else ()),
        room="kitchen" if number % 4 else None,
        detail={"clip": f"{number:032x}", "seconds": number / 8} if number % 5 else {},
    )


def append(database: Database, ledger: Ledger, *, time: float = NOW, rows: int = 1) -> None:
    with database.transaction():
        for number in range(rows):
            ledger.append(time + number, entry(number))


def filled(database: Database, seed: bytes = SEED) -> Ledger:
    ledger = Ledger(database, seed)
    append(database, ledger, rows=ROWS)
    return ledger


def change(database: Database, *statements: str) -> None:
    with database.transaction():
        for statement in statements:
            assert database.write(statement)


def insert(database: Database, table: str, *values: object) -> None:
    with database.transaction():
        places = ", ".join("?" * len(values))
        database.write(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608 - a test's


@contextmanager
def undone(database: Database) -> Iterator[None]:
    """Undo the changes of the block."""

    class UndoneError(Exception):
        pass

    with suppress(UndoneError), database.transaction():
        yield
        raise UndoneError


def aged(database: Database, ledger: Ledger) -> float:
    """Let the first five rows expire, and return the time."""
    now = NOW + 4.5 + ROW_LIFE_SECONDS
    with database.transaction():
        assert ledger.age(now, now - ROW_LIFE_SECONDS) == 5
    return now


def test_what_was_recorded_fits_together(ledger: Ledger) -> None:
    found = ledger.verify()
    assert (found.ok, found.rows, found.first_broken, found.reason) == (True, ROWS, None, None)
    assert ledger.verify([ledger.head()]).ok


def test_an_empty_ledger_fits_and_has_a_head(database: Database) -> None:
    ledger = Ledger(database, SEED)
    head = ledger.head()
    assert (head.seq, head.hash) == (0, bytes(32))
    assert ledger.verify([head]).ok
    append(database, ledger)
    assert ledger.verify([head]).ok


def test_it_continues_after_a_restart(database: Database, ledger: Ledger) -> None:
    head = ledger.head()
    again = Ledger(database, SEED)
    append(database, again, time=NOW + 100)
    assert again.verify([head]).rows == ROWS + 1
    assert again.head().seq == head.seq + 1


def test_a_stranger_can_check_rows_and_heads(database: Database, ledger: Ledger) -> None:
    previous = bytes(32)
    for seq, text, digest, _ in database.read("SELECT * FROM ledger ORDER BY seq"):
        content = json.loads(text)
        assert rfc8785.dumps(content) == text.encode()
        assert content["seq"] == seq
        assert content["previous"] == previous.hex()
        previous = hashlib.sha256(text.encode()).digest()
        assert previous == digest
    head = ledger.head()
    assert head.hash == previous
    signed = rfc8785.dumps({"hash": head.hash.hex(), "seq": head.seq, "time": head.time})
    key = SigningKey(SEED).verify_key
    assert head.public == bytes(key)
    key.verify(b"indoor-voice ledger head 1\0" + signed, head.signature)


def test_people_see_rows_that_they_caused_or_that_are_about_them(
    database: Database, ledger: Ledger
) -> None:
    for person in ("ann", "ben", "zoë", "7", "nobody", 'a"', "kept"):
        about = [
            number + 1
            for number in reversed(range(ROWS))
            if person == entry(number).actor
            or person in entry(number).subjects
            or entry(number).kind in {RowKind.BEGUN, RowKind.AGED, RowKind.CLOCK_JUMPED}
        ]
        rows = ledger.rows_about(person)
        assert [row.seq for row in rows] == about
        for row in rows:
            expected = entry(row.seq - 1)
            assert row.time == NOW + row.seq - 1
            for name in ("kind", "actor", "subjects", "room", "detail"):
                assert getattr(row, name) == getattr(expected, name)


class Counting(Database):
    """Counts the rows that are read from the file."""

    taken = 0

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        rows = super().read(sql, parameters)
        self.taken += len(rows)
        return rows


def test_a_page_takes_no_more_out_of_the_ledger_than_it_shows(tmp_path: Path) -> None:
    with closing(Counting.open(tmp_path / "household.log.sqlite")) as database:
        ledger = Ledger(database, SEED)
        with database.transaction():
            for number in range(1200):
                ledger.append(NOW + number, entry(number))
        everything = ledger.rows_about("ann")
        before, pages = 2**53, []
        for size in (1, 7, 50, 500, 500):
            database.taken = 0
            page = ledger.rows_about("ann", before=before, limit=size)
            assert database.taken <= size
            before = page[-1].seq if page else 0
            pages += page
        assert pages == everything
        database.taken = 0
        listening = ledger.rows_about("ann", limit=20, kinds=LISTENING)
        assert database.taken == len(listening) == 20
        assert listening == [row for row in everything if row.kind in LISTENING][:20]


def test_a_page_is_full_where_rows_before_it_were_tampered_with(
    database: Database, ledger: Ledger
) -> None:
    whole = ledger.rows_about("ann")
    change(
        database,
        "UPDATE ledger SET mac = zeroblob(32) WHERE seq = 12",
        "UPDATE ledger SET row = replace(row, 'ann', 'eve') WHERE seq = 11",
    )
    left = [row for row in whole if row.seq < 11]
    assert ledger.rows_about("ann", limit=3) == left[:3]
    assert ledger.rows_about("ann", before=left[2].seq, limit=2) == left[3:5]


def test_a_row_that_makes_no_sense_does_not_hide_the_others(
    database: Database, ledger: Ledger
) -> None:
    before = ledger.rows_about("ann")
    assert before[1].seq == 11
    change(database, "UPDATE ledger SET row = '{\"ann\"' WHERE seq = 11")
    assert ledger.rows_about("ann") == [before[0], *before[2:]]
    assert ledger.verify().first_broken == 11


@pytest.mark.parametrize(
    ("statement", "broken", "reason"),
    [
        ("UPDATE ledger SET row = replace(row, 'ann', 'eve') WHERE seq = 2", 2, Broken.EDITED),
        ("UPDATE ledger SET row = row || ' ' WHERE seq = 2", 2, Broken.EDITED),
        ("UPDATE ledger SET hash = zeroblob(32) WHERE seq = 5", 5, Broken.EDITED),
        ("UPDATE ledger SET mac = zeroblob(32) WHERE seq = 5", 5, Broken.FORGED),
        ("UPDATE ledger SET seq = 99 WHERE seq = 12", 12, Broken.MISSING),
        ("UPDATE ledger SET seq = 0 WHERE seq = 1", 1, Broken.MISSING),
        ("DELETE FROM ledger WHERE seq = 5", 5, Broken.MISSING),
        ("DELETE FROM ledger WHERE seq = 1", 1, Broken.MISSING),
        ("DELETE FROM ledger WHERE seq < 7", 1, Broken.MISSING),
        (f"{COPY} SELECT 13, row, hash, mac {OF_12}", 13, Broken.MISSING),
        (f"{COPY} SELECT 0, row, hash, mac {OF_12}", 1, Broken.MISSING),
        ("INSERT INTO ledger VALUES (13, '{}', zeroblob(32), zeroblob(32))", 13, Broken.EDITED),
        (f"{COPY}_anchor VALUES (1, 0, zeroblob(32), 1.0, zeroblob(64))", 1, Broken.FORGED),
    ],
)
def test_a_change_is_found_and_named(
    database: Database, ledger: Ledger, statement: str, broken: int, reason: Broken
) -> None:
    change(database, statement)
    found = ledger.verify()
    assert (found.ok, found.first_broken, found.reason) == (False, broken, reason)


def test_moved_rows_are_found(database: Database, ledger: Ledger) -> None:
    change(
        database,
        "UPDATE ledger SET seq = 99 WHERE seq = 4",
        "UPDATE ledger SET seq = 4 WHERE seq = 5",
        "UPDATE ledger SET seq = 5 WHERE seq = 99",
    )
    assert ledger.verify().first_broken == 4
    assert ledger.verify().reason == Broken.MISSING


def test_a_row_renumbered_into_a_gap_is_found(database: Database, ledger: Ledger) -> None:
    change(
        database,
        "DELETE FROM ledger WHERE seq = 11",
        "UPDATE ledger SET seq = 11 WHERE seq = 12",
    )
    assert ledger.verify().first_broken == 11


def test_rows_rewritten_without_the_seed_are_found(
    database: Database, ledger: Ledger, tmp_path: Path
) -> None:
    """Somebody edits a row and recomputes every later hash with their own program."""
    other_path = tmp_path / "forged.sqlite"
    other = Database.open(other_path)
    filled(other, b"\7" * 32)
    rows = other.read("SELECT * FROM ledger WHERE seq > 6")
    other.close()
    change(database, "DELETE FROM ledger WHERE seq > 6")
    for row in rows:
        insert(database, "ledger", *row)
    assert (ledger.verify().first_broken, ledger.verify().reason) == (7, Broken.FORGED)
    append(database, ledger, time=NOW + 100)  # later rows do not repair it
    assert (ledger.verify().first_broken, ledger.verify().reason) == (7, Broken.FORGED)


def test_another_seed_is_found(database: Database, ledger: Ledger) -> None:
    assert Ledger(database, b"\7" * 32).verify().first_broken == 1


# Comparison with the head that a witness keeps.


def test_a_cut_tail_shows_against_an_earlier_head(database: Database, ledger: Ledger) -> None:
    head = ledger.head()
    change(database, "DELETE FROM ledger WHERE seq > 9")
    assert ledger.verify().ok
    found = ledger.verify([head])
    assert (found.ok, found.first_broken, found.reason) == (False, 10, Broken.MISSING)
    append(database, ledger, rows=5)
    assert ledger.verify().ok
    found = ledger.verify([head])
    assert (found.ok, found.first_broken, found.reason) == (False, ROWS, Broken.EDITED)


def test_an_emptied_ledger_shows_against_an_earlier_head(
    database: Database, ledger: Ledger
) -> None:
    head = ledger.head()
    aged(database, ledger)
    change(database, "DELETE FROM ledger", "DELETE FROM ledger_anchor")
    assert ledger.verify().ok
    assert ledger.verify([head]).first_broken == 1


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda head: replace(head, seq=head.seq - 1), id="seq"),
        pytest.param(lambda head: replace(head, hash=bytes(32)), id="hash"),
        pytest.param(lambda head: replace(head, time=head.time + 1), id="time"),
        pytest.param(lambda head: replace(head, time=float("nan")), id="no time"),
        pytest.param(lambda head: replace(head, signature=bytes(64)), id="signature"),
        pytest.param(lambda head: replace(head, signature=b""), id="no signature"),
        pytest.param(lambda head: replace(head, public=bytes(32)), id="key"),
    ],
)
def test_a_head_that_is_not_ours_is_told(
    ledger: Ledger, forge: Callable[[SignedHead], SignedHead]
) -> None:
    found = ledger.verify([forge(ledger.head())])
    assert (found.ok, found.reason, found.rows) == (False, Broken.FORGED, ROWS)


# Ageing.


def test_old_rows_are_deleted_and_the_rest_still_fits(database: Database, ledger: Ledger) -> None:
    heads = [ledger.head()]
    aged(database, ledger)
    heads.append(ledger.head())
    stay = [seq for (seq,) in database.read("SELECT seq FROM ledger ORDER BY seq")]
    assert stay == list(range(6, ROWS + 2))
    assert ledger.verify(heads).rows == ROWS - 5 + 1
    ((text,),) = database.read("SELECT row FROM ledger ORDER BY seq DESC LIMIT 1")
    assert json.loads(text)["kind"] == RowKind.AGED
    assert json.loads(text)["detail"] == {"rows": 5}
    assert Ledger(database, SEED).verify(heads).ok


def test_the_chain_continues_after_all_rows_are_deleted(database: Database, ledger: Ledger) -> None:
    heads = [ledger.head()]
    for year in range(2, 5):
        with database.transaction():
            ledger.age(NOW + year * ROW_LIFE_SECONDS, NOW + (year - 1) * ROW_LIFE_SECONDS)
        heads.append(ledger.head())
        assert ledger.verify(heads).rows == 1
    assert ledger.head().seq == ROWS + 3


def test_it_ages_at_the_start_and_once_a_day(database: Database, ledger: Ledger) -> None:
    def ages(at: Ledger, now: float) -> int:
        with database.transaction():
            return at.age(now, now - ROW_LIFE_SECONDS)

    now = NOW + ROW_LIFE_SECONDS
    assert ages(ledger, now - 0.5) == 0
    assert ages(ledger, now + 3) == 0
    assert ages(Ledger(database, SEED), now + 3) == 4
    assert ages(ledger, now + DAY_SECONDS) == ROWS - 4
    assert ages(ledger, now + 2 * DAY_SECONDS) == 0


@pytest.mark.parametrize("row", ["'{'", "json_set(row, '$.time', 1.0)", "CAST(x'ff' AS TEXT)"])
def test_an_edited_row_ages_nothing_and_is_no_obstacle(
    database: Database, ledger: Ledger, row: str
) -> None:
    change(database, f"UPDATE ledger SET row = {row} WHERE seq = 12")  # noqa: S608 - a test's
    with database.transaction():
        assert ledger.age(NOW + 0.5 + ROW_LIFE_SECONDS, NOW + 0.5) == 1
    assert ledger.verify().first_broken == 12
    change(database, f"UPDATE ledger SET row = {row} WHERE seq = 3")  # noqa: S608 - a test's
    later = Ledger(database, SEED)
    with database.transaction():
        assert later.age(NOW + 4.5 + ROW_LIFE_SECONDS, NOW + 4.5) == 4
    assert later.verify().first_broken == 12


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_anchor SET seq = 6",
        "UPDATE ledger_anchor SET seq = 9007199254740993",
        "UPDATE ledger_anchor SET hash = zeroblob(32)",
        "UPDATE ledger_anchor SET hash = x''",
        "UPDATE ledger_anchor SET time = time + 1",
        "UPDATE ledger_anchor SET time = 9e999",
        "UPDATE ledger_anchor SET signature = zeroblob(64)",
        "UPDATE ledger_anchor SET signature = x''",
        "DELETE FROM ledger_anchor",
        "DELETE FROM ledger WHERE seq < 8",
    ],
)
def test_a_forged_anchor_is_found(database: Database, ledger: Ledger, statement: str) -> None:
    aged(database, ledger)
    change(database, statement)
    assert not ledger.verify().ok


def test_an_anchor_of_another_seed_is_found(database: Database, tmp_path: Path) -> None:
    ledger = filled(database)
    other = Database.open(tmp_path / "forged.sqlite")
    aged(other, filled(other, b"\7" * 32))
    anchor = other.read("SELECT * FROM ledger_anchor")[0]
    other.close()
    aged(database, ledger)
    change(database, "DELETE FROM ledger_anchor")
    insert(database, "ledger_anchor", *anchor)
    assert ledger.verify().reason == Broken.FORGED


def test_a_head_does_not_pass_as_an_anchor(database: Database, ledger: Ledger) -> None:
    """Otherwise anyone who was shown heads could cut off the beginning."""
    head = ledger.head()
    append(database, ledger, time=NOW + 100)
    change(database, "DELETE FROM ledger WHERE seq <= 12")
    insert(database, "ledger_anchor", 1, head.seq, head.hash, head.time, head.signature)
    assert ledger.verify().reason == Broken.FORGED


def test_a_number_beyond_all_bounds_is_damage(database: Database, ledger: Ledger) -> None:
    change(database, "UPDATE ledger SET seq = 9007199254740992 WHERE seq = 12")
    with pytest.raises(CorruptStoreError):
        append(database, ledger)
    assert ledger.verify().first_broken == 12


# Any single mutation of any stored value


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, SignedHead]]:
    database = Database.open(tmp_path_factory.mktemp("ledger") / "household.log.sqlite")
    ledger = filled(database)
    aged(database, ledger)
    yield database, ledger.head()
    database.close()


COLUMNS = {
    "ledger": ("seq", "row", "hash", "mac"),
    "ledger_anchor": ("seq", "hash", "time", "signature"),
}


def mutated(data: st.DataObject, value: Any) -> Any:
    """Return a different value of the same type."""
    match value:
        case int():
            new: Any = data.draw(st.integers(-(2**63), 2**63 - 1))
        case float():
            new = data.draw(st.floats(allow_nan=False))
        case str() | bytes():
            raw = value.encode() if isinstance(value, str) else value
            at = data.draw(st.integers(0, len(raw)))
            cut = data.draw(st.integers(0, 3))
            put = data.draw(st.binary(max_size=3))
            changed = raw[:at] + put + raw[at + cut :]
            new = changed.decode("utf-8", "replace") if isinstance(value, str) else changed
    return new


@settings(max_examples=400)
@given(data=st.data())
def test_any_mutation_of_any_stored_value_is_found(
    whole: tuple[Database, SignedHead], data: st.DataObject
) -> None:
    database, head = whole
    table = data.draw(st.sampled_from(sorted(COLUMNS)))
    column = data.draw(st.sampled_from(COLUMNS[table]))
    rows = database.read(f"SELECT rowid, {column} FROM {table}")  # noqa: S608 - a test's
    rowid, value = data.draw(st.sampled_from(rows))
    new = mutated(data, value)
    taken = column == "seq" and table == "ledger" and (new,) in {row[:1] for row in rows}
    if new == value or taken:
        return
    with undone(database):
        statement = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"  # noqa: S608 - a test's
        database.write(statement, (new, rowid))
        found = Ledger(database, SEED).verify()
        assert not found.ok
        assert found.first_broken is not None
        assert found.reason is not None
    assert Ledger(database, SEED).verify([head]).ok


@settings(max_examples=100)
@given(data=st.data())
def test_any_removal_is_found_with_a_head_from_before(
    whole: tuple[Database, SignedHead], data: st.DataObject
) -> None:
    database, head = whole
    seqs = [seq for (seq,) in database.read("SELECT seq FROM ledger ORDER BY seq")]
    gone = data.draw(st.lists(st.sampled_from(seqs), min_size=1, unique=True))
    with undone(database):
        for seq in gone:
            database.write("DELETE FROM ledger WHERE seq = ?", (seq,))
        found = Ledger(database, SEED).verify([head])
        assert (found.ok, found.first_broken) == (False, min(gone))


def test_it_is_no_secret_from_other_programs(database: Database, ledger: Ledger) -> None:
    """SQLite's own tools show rows as plain JSON."""
    path = database.path
    database.close()
    with sqlite3.connect(path) as connection:
        ((kind,),) = connection.execute("SELECT row ->> 'kind' FROM ledger WHERE seq = 1")
    connection.close()
    assert kind == RowKind.BEGUN
