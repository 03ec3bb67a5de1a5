"""A damaged store either reports the damage or answers as before."""

import os
import random
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.privacy.sitting import Sitting
from custom_components.indoor_voice.privacy.store.clock import Clock
from custom_components.indoor_voice.privacy.store.database import StoreError
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import OpenReason

from .exposed import ExposedHousehold
from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, STUDY, SYSTEM, Home

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = int(os.environ.get("INDOOR_VOICE_DAMAGES", "210"))
PAGE = 4096
PEOPLE = (ADA, BEN, CLEO, DEE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A closed household with data of every kind."""
    home = Home(tmp_path_factory.mktemp("whole") / "store")
    for _ in range(4):
        home.say()
    home.say(room=STUDY)
    home.judge(Sitting(), CLEO)
    home.household.pause(actor=SYSTEM, room=(STUDY, True))
    home.household.delete_last(KITCHEN, SYSTEM, 600.0)
    home.household.close()
    return home


def facts(household: ExposedHousehold) -> Any:
    """Return everything that decisions depend on, and the counts."""
    return (
        household.pauses,
        [household.consents(person) for person in PEOPLE],
        [household.key(person) for person in PEOPLE],
        household.stored.all(),
        household.stored.holders(),
        [household.stored.reviewed(person) for person in PEOPLE],
        household.totals(),
    )


def opened(home: Home, path: Path) -> ExposedHousehold:
    clock = Clock(lambda: home.wall, lambda: home.elapsed)
    return ExposedHousehold.open(path, clock, bytes(32))


def flip(raw: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 3, 50))):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)


def flip_header(raw: bytearray, chance: random.Random) -> None:
    raw[chance.randrange(100)] = chance.randrange(256)


def truncate(raw: bytearray, chance: random.Random) -> None:
    del raw[chance.randrange(len(raw)) :]


def swap_pages(raw: bytearray, chance: random.Random) -> None:
    one, other = (chance.randrange(len(raw) // PAGE) * PAGE for _ in range(2))
    raw[one : one + PAGE], raw[other : other + PAGE] = (
        raw[other : other + PAGE],
        raw[one : one + PAGE],
    )


def overwrite(raw: bytearray, chance: random.Random) -> None:
    at, length = chance.randrange(len(raw)), chance.choice((4, 100, PAGE))
    raw[at : at + length] = chance.randbytes(min(length, len(raw) - at))


def zero(raw: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(raw) // PAGE) * PAGE
    raw[at : at + PAGE] = bytes(PAGE)


DAMAGES = (flip, flip_header, truncate, swap_pages, overwrite, zero)


def check_open(home: Home, household: ExposedHousehold, before: Any, ledger: Any) -> None:
    """Check that it answers as before, and use every part of it."""
    household.arrange(home.arrangement, SYSTEM)
    assert facts(household) == before
    found = household.verify([ledger[0]])
    for person in PEOPLE:
        written = {repr(row) for row in ledger[1][person]}
        rows = {repr(row) for row in household.rows(person) if row.seq <= ledger[0].seq}
        assert rows <= written
        assert rows == written or not found.ok, "missing rows are detected"
    household.copy(ADA)
    for recording in household.recordings(CLEO):
        for part in Part:
            household.open_recording(recording.id, CLEO, part, OpenReason.OWN)
    household.expire()
    household.delete_since(None, 0.0, SYSTEM)


def try_out(home: Home, path: Path, before: Any, ledger: Any) -> bool:
    """Open a damaged store and use it; return whether it could be opened."""
    content = path.read_bytes()
    try:
        household = opened(home, path)
    except StoreError:
        assert path.read_bytes() == content, "it is not modified"
        return False
    with suppress(StoreError):
        check_open(home, household, before, ledger)
    household.close()
    return True


@pytest.mark.parametrize("text", [b"clip_facts", b"CREATE TABLE", b"sealed_key"])
def test_damage_to_the_names_of_its_tables_is_told(home: Home, tmp_path: Path, text: bytes) -> None:
    """SQLite's own message then contains unreadable bytes."""
    whole, path = home.path.read_bytes(), tmp_path / "store"
    at = -1
    while (at := whole.find(text, at + 1)) >= 0:
        for offset in range(len(text)):
            raw = bytearray(whole)
            raw[at + offset] = 0xA0
            path.write_bytes(raw)
            with pytest.raises(StoreError):
                opened(home, path)
            assert path.read_bytes() == raw


def test_no_damage_gives_a_wrong_answer_or_a_programs_error(home: Home, tmp_path: Path) -> None:
    whole = home.path.read_bytes()
    path = tmp_path / "store"
    path.write_bytes(whole)
    household = opened(home, path)
    household.arrange(home.arrangement, SYSTEM)
    before = facts(household)
    ledger = household.head(), {person: household.rows(person) for person in PEOPLE}
    household.close()
    outcomes = []
    for seed in range(SEEDS):
        chance = random.Random(seed)  # noqa: S311 - repeatable
        raw = bytearray(whole)
        DAMAGES[seed % len(DAMAGES)](raw, chance)
        if len(raw) == 0:
            continue
        folder = tmp_path / f"{seed}"
        folder.mkdir()
        (folder / "store").write_bytes(raw)
        outcomes.append(try_out(home, folder / "store", before, ledger))
        shutil.rmtree(folder)
    assert outcomes.count(True) > 0
    assert outcomes.count(False) > SEEDS // 2


def test_no_damage_to_the_log_of_a_killed_process_gives_a_wrong_answer(
    home: Home, tmp_path: Path
) -> None:
    """The last transaction is complete or absent, or the store reports the damage."""
    path = tmp_path / "store"
    shutil.copy(home.path, path)
    household = opened(home, path)
    household.arrange(home.arrangement, SYSTEM)
    states = [facts(household)]
    household.database.scrubs = False  # killed before that
    household.withdraw(BEN, Purpose.KEEP, None, "panel")
    states.append(facts(household))
    main, log = path.read_bytes(), path.with_name("store-wal").read_bytes()
    household.abandon()
    assert len(log) > PAGE
    outcomes = []
    for seed in range(SEEDS // 3):
        chance = random.Random(seed)  # noqa: S311 - repeatable
        raw = bytearray(log)
        if seed:
            DAMAGES[seed % len(DAMAGES)](raw, chance)
        folder = tmp_path / f"{seed}"
        folder.mkdir()
        copied = folder / "store"
        copied.write_bytes(main)
        copied.with_name("store-wal").write_bytes(raw)
        try:
            household = opened(home, copied)
        except StoreError:
            assert copied.read_bytes() == main, "it is not modified"
            continue
        outcomes.append(states.index(facts(household)))
        household.close()
        shutil.rmtree(folder)
    assert set(outcomes) == {0, 1}
