"""Changes to the file from outside are detected before they have any effect."""

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.privacy.household import Household
from custom_components.indoor_voice.privacy.people import DAY_SECONDS
from custom_components.indoor_voice.privacy.sitting import Sitting
from custom_components.indoor_voice.privacy.store.clock import Clock
from custom_components.indoor_voice.privacy.store.database import (
    ChangedStoreError,
    CorruptStoreError,
)
from custom_components.indoor_voice.privacy.store.ledger import Ledger

from .listener import Listener
from .older import drop_what_came_later, make_older
from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, STUDY, SYSTEM, WEEK, Home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_OTHERS: Final = Listener.quick().public


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "household.log.sqlite")
    home.say()
    home.household.close()
    return home


def forge(home: Home, sql: str, *parameters: object) -> None:
    with closing(sqlite3.connect(home.path)) as connection, connection:
        assert connection.execute(sql, parameters).rowcount > 0


def consent_of(home: Home, person: str, purpose: str) -> dict[str, Any]:
    with closing(sqlite3.connect(home.path)) as connection:
        rows = connection.execute("SELECT json FROM consent WHERE principal = ?", (person,))
        found = (json.loads(text) for (text,) in rows)
        return next(one for one in found if one["terms"]["purpose"] == purpose)


def name_dee(home: Home) -> None:
    """Forge consents of Ada and Ben that name Dee."""
    for person in (ADA, BEN):
        consent = consent_of(home, person, "listen")
        consent["terms"] |= {"listeners": [CLEO, DEE]}
        forge(home, "UPDATE consent SET json = ? WHERE id = ?", json.dumps(consent), consent["id"])


def consent_for_dee(home: Home) -> None:
    consent = consent_of(home, ADA, "keep") | {"id": "2f0f5a8e-7a4f-4c1d-9d52-5d4d1a3b1c11"}
    sql = "INSERT INTO consent VALUES (?, ?, ?)"
    forge(home, sql, consent["id"], DEE, json.dumps(consent).replace('"ada"', '"dee"'))


def forget_that_consent_was_asked(home: Home) -> None:
    forge(home, "DELETE FROM consent WHERE principal = ?", BEN)


def take_cleos_place(home: Home) -> None:
    forge(home, "UPDATE public_key SET public = ? WHERE person = ?", _OTHERS, CLEO)


def allow_more(home: Home) -> None:
    forge(home, "UPDATE setting SET value = replace(value, '604800', '2592000')"
          " WHERE name = 'ceilings'")  # fmt: skip


def switch_on_again(home: Home) -> None:
    sql = "INSERT INTO setting VALUES ('pauses', ?)"
    forge(home, sql, json.dumps({"household": False, "rooms": [], "guests_until": None}))


def begin_anew_with_what_was_forged(home: Home) -> None:
    forge(home, "DELETE FROM seal")
    forge(home, "DELETE FROM ledger")


def change_a_recording(column: str, value: object) -> Callable[[Home], None]:
    def change(home: Home) -> None:
        forge(home, f"UPDATE clip SET {column} = ?", value)  # noqa: S608 - a test's

    change.__name__ = f"another_{column}"
    return change


def bring_back_a_row(home: Home) -> None:
    """Restore a deleted recording from an older copy of the store."""
    columns = (
        "id, room, captured, expires, seconds, members, listeners, size, words, sound, features"
    )
    with closing(sqlite3.connect(home.path)) as connection:
        before = connection.execute(f"SELECT {columns} FROM clip").fetchone()  # noqa: S608
        keys = connection.execute("SELECT * FROM sealed_key").fetchall()
    home.start()
    home.household.delete_since(None, 0.0, SYSTEM)
    home.household.close()
    forge(home, "INSERT INTO clip VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *before)
    for key in keys:
        forge(home, "INSERT INTO sealed_key VALUES (?, ?, ?)", *key)


def bring_back_a_consent(home: Home) -> None:
    consent = consent_of(home, ADA, "keep")
    home.start()
    home.household.withdraw(ADA, Purpose.KEEP, None, "panel")
    home.household.close()
    sql = "UPDATE consent SET json = ? WHERE id = ?"
    forge(home, sql, json.dumps(consent, sort_keys=True), consent["id"])


def give_a_key_to_dee(home: Home) -> None:
    forge(home, "INSERT INTO sealed_key SELECT clip, 'dee', sealed FROM sealed_key LIMIT 1")


def take_a_key(home: Home) -> None:
    forge(home, "DELETE FROM sealed_key WHERE person = ?", CLEO)


def exchange_keys(home: Home) -> None:
    forge(home, "UPDATE sealed_key SET sealed = zeroblob(80) WHERE person = ?", CLEO)


def remove_a_recording(home: Home) -> None:
    forge(home, "DELETE FROM sealed_key")
    forge(home, "DELETE FROM clip")


def double_a_recording(home: Home) -> None:
    forge(home, "INSERT INTO clip SELECT 'other', room, captured, expires, seconds, members,"
          " listeners, size, words, sound, features FROM clip")  # fmt: skip


def turn_the_clock_back(home: Home) -> None:
    forge(home, "UPDATE setting SET value = json_set(value, '$.time', 1.0) WHERE name = 'clock'")


def add_what_cannot_be_seen(home: Home) -> None:
    """SQLite's own tools show the text only up to the zero."""
    forge(home, "UPDATE consent SET json = json || char(0) || 'x' WHERE principal = ?", BEN)


def give_in_another_order(home: Home) -> None:
    forge(home, "UPDATE consent SET rowid = rowid + 1000 WHERE principal = ?", ADA)


def count_otherwise(home: Home) -> None:
    forge(home, "UPDATE counter SET count = count + 1 WHERE name = 'kept'")


def forget_what_was_reviewed(home: Home) -> None:
    home.start()
    home.judge(Sitting(), CLEO)
    home.household.close()
    forge(home, "DELETE FROM verdict")
    forge(home, "DELETE FROM reviewed")


def review_more_than_is_good(home: Home) -> None:
    home.start()
    home.judge(Sitting(), CLEO)
    home.household.close()
    forge(home, "DELETE FROM setting WHERE name = 'review openings'")


def cut_off_the_newest_row(home: Home) -> None:
    """Hide a refused attempt."""
    forge(home, "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)")


def empty_the_ledger(home: Home) -> None:
    forge(home, "DELETE FROM ledger")


def bring_back_an_older_ledger(home: Home) -> None:
    with closing(sqlite3.connect(home.path)) as connection:
        before = connection.execute("SELECT * FROM ledger").fetchall()
    home.start()
    home.household.refuse_names(DEE, ["not her recording"])
    home.household.close()
    forge(home, "DELETE FROM ledger")
    for row in before:
        forge(home, "INSERT INTO ledger VALUES (?, ?, ?, ?)", *row)


def take_for_an_older_store_in_which_nothing_was_ever_asked(home: Home) -> None:
    """Delete the opt-outs unnoticed."""
    forge(home, "DELETE FROM consent")
    forge(home, "DELETE FROM public_key")
    forge(home, "DELETE FROM setting")
    with closing(sqlite3.connect(home.path)) as connection, connection:
        drop_what_came_later(connection, 3)
        connection.execute("DROP TABLE seal")
        connection.execute("PRAGMA user_version = 2")


def take_a_seal_from_before(home: Home) -> None:
    with closing(sqlite3.connect(home.path)) as connection:
        ((code,),) = connection.execute("SELECT code FROM seal")
    home.start()
    home.household.pause(actor=SYSTEM, household=True)
    home.household.close()
    forge(home, "UPDATE seal SET code = ?", code)


@pytest.mark.parametrize(
    "change",
    [
        change_a_recording("room", STUDY),
        change_a_recording("captured", 1.8e9 + 1),
        change_a_recording("expires", 1.8e9 + 20 * DAY_SECONDS),
        change_a_recording("seconds", 1.0),
        change_a_recording("members", '["cleo"]'),
        change_a_recording("listeners", '["ada", "ben", "cleo", "dee"]'),
        change_a_recording("size", 1),
        change_a_recording("id", "another"),
        bring_back_a_row,
        bring_back_a_consent,
        give_a_key_to_dee,
        take_a_key,
        exchange_keys,
        remove_a_recording,
        double_a_recording,
        turn_the_clock_back,
        add_what_cannot_be_seen,
        give_in_another_order,
        count_otherwise,
        forget_what_was_reviewed,
        review_more_than_is_good,
        take_a_seal_from_before,
        cut_off_the_newest_row,
        empty_the_ledger,
        bring_back_an_older_ledger,
        take_for_an_older_store_in_which_nothing_was_ever_asked,
        name_dee,
        consent_for_dee,
        forget_that_consent_was_asked,
        take_cleos_place,
        allow_more,
        switch_on_again,
        begin_anew_with_what_was_forged,
    ],
)
def test_nothing_that_was_forged_holds(home: Home, change: Callable[[Home], None]) -> None:
    change(home)
    before = home.path.read_bytes()
    for _ in range(2):
        with pytest.raises(ChangedStoreError, match="something other than Indoor Voice"):
            home.open()
    assert home.path.read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER sly AFTER INSERT ON counter BEGIN DELETE FROM sealed_key; END",
        "CREATE VIEW sly AS SELECT 1",
        "CREATE INDEX sly ON clip (room)",
        "DROP INDEX sealed_key_by_person",
        "DROP VIEW clip_facts",
    ],
)
def test_nothing_that_answers_in_place_of_our_tables_is_taken(home: Home, statement: str) -> None:
    with closing(sqlite3.connect(home.path)) as connection, connection:
        connection.execute(statement)
    with pytest.raises(CorruptStoreError):
        home.open()


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_a_store_of_an_earlier_version_is_taken_over_and_sealed(home: Home, version: int) -> None:
    make_older(home.path, version)
    home.start()
    assert [recording.room for recording in home.household.recordings(CLEO)] == [KITCHEN]
    assert home.household.verify().ok
    home.restart()
    home.household.close()
    change_a_recording("members", '["cleo"]')(home)
    with pytest.raises(ChangedStoreError):
        home.open()


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_what_was_forged_in_an_earlier_versions_store_is_not_taken_over(
    home: Home, version: int
) -> None:
    make_older(home.path, version)
    name_dee(home)
    before = home.path.read_bytes()
    with pytest.raises(ChangedStoreError):
        home.open()
    assert home.path.read_bytes() == before


def test_a_store_of_an_earlier_version_without_its_seal_is_not_taken_over(home: Home) -> None:
    make_older(home.path, 2)
    forge(home, "DELETE FROM setting WHERE name = 'seal'")
    with pytest.raises(ChangedStoreError):
        home.open()


def test_a_change_costs_as_much_however_much_is_kept(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seal is updated from the written rows alone, and equals the full sum."""
    codes: list[bytes] = []
    make_code = Ledger.code

    def code(ledger: Ledger, content: bytes) -> bytes:
        codes.append(content)
        return make_code(ledger, content)

    monkeypatch.setattr(Ledger, "code", code)
    home.start()
    counted = []
    for _ in range(4):
        codes.clear()
        home.say()
        counted.append(len(codes))
    assert max(counted) <= min(counted) + 2
    codes.clear()
    home.restart()  # raises unless the stored seal is the full sum
    assert len(codes) > max(counted)


def test_another_seed_did_not_write_it(home: Home) -> None:
    clock = Clock(lambda: home.wall, lambda: home.elapsed)
    with pytest.raises(ChangedStoreError):
        Household.open(home.path, clock, bytes(31) + b"x")


def test_what_we_wrote_ourselves_is_taken_over(home: Home) -> None:
    home.start()
    home.household.pause(actor=SYSTEM, room=(KITCHEN, True))
    home.name(ADA, BEN)
    home.restart()
    assert home.household.pauses.rooms == {KITCHEN}
    home.wait(WEEK)
    home.household.expire()
    home.restart()
