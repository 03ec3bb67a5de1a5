"""Give, refuse, withdraw and expire consents."""

from dataclasses import replace
from typing import TYPE_CHECKING

from .consent import rules
from .consent.consent import VALID_SECONDS_MAX, Purpose, State, Terms
from .consent.disguise import DEFAULT_DISGUISE
from .consent.preconditions import current_notice, places_of, require_person, require_within
from .errors import NotAllowedError, Refusal
from .store.ledger_rows import RowKind
from .types import Actor, OwnConsent

if TYPE_CHECKING:
    from .consent.consent import Channel, ConsentRecord
    from .journal import Journal
    from .people import PersonId, RoomId
    from .state import HouseholdState


class Consents:
    """Records consents and their changes in the store and in the ledger; raises `StoreError`.

    Methods that take `now` must be called within a transaction of the household.
    """

    def __init__(self, state: HouseholdState, journal: Journal) -> None:
        self._state = state
        self._journal = journal

    def of(self, person: PersonId) -> list[ConsentRecord]:
        """Return all consent records of a person, newest last."""
        return [record for record in self._state.book.all if record.principal == person]

    def own(self, now: float, person: PersonId) -> list[OwnConsent]:
        """Return all consent records of a person with the rooms where they hold, newest last."""
        situation = self._state.situation(now)
        return [
            OwnConsent(
                record=record,
                live_rooms=rules.live_rooms(situation, record),
                refused_rooms=rules.refused_rooms(situation, record),
            )
            for record in self.of(person)
        ]

    def give(  # noqa: PLR0913, PLR0917 - what a person consents to, when and how
        self,
        now: float,
        person: PersonId,
        terms: Terms,
        notice_sha256: str,
        valid_seconds: float,
        how: Channel,
    ) -> ConsentRecord:
        """Record a consent that a person gives for themselves; raises `NotAllowedError`."""
        situation = self._state.situation(now)
        require_person(situation.arrangement, person)
        notice = current_notice(terms.purpose, notice_sha256)
        require_within(situation, person, terms)
        if terms.purpose is Purpose.LISTEN and terms.disguise is None:
            terms = replace(terms, disguise=DEFAULT_DISGUISE)
        if not 0 < valid_seconds <= VALID_SECONDS_MAX:
            raise NotAllowedError(Refusal.BAD_TERMS)
        record = self._state.book.answer(
            person,
            terms,
            notice,
            State.GIVEN,
            seen=places_of(situation.arrangement, terms.rooms),
            valid_seconds=valid_seconds,
            now=now,
            how=how,
        )
        self._journal.consent(now, RowKind.CONSENT_GIVEN, record, how)
        return record

    def refuse(  # noqa: PLR0913, PLR0917 - what a person refuses, when and how
        self,
        now: float,
        person: PersonId,
        purpose: Purpose,
        rooms: frozenset[RoomId],
        notice_sha256: str,
        how: Channel,
    ) -> ConsentRecord:
        """Record a refusal, which ends earlier consents; raises `NotAllowedError`."""
        situation = self._state.situation(now)
        require_person(situation.arrangement, person)
        if not rooms or not rooms <= situation.arrangement.rooms.keys():
            raise NotAllowedError(Refusal.UNKNOWN_ROOM)
        record = self._state.book.answer(
            person,
            Terms(purpose=purpose, rooms=rooms),
            current_notice(purpose, notice_sha256),
            State.REFUSED,
            seen=places_of(situation.arrangement, rooms),
            valid_seconds=VALID_SECONDS_MAX,
            now=now,
            how=how,
        )
        self._journal.consent(now, RowKind.CONSENT_REFUSED, record, how)
        return record

    def withdraw(
        self, now: float, actor: Actor, purpose: Purpose, rooms: frozenset[RoomId] | None
    ) -> int:
        """End the actor's own consents in `rooms` (None: everywhere); returns how many ended."""
        person, how = actor.person, actor.how
        assert person is not None, "people withdraw their own consents"
        ended = self._state.book.withdraw(person, purpose, rooms, now=now, how=how)
        if ended:
            detail = {"purpose": purpose.value, "records": ended, "how": how}
            for room in sorted(rooms) if rooms else (None,):
                self._journal.record(
                    now,
                    RowKind.CONSENT_WITHDRAWN,
                    actor,
                    subjects={person},
                    room=room,
                    detail=detail,
                )
        return ended

    def bind(self, now: float) -> None:
        """Bind consents of older versions, which didn't record the rooms, to the present rooms."""
        arrangement = self._state.require_arrangement()
        places = {id_: room.place for id_, room in arrangement.rooms.items()}
        for record in self._state.book.bind(places):
            self._journal.consent(now, RowKind.CONSENT_BOUND, record, "system")

    def expire(self, now: float) -> None:
        """End the consents whose validity is over."""
        for record in self._state.book.expire(now):
            self._journal.consent(now, RowKind.CONSENT_EXPIRED, record, "system")
