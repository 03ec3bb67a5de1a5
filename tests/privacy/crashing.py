"""Runs a household that keeps, deletes, withdraws and consents until killed; see test_crash.py.

It does not import Home Assistant, which is slow. After each change it prints the head of the
ledger and the ids of all recordings.
"""

import random
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
for name in ("custom_components", "custom_components.indoor_voice"):
    package = types.ModuleType(name)
    package.__path__ = [str(ROOT.joinpath(*name.split(".")))]
    sys.modules.setdefault(name, package)

from custom_components.indoor_voice.privacy.consent.consent import Purpose, Terms  # noqa: E402
from custom_components.indoor_voice.privacy.consent.notices import CURRENT  # noqa: E402
from custom_components.indoor_voice.privacy.household import Household  # noqa: E402
from custom_components.indoor_voice.privacy.people import (  # noqa: E402
    DAY_SECONDS,
    Arrangement,
    Ceiling,
    Person,
    Room,
)
from custom_components.indoor_voice.privacy.store.clock import Clock  # noqa: E402
from custom_components.indoor_voice.privacy.store.database import Database  # noqa: E402
from custom_components.indoor_voice.privacy.store.recordings import Recordings  # noqa: E402
from custom_components.indoor_voice.privacy.types import Actor, EndedTurn  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

PEOPLE = ("ann", "ben")
ROOMS = frozenset({"kitchen", "hall"})
SEED = bytes(range(32))
VOICE = Actor(person=None, how="voice")


def consent(household: Household, person: str) -> None:
    others = frozenset(PEOPLE) - {person}
    for terms in (
        Terms(purpose=Purpose.KEEP, rooms=ROOMS, limit_seconds=DAY_SECONDS),
        Terms(purpose=Purpose.LISTEN, rooms=ROOMS, listeners=others),
    ):
        notice = CURRENT[terms.purpose, "en"]
        household.give(person, terms, notice.sha256, DAY_SECONDS, "action")


def step(household: Household, chance: random.Random) -> None:
    room = chance.choice(sorted(ROOMS))
    match chance.randrange(12):
        case 0:
            household.withdraw("ann", Purpose.KEEP, None, "action")
            consent(household, "ann")
        case 1 | 2:
            household.delete_last(room, VOICE, DAY_SECONDS)
        case 3:
            household.delete([recording.id for recording in household.recordings("ann")[:3]], "ann")
        case 4:
            household.expire()
        case _:
            turn = EndedTurn(
                room=room,
                understood=True,
                about_keeping=False,
                sound=bytes(chance.randrange(60_000)),
                words={"said": "something"},
            )
            assert household.turn_ended(turn).recording


def print_state(household: Household, stored: Recordings) -> None:
    head = household.head()
    recordings = ",".join(recording.id for recording in stored.all())
    print(  # noqa: T201 - read by the test
        head.seq, head.hash.hex(), head.time, head.signature.hex(), recordings, sep=" ", flush=True
    )


def main(path: Path, publics: list[bytes], seed: int) -> None:
    databases: list[Database] = []

    def open_database(path: Path, inspect: Callable[[Database], None]) -> Database:
        databases.append(Database.open(path, inspect))
        return databases[0]

    household = Household.open(path, Clock(), SEED, open_database)
    stored = Recordings(databases[0])
    arrangement = Arrangement(
        people={one: Person(id=one, name=one, has_account=True) for one in PEOPLE},
        rooms={one: Room(id=one, name=one) for one in ROOMS},
        ceiling=Ceiling(retention_seconds=DAY_SECONDS, review=True),
    )
    household.arrange(arrangement, Actor(person=None, how="system"))
    for person, public in zip(PEOPLE, publics, strict=True):
        if household.key(person) is None:
            household.add_key(person, public)
        consent(household, person)
    chance = random.Random(seed)  # noqa: S311 - repeatable
    while True:
        print_state(household, stored)
        step(household, chance)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [bytes.fromhex(public) for public in sys.argv[2:4]], int(sys.argv[4]))
