"""The public halves of the listening keys, within the household's transactions."""

from typing import TYPE_CHECKING

from .consent.preconditions import require_person
from .errors import NotAllowedError, Refusal
from .store import records
from .store.ledger import RowKind
from .store.sealing import is_public_key
from .types import Actor

if TYPE_CHECKING:
    from .audience import Audience
    from .door import Door
    from .journal import Journal
    from .people import Arrangement, PersonId
    from .store.database import Database
    from .store.recordings import Recordings


class Keyring:
    """Whose key there is; raises `StoreError`."""

    def __init__(
        self,
        database: Database,
        recordings: Recordings,
        journal: Journal,
        audience: Audience,
        door: Door,
    ) -> None:
        self._database = database
        self._recordings = recordings
        self._journal = journal
        self._audience = audience
        self._door = door

    def add(self, now: float, arrangement: Arrangement, person: PersonId, public: bytes) -> None:
        """Take in a key; raises `NotAllowedError`."""
        require_person(arrangement, person)
        if not is_public_key(public):
            raise NotAllowedError(Refusal.BAD_TERMS)
        if records.key(self._database, person) is not None:
            raise NotAllowedError(Refusal.HAS_KEY)
        records.put_key(self._database, person, public, now)
        actor = Actor(person=person, how="panel")
        # About everyone: who names somebody is to see that another key opens what he may hear.
        self._journal.record(now, RowKind.KEY_CREATED, actor)
        self._audience.note(now, actor)

    def get(self, person: PersonId) -> bytes | None:
        """Return somebody's key."""
        return records.key(self._database, person)

    def remove(self, now: float, person: PersonId, actor: Actor) -> int:
        """Forget a key; returns how many recordings nobody can open now and are gone."""
        if not records.drop_key(self._database, person):
            return 0
        self._recordings.drop_keys_of(person)
        self._journal.record(now, RowKind.KEY_REMOVED, actor, detail={"person": person})
        self._audience.note(now, actor)
        return self._door.delete_unopenable(now, "key-removed", actor)

    def remove_of_the_gone(self, now: float, arrangement: Arrangement, actor: Actor) -> None:
        """Forget the keys of accounts that are no more."""
        living = arrangement.accounts | arrangement.people.keys()
        for person in sorted(records.keys(self._database).keys() - living):
            self.remove(now, person, actor)
