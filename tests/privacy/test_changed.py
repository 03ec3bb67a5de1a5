"""Somebody changes the file while nobody watches: he is found out before anything holds."""

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from custom_components.indoor_voice.privacy.clock import Clock
from custom_components.indoor_voice.privacy.database import ChangedStoreError
from custom_components.indoor_voice.privacy.household import Household

from .listener import Listener
from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, SYSTEM, WEEK, Home

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
    """Say in Ada's and Ben's names that Dee may hear them."""
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
    forge(home, "DELETE FROM setting WHERE name = 'seal'")
    forge(home, "DELETE FROM ledger")


@pytest.mark.parametrize(
    "change",
    [
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
    for _ in range(2):
        with pytest.raises(ChangedStoreError, match="something else than Indoor Voice"):
            home.open()


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
