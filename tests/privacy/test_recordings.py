"""Sealed recordings in the store: keys, sizes, expiry, and damage."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.indoor_voice.privacy.people import DAY_SECONDS, MAX_RETENTION_SECONDS
from custom_components.indoor_voice.privacy.store.recordings import Recording, Recordings
from custom_components.indoor_voice.privacy.store.sealing import Part, SealedRecording

if TYPE_CHECKING:
    from pathlib import Path

    from custom_components.indoor_voice.privacy.store.database import Database

NOW = 1_800_000_000.0


@pytest.fixture
def recordings(database: Database) -> Recordings:
    return Recordings(database)


def recording(name: str, **changes: Any) -> Recording:
    made = Recording(
        id=name,
        room="kitchen",
        captured=NOW,
        expires=NOW + DAY_SECONDS,
        seconds=2.5,
        members=frozenset({"ann", "ben"}),
        listeners=frozenset({"ann", "ben"}),
    )
    return replace(made, **changes)


def content(made: Recording, size: int = 100) -> SealedRecording:
    return SealedRecording(
        words=os.urandom(40),
        sound=os.urandom(size),
        features=None,
        keys={person: os.urandom(80) for person in made.listeners},
    )


def keep(database: Database, *made: Recording) -> dict[str, SealedRecording]:
    contents = {one.id: content(one) for one in made}
    with database.transaction():
        for one in made:
            Recordings(database).insert(one, contents[one.id])
    return contents


def key_count(database: Database) -> int:
    ((count,),) = database.read("SELECT count(*) FROM sealed_key")
    return int(count)


def test_a_recording_comes_back_as_it_was_kept(database: Database, recordings: Recordings) -> None:
    one = recording("1", listeners=frozenset({"ann"}))
    kept = keep(database, one)["1"]
    assert recordings.get("1") == one
    assert recordings.part("1", Part.WORDS) == kept.words
    assert recordings.part("1", Part.SOUND) == kept.sound
    assert recordings.key("1", "ann") == kept.keys["ann"]
    assert recordings.key("1", "ben") is None
    assert recordings.total_bytes() == 40 + 100 + 80


def test_what_is_not_there_is_nothing(recordings: Recordings) -> None:
    assert recordings.all() == []
    assert recordings.get("1") is None
    assert recordings.part("1", Part.WORDS) is None
    assert recordings.key("1", "ann") is None
    assert recordings.holders() == {}
    assert recordings.total_bytes() == 0
    assert recordings.beyond(0, 9) == []


def test_the_newest_come_first_of_a_room_or_all(database: Database, recordings: Recordings) -> None:
    old, new, other = recording("1", captured=NOW - 9), recording("2"), recording("3", room="hall")
    keep(database, old, new, other)
    assert recordings.all("kitchen") == [new, old]
    assert recordings.all() == [other, new, old]
    assert recordings.all("attic") == []


def test_keys_are_dropped_from_one_recording_or_all(
    database: Database, recordings: Recordings
) -> None:
    keep(database, recording("1"), recording("2"), recording("3", listeners=frozenset({"ben"})))
    with database.transaction():
        assert recordings.drop_keys("1", {"ann", "eve"}) == 1
        assert recordings.drop_keys_of("ben") == 3
    assert recordings.holders() == {"2": {"ann"}}
    assert {one.id for one in recordings.unopenable()} == {"1", "3"}


def test_a_deleted_recording_leaves_no_key(database: Database, recordings: Recordings) -> None:
    keep(database, recording("1"), recording("2"), recording("3"))
    with database.transaction():
        assert recordings.delete(["1", "3", "4"]) == 2
    assert [one.id for one in recordings.all()] == ["2"]
    assert recordings.holders().keys() == {"2"}


def test_it_ends_exactly_at_its_end(database: Database, recordings: Recordings) -> None:
    keep(database, recording("1", expires=NOW + 10), recording("2"))
    for now, expected in ((NOW + 9.99, []), (NOW + 10, ["1"]), (NOW + 11, [])):
        with database.transaction():
            assert [one.id for one in recordings.delete_expired(now)] == expected
    assert recordings.holders().keys() == {"2"}


def test_the_oldest_make_room(database: Database, recordings: Recordings) -> None:
    keep(database, *(recording(f"{number}", captured=NOW - number) for number in range(5)))
    each = recordings.total_bytes() // 5
    for limit, expected in (
        (5 * each, []),
        (5 * each - 1, ["4"]),
        (3 * each, ["4", "3"]),
        (0, ["4", "3", "2", "1", "0"]),
    ):
        assert [one.id for one in recordings.beyond(limit, 9)] == expected
    assert [one.id for one in recordings.beyond(0, 2)] == ["4", "3"]


@pytest.mark.parametrize(
    "damage",
    [
        "id = ''",
        "room = ''",
        "captured = -1",
        "captured = 9e999",
        "expires = captured",
        "expires = 9e999",
        f"expires = captured + {MAX_RETENTION_SECONDS} + 1",
        f"captured = captured + 9 * {DAY_SECONDS}, expires = expires + 9 * {DAY_SECONDS}",
        "seconds = -1",
        "seconds = 9e999",
        "size = 0",
        "size = -1",
        "members = '[]'",
        "members = 'ann'",
        "members = '{}'",
        "members = '[1]'",
        "listeners = '[\"\"]'",
        "listeners = '[]'",
        "listeners = CAST(x'5b22ff' AS TEXT)",
        f"listeners = '{'[' * 100_000}'",
    ],
    ids=lambda damage: damage[:30],
)
def test_a_damaged_row_is_deleted_and_not_read_as_a_recording(
    database: Database, recordings: Recordings, damage: str
) -> None:
    keep(database, recording("1"), recording("2"))
    database.read("PRAGMA foreign_keys = OFF")
    with database.transaction():
        database.write(f"UPDATE clip SET {damage} WHERE id = '1'")  # noqa: S608 - a test's
    database.read("PRAGMA foreign_keys = ON")
    assert "2" in [one.id for one in recordings.all()]
    with database.transaction():
        gone = recordings.delete_expired(NOW + 1)
    # Of all this damage, only a time in the future still reads as a valid recording.
    assert [one.captured > NOW + DAY_SECONDS for one in gone] in ([], [True])
    assert [one.id for one in recordings.all()] == ["2"]
    assert database.read("SELECT id FROM clip") == [("2",)]
    assert key_count(database) == 2


def test_a_verdict_is_deleted_with_its_readers_key_or_the_recording(
    database: Database, recordings: Recordings
) -> None:
    keep(database, recording("1"), recording("2"))
    with database.transaction():
        for name in ("1", "2"):
            recordings.put_verdict(name, "cem", {"ann": b"to ann", "ben": b"to ben"})
        recordings.drop_keys("1", {"ann"})
        recordings.delete(["2"])
    assert recordings.verdicts("1", "ann") == ()
    assert recordings.verdicts("1", "ben") == (b"to ben",)
    assert recordings.reviewed("cem") == {"1"}
    assert database.read("SELECT clip, person FROM verdict") == [("1", "ben")]
    with database.transaction():
        assert recordings.drop_verdict("1", "cem")
        assert not recordings.drop_verdict("1", "cem")
    assert database.read("SELECT * FROM verdict") == []


def test_a_verdict_without_a_recording_is_deleted(
    database: Database, recordings: Recordings
) -> None:
    keep(database, recording("1"))
    with database.transaction():
        recordings.put_verdict("1", "cem", {"ann": b"to ann"})
    database.read("PRAGMA foreign_keys = OFF")
    with database.transaction():
        database.write("DELETE FROM clip")
    database.read("PRAGMA foreign_keys = ON")
    with database.transaction():
        recordings.delete_expired(NOW)
    assert recordings.reviewed("cem") == frozenset()
    assert database.read("SELECT * FROM verdict") == []


def test_a_key_without_a_recording_is_deleted(database: Database, recordings: Recordings) -> None:
    keep(database, recording("1"))
    database.read("PRAGMA foreign_keys = OFF")
    with database.transaction():
        database.write("DELETE FROM clip")
    database.read("PRAGMA foreign_keys = ON")
    assert key_count(database) == 2
    with database.transaction():
        recordings.delete_expired(NOW)
    assert key_count(database) == 0


def test_keys_and_ciphertexts_are_in_no_file_after_deletion(
    path: Path, database: Database, recordings: Recordings
) -> None:
    made = [recording(f"{number}") for number in range(60)]
    contents = {one.id: content(one, size=20_000) for one in made}
    for one in made:
        with database.transaction():
            recordings.insert(one, contents[one.id])
    gone = {one.id for one in made if int(one.id) % 4}
    with database.transaction():
        recordings.delete(gone)
    raw = b"".join(file.read_bytes() for file in path.parent.iterdir())
    for name, kept in contents.items():
        pieces = [*kept.keys.values(), kept.words, kept.sound[:200], kept.sound[9000:9100]]
        assert {piece in raw for piece in pieces} == {name not in gone}
