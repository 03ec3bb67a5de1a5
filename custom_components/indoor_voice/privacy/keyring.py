"""Add, remove and compare the public halves of the listening keys."""

from typing import TYPE_CHECKING, Final

from .consent.preconditions import require_person
from .errors import NotAllowedError, Refusal
from .store import records
from .store.ledger_rows import RowKind
from .store.sealing import is_public_key
from .types import ITSELF, Actor, KeyChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .audience import Audience
    from .door import Door
    from .journal import Journal
    from .people import Arrangement, PersonId
    from .store.database import Database
    from .store.recordings import Recordings
    from .store.records import Json

_FOUND_KEYS: Final = "found keys"


class Keyring:
    """Manages the keys within the household's transactions; raises `StoreError`."""

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
        """Add a person's key; raises `NotAllowedError`."""
        require_person(arrangement, person)
        if not is_public_key(public):
            raise NotAllowedError(Refusal.BAD_TERMS)
        if records.key(self._database, person) is not None:
            raise NotAllowedError(Refusal.HAS_KEY)
        records.put_key(self._database, person, public, now)
        actor = Actor(person=person, how="panel")
        # For everyone: people who name somebody should see if that person's key was replaced.
        self._journal.record(now, RowKind.KEY_CREATED, actor)
        self._audience.note(now, actor)

    def get(self, person: PersonId) -> bytes | None:
        """Return a person's key."""
        return records.key(self._database, person)

    def remove(self, now: float, person: PersonId, actor: Actor) -> int:
        """Remove a key and the recordings that only it could open; returns how many recordings."""
        if not records.drop_key(self._database, person):
            return 0
        self._recordings.drop_keys_of(person)
        self._journal.record(now, RowKind.KEY_REMOVED, actor, detail={"person": person})
        self._audience.note(now, actor)
        return self._door.delete_unopenable(now, "key-removed", actor)

    def compare(
        self, arrangement: Arrangement, locked: Mapping[PersonId, bytes]
    ) -> dict[PersonId, KeyChange]:
        """Compare the public halves of the locked keys with the keys that their owners added.

        Returns the differences. Nothing is sealed to a key because it was found.
        """
        known = records.keys(self._database)
        return {
            id_: change
            for id_, person in arrangement.people.items()
            if person.has_account and (change := _key_change(known.get(id_), locked.get(id_)))
        }

    def are_recorded(
        self, changes: Mapping[PersonId, KeyChange], locked: Mapping[PersonId, bytes]
    ) -> bool:
        """Return whether `record_changes` has recorded these differences already."""
        return _described(changes, locked) == self._recorded()

    def record_changes(
        self, now: float, changes: Mapping[PersonId, KeyChange], locked: Mapping[PersonId, bytes]
    ) -> None:
        """Record in the ledger the differences that are not recorded yet."""
        described, before = _described(changes, locked), self._recorded()
        for person in sorted(id_ for id_ in described if described[id_] != before.get(id_)):
            detail = {"person": person, "change": changes[person].value}
            self._journal.record(now, RowKind.KEY_FOUND, ITSELF, detail=detail)
        records.put_setting(self._database, _FOUND_KEYS, described)

    def _recorded(self) -> dict[str, Json]:
        stored = records.get_setting(self._database, _FOUND_KEYS) or {}
        assert isinstance(stored, dict), "the store is authenticated, so we wrote it"
        return stored

    def remove_deleted_accounts(self, now: float, arrangement: Arrangement, actor: Actor) -> None:
        """Remove the keys of accounts that were deleted."""
        existing = arrangement.accounts | arrangement.people.keys()
        for person in sorted(records.keys(self._database).keys() - existing):
            self.remove(now, person, actor)


def _key_change(known: bytes | None, locked: bytes | None) -> KeyChange | None:
    if known == locked:
        return None
    if known is None:
        return KeyChange.ADDED
    return KeyChange.MISSING if locked is None else KeyChange.CHANGED


def _described(
    changes: Mapping[PersonId, KeyChange], locked: Mapping[PersonId, bytes]
) -> dict[str, Json]:
    return {id_: [change.value, locked.get(id_, b"").hex()] for id_, change in changes.items()}
