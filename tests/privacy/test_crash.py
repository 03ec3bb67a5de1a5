"""Killed at any point, a household has each change completely or not at all."""

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from custom_components.indoor_voice.privacy.store.clock import Clock
from custom_components.indoor_voice.privacy.store.ledger_rows import SignedHead
from custom_components.indoor_voice.privacy.store.sealing import Part

from . import crashing
from .exposed import ExposedHousehold
from .listener import Listener

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

KILLS = 25
LONGEST_SECONDS = 0.25


def run_and_kill(path: Path, listeners: Collection[Listener], seed: int) -> list[str]:
    """Return the lines that the household printed before it was killed."""
    publics = [listener.public.hex() for listener in listeners]
    with subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, crashing.__file__, str(path), *publics, str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        first = process.stdout.readline()
        time.sleep(random.Random(seed).uniform(0, LONGEST_SECONDS))  # noqa: S311 - repeatable
        process.kill()
        lines = [first, *process.stdout]
        assert first, process.stderr.read()
    return [line for line in lines if line.endswith("\n")]


def head_of(line: str, public: bytes) -> SignedHead:
    seq, digest, at, signature, _ = line.split(" ")
    return SignedHead(
        seq=int(seq),
        hash=bytes.fromhex(digest),
        time=float(at),
        signature=bytes.fromhex(signature),
        public=public,
    )


def recordings_of(line: str) -> list[str]:
    return [recording for recording in line.strip().rpartition(" ")[2].split(",") if recording]


def check(household: ExposedHousehold, told: list[str], listeners: dict[str, Listener]) -> None:
    database, recordings = household.database, household.stored
    assert database.read("PRAGMA integrity_check") == [("ok",)]
    assert database.read("PRAGMA foreign_key_check") == []

    # No printed change is lost, and at most one more has happened.
    public = household.head().public
    found = household.verify([head_of(line, public) for line in told])
    assert found.ok, found
    before, after = recordings_of(told[-1]), [recording.id for recording in recordings.all()]
    assert len(set(after) - set(before)) <= 1
    assert len(set(before) - set(after)) in (0, 1, 2, 3, len(before))

    # No recording is incomplete, and there is no key without a recording.
    ids = [row[0] for row in database.read("SELECT id FROM clip")]
    assert sorted(ids) == sorted(after)
    assert recordings.holders() == {recording: frozenset(listeners) for recording in after}
    for recording in recordings.all():
        for person, listener in listeners.items():
            key, words = (
                recordings.key(recording.id, person),
                recordings.part(recording.id, Part.WORDS),
            )
            assert key
            assert words
            assert listener.open(key, recording.id, "words", words) == b'{"said": "something"}'

    # The counts agree.
    totals = household.totals()
    assert totals.recordings == totals.kept - totals.deleted == len(after)
    assert totals.captured == totals.kept


def test_killed_at_any_point_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "household.log.sqlite"
    listeners = {person: Listener.quick() for person in crashing.PEOPLE}
    steps = 0
    for kill in range(KILLS):
        told = run_and_kill(path, listeners.values(), kill)
        steps += len(told) - 1
        household = ExposedHousehold.open(path, Clock(), crashing.SEED)
        try:
            check(household, told, listeners)
        finally:
            household.close()
    assert steps > KILLS  # it was killed while working
