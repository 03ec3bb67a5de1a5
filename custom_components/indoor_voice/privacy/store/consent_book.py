"""The consent records of all people, in memory and in the store."""

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from ..consent.consent import ConsentEvent, ConsentRecord, State
from . import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..consent.consent import Channel, Notice, Purpose, Terms
    from ..people import PersonId, Place, RoomId
    from .database import Database

_ENDED = (State.REFUSED, State.WITHDRAWN, State.SUPERSEDED, State.EXPIRED)


class ConsentBook:
    """Adds records, and events to records, within transactions; raises `StoreError`.

    `load` must be called first, and after a transaction that failed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._records: dict[str, ConsentRecord] = {}

    @property
    def all(self) -> tuple[ConsentRecord, ...]:
        """All records, in the order in which they were added."""
        return tuple(self._records.values())

    def load(self) -> None:
        """Load the records from the store; an invalid one counts as never given."""
        self._records = {}
        for data in records.consents(self._database):
            try:
                record = ConsentRecord.from_json(data)
            except ValueError:
                continue
            self._records[record.id] = record

    def answer(  # noqa: PLR0913 - the fields of an answer
        self,
        person: PersonId,
        terms: Terms,
        notice: Notice,
        state: State,
        *,
        seen: Mapping[RoomId, Place],
        valid_seconds: float,
        now: float,
        how: Channel,
    ) -> ConsentRecord:
        """Store that a person consented or refused, and end their earlier answers for the rooms."""
        record = ConsentRecord(
            id=str(uuid4()),
            principal=person,
            terms=terms,
            notice_id=notice.id,
            language=notice.language,
            notice_sha256=notice.sha256,
            valid_seconds=valid_seconds,
            seen=seen,
            events=(ConsentEvent(time=now, state=state, by=person, how=how),),
        )
        self._end(person, terms.purpose, terms.rooms, State.SUPERSEDED, now=now, how=how)
        self._save(record)
        return record

    def bind(self, places: Mapping[RoomId, Place]) -> list[ConsentRecord]:
        """Add the rooms as they are now to records that don't contain what their people saw.

        Returns those of them that have not ended.
        """
        bound = []
        for record in self.all:
            if record.seen is None:
                seen = {room: places[room] for room in record.terms.rooms & places.keys()}
                self._save(replace(record, seen=seen))
                if _open_rooms(record, record.terms.rooms):
                    bound.append(record)
        return bound

    def withdraw(
        self,
        person: PersonId,
        purpose: Purpose,
        rooms: frozenset[RoomId] | None,
        *,
        now: float,
        how: Channel,
    ) -> int:
        """End a person's consents in `rooms` (None: everywhere); returns how many."""
        return self._end(person, purpose, rooms, State.WITHDRAWN, now=now, how=how)

    def expire(self, now: float) -> list[ConsentRecord]:
        """Store which consents have expired, and return them."""
        expired = [
            record
            for record in self.all
            if record.expires_at is not None
            and record.expires_at <= now
            and _open_rooms(record, record.terms.rooms)
        ]
        for record in expired:
            self._add(record, ConsentEvent(time=now, state=State.EXPIRED, by=None, how="system"))
        return expired

    def _end(  # noqa: PLR0913 - what to end, and the event's fields
        self,
        person: PersonId,
        purpose: Purpose,
        rooms: frozenset[RoomId] | None,
        state: State,
        *,
        now: float,
        how: Channel,
    ) -> int:
        ended = 0
        for record in self._answered(person, purpose):
            where = _open_rooms(record, record.terms.rooms if rooms is None else rooms)
            if where:
                self._add(
                    record, ConsentEvent(time=now, state=state, by=person, how=how, rooms=where)
                )
                ended += 1
        return ended

    def _answered(self, person: PersonId, purpose: Purpose) -> Iterator[ConsentRecord]:
        for record in self.all:
            if record.principal == person and record.terms.purpose is purpose:
                yield record

    def _add(self, record: ConsentRecord, event: ConsentEvent) -> None:
        self._save(record.with_event(event))

    def _save(self, record: ConsentRecord) -> None:
        self._records[record.id] = record
        records.save_consent(self._database, record.id, record.principal, record.to_json())


def _open_rooms(record: ConsentRecord, rooms: frozenset[RoomId]) -> frozenset[RoomId]:
    """Return the rooms of a record in which it has not ended."""
    return frozenset(
        room
        for room in record.terms.rooms & rooms
        if not any(event.state in _ENDED and event.covers(room) for event in record.events)
    )
