"""The store's file: private, changed completely or not at all, with clear errors."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from custom_components.indoor_voice.privacy.store import records
from custom_components.indoor_voice.privacy.store.database import (
    CorruptStoreError,
    Database,
    NewerStoreError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
)
from tests.mounts import UNSHARED, needs_mounts

NOBODY = 65534
LARGE = os.urandom(200_000)


def put(database: Database, person: str, public: bytes = b"public") -> None:
    with database.transaction():
        records.put_key(database, person, public, 1.0)


def put_key_and_fail(database: Database) -> None:
    records.put_key(database, "ann", b"public", 1.0)
    raise TypeError


def kept(path: Path) -> dict[str, bytes]:
    database = Database.open(path)
    try:
        return records.keys(database)
    finally:
        database.close()


def modes(path: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}


def test_it_is_private_from_its_first_moment(path: Path) -> None:
    before = os.umask(0)
    try:
        database = Database.open(path)
        put(database, "ann")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert modes(path) == {path.name: 0o600, f"{path.name}-wal": 0o600}
    database.close()
    path.chmod(0o644)
    Database.open(path).close()
    assert modes(path) == {path.name: 0o600}


def test_what_is_written_is_there_after_closing(path: Path) -> None:
    database = Database.open(path)
    put(database, "ann")
    database.close()
    assert kept(path) == {"ann": b"public"}


def test_a_transaction_happens_as_a_whole(database: Database) -> None:
    with pytest.raises(TypeError), database.transaction():
        put_key_and_fail(database)
    assert records.keys(database) == {}
    put(database, "ann")  # the next transaction works
    assert records.key(database, "ann") == b"public"


def test_nothing_is_written_outside_of_a_transaction(database: Database) -> None:
    with pytest.raises(RuntimeError):
        records.put_setting(database, "mark", 1)


def test_mistakes_of_ours_are_not_called_a_damaged_store(database: Database) -> None:
    put(database, "ann")
    with pytest.raises(sqlite3.IntegrityError):
        put(database, "ann")
    with pytest.raises(sqlite3.OperationalError):
        database.read("SELECT nonsense")


def test_an_empty_file_is_a_new_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert kept(path) == {}


def refused(path: Path, expected: type[StoreError]) -> None:
    """Check that a store is not opened, the error says what to do, and nothing is modified."""
    before = path.read_bytes()
    with pytest.raises(expected) as raised:
        Database.open(path)
    assert type(raised.value) is expected
    assert str(path) in str(raised.value)
    assert str(raised.value).endswith(".")
    assert path.read_bytes() == before


def some_store(path: Path) -> None:
    database = Database.open(path)
    for person in range(200):
        put(database, f"{person}", LARGE[:2000])
    database.close()


@pytest.mark.parametrize("size", [100, 4096, 100_000])
def test_random_bytes_are_not_a_store(path: Path, size: int) -> None:
    path.parent.mkdir()
    path.write_bytes(LARGE[:size])
    refused(path, CorruptStoreError)


@pytest.mark.parametrize("at", [0, 0.3, 0.6, 0.9])
def test_damage_anywhere_in_its_pages_is_found(path: Path, at: float) -> None:
    some_store(path)
    content = bytearray(path.read_bytes())
    start = int(at * len(content)) // 4096 * 4096
    content[start : start + 4096] = LARGE[:4096]
    path.write_bytes(content)
    refused(path, CorruptStoreError)


def test_a_file_that_was_cut_off_is_damaged(path: Path) -> None:
    some_store(path)
    path.write_bytes(path.read_bytes()[: -5 * 4096])
    refused(path, CorruptStoreError)


def test_another_programs_database_is_not_ours(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE states (state)")
    other.close()
    refused(path, CorruptStoreError)


def test_a_newer_versions_store_is_left_to_it(path: Path) -> None:
    some_store(path)
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    refused(path, NewerStoreError)


def test_damage_that_shows_later_is_told_too(path: Path, database: Database) -> None:
    for person in range(200):
        put(database, f"{person}", LARGE[:2000])
    database.scrub()
    database.read("PRAGMA shrink_memory")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(LARGE)
    with pytest.raises(CorruptStoreError):
        records.keys(database)


def test_two_do_not_use_one_store(path: Path, database: Database) -> None:
    refused(path, StoreUnavailableError)
    put(database, "ann")


def test_what_is_no_file_cannot_be_used(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreUnavailableError):
        Database.open(path)
    with pytest.raises(StoreUnavailableError):
        Database.open(Path("/dev/null/store"))


def test_a_full_store_is_reported_and_loses_nothing(path: Path, database: Database) -> None:
    put(database, "ann")
    database.read("PRAGMA max_page_count = 40")
    with pytest.raises(StoreFullError):
        put(database, "ben", LARGE)
    assert records.keys(database) == {"ann": b"public"}
    put(database, "eve")  # something small still fits
    with database.transaction():
        records.drop_key(database, "ann")
    assert records.keys(database) == {"eve": b"public"}


# Errors of the disk, each in a separate process.

PRELUDE = """
import os, resource, sys, types
from pathlib import Path
for name in ("custom_components", "custom_components.indoor_voice"):
    package = types.ModuleType(name)  # without Home Assistant, which is slow to import
    package.__path__ = [name.replace(".", "/")]
    sys.modules[name] = package
from custom_components.indoor_voice.privacy.store import database as store, records
path = Path(sys.argv[1])
def told(action):
    try:
        action()
    except store.StoreError as err:
        print(type(err).__name__)
    else:
        print("fine")
def put(person, public):
    with database.transaction():
        records.put_key(database, person, public, 1.0)
"""


def said(path: Path, script: str, *, unshared: bool = False) -> list[str]:
    command = [sys.executable, "-c", PRELUDE + script, str(path)]
    ran = subprocess.run(  # noqa: S603 - ours
        [*UNSHARED, *command] if unshared else command,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def test_a_failed_write_is_told_and_loses_nothing(path: Path) -> None:
    script = """
database = store.Database.open(path)
put("ann", b"public")
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))
told(lambda: put("ben", bytes(200_000)))
told(lambda: put("eve", b"public"))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
told(lambda: put("dan", b"public"))
"""
    assert said(path, script) == ["StoreUnavailableError", "fine", "fine"]
    assert kept(path).keys() == {"ann", "eve", "dan"}


@needs_mounts
def test_a_full_disk_is_told_and_loses_nothing(path: Path) -> None:
    path.parent.mkdir()
    script = """
import subprocess
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(path.parent)], check=True)
database = store.Database.open(path)
put("ann", b"public")
told(lambda: put("ben", bytes(500_000)))
told(lambda: put("eve", b"public"))
try:
    (path.parent / "other").write_bytes(bytes(500_000))
except OSError:
    pass
told(lambda: put("joe", b"public"))
(path.parent / "other").unlink()
told(lambda: put("dan", b"public"))
people = records.keys(database).keys()
print(*sorted(people))
"""
    assert said(path, script, unshared=True) == [
        *("StoreFullError", "fine", "StoreFullError", "fine"),
        *("ann", "dan", "eve"),
    ]


@needs_mounts
def test_a_disk_that_becomes_read_only_is_told(path: Path) -> None:
    path.parent.mkdir()
    script = """
import subprocess
def mount(*options):
    subprocess.run(["mount", *options, str(path.parent)], check=True)
mount("-t", "tmpfs", "tmpfs")
database = store.Database.open(path)
put("ann", b"public")
database.close()
mount("-o", "remount,bind,ro")
before = path.read_bytes()
told(lambda: store.Database.open(path))
print(path.read_bytes() == before)
mount("-o", "remount,bind,rw")
told(lambda: store.Database.open(path).close())
"""
    assert said(path, script, unshared=True) == ["StoreReadOnlyError", "True", "fine"]


@pytest.mark.parametrize("widened", ["file", "folder"])
def test_a_store_without_permission_to_change_it_is_told(widened: str) -> None:
    # Not in tmp_path, which only its owner may enter.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder, "made", "household.log.sqlite")
        some_store(path)
        before = path.read_bytes()
        path.chmod(0o444 if widened == "file" else 0o666)
        path.parent.chmod(0o777 if widened == "file" else 0o555)
        script = f"""
os.setresuid({NOBODY}, {NOBODY}, {NOBODY}) if os.geteuid() == 0 else None
told(lambda: store.Database.open(path))
"""
        assert said(path, script) == ["StoreReadOnlyError"]
        assert path.read_bytes() == before
        path.parent.chmod(0o755)


# Deleted data is gone.


def everything(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_what_was_deleted_is_in_no_file_any_more(path: Path, database: Database) -> None:
    empty = len(everything(path))
    secrets = {f"{number}": os.urandom(80) for number in range(300)}
    for number, secret in secrets.items():
        put(database, number, secret)
    gone = {number for number in secrets if int(number) % 3}
    for number in gone:
        with database.transaction():
            records.drop_key(database, number)
    raw = everything(path)
    for number, secret in secrets.items():
        pieces = {secret[at : at + 16] in raw for at in (0, 32, 64)}
        assert pieces == {number not in gone}
    assert len(raw) - empty < 22_000


def test_scrubbing_after_a_crash_is_done_at_opening(path: Path) -> None:
    secret = os.urandom(80)
    script = f"""
database = store.Database.open(path)
put("ann", bytes.fromhex("{secret.hex()}"))
database.scrub = lambda: None
with database.transaction():
    records.drop_key(database, "ann")
os._exit(0)
"""
    said(path, script)
    assert secret in everything(path)
    assert kept(path) == {}
    assert secret not in everything(path)


def test_records_keep_and_forget(database: Database) -> None:
    with database.transaction():
        records.save_consent(database, "1", "ann", {"events": [1]})
        records.save_consent(database, "2", "ben", {"events": []})
        records.save_consent(database, "1", "ann", {"events": [1, 2]})
        records.put_key(database, "ann", b"public", 1.0)
        records.put_setting(database, "mark", 1.5)
        records.put_setting(database, "mark", [2.5, None])
        for day, by in (("2026-11-21", 1), ("2026-11-22", 2), ("2026-11-22", 3)):
            records.count(database, day, "kept", by)
    assert records.consents(database) == [{"events": [1, 2]}, {"events": []}]
    assert records.get_setting(database, "mark") == [2.5, None]
    assert records.get_setting(database, "nothing") is None
    assert records.counts(database) == {"kept": 6}
    assert records.counts(database, "2026-11-22") == {"kept": 5}
    assert records.key(database, "ben") is None
    with database.transaction():
        assert records.drop_key(database, "ann")
        assert not records.drop_key(database, "ann")
        assert records.drop_counts(database, "2026-11-22") == 1
    assert records.counts(database) == {"kept": 5}


@pytest.mark.parametrize("damage", ["", "{", "[" * 100_000, b"\xff\xfe".decode("latin-1")])
def test_a_damaged_consent_is_as_if_it_had_never_been_given(
    database: Database, damage: str
) -> None:
    with database.transaction():
        records.save_consent(database, "1", "ann", {"events": [1]})
        records.save_consent(database, "2", "ben", {"events": [2]})
        records.put_setting(database, "mark", 1.5)
        database.write("UPDATE consent SET json = ? WHERE id = '1'", (damage,))
        database.write("UPDATE setting SET value = CAST(x'ff22' AS TEXT)")
    assert records.consents(database) == [{"events": [2]}]
    assert records.get_setting(database, "mark") is None
