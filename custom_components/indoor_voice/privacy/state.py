"""The present situation of a household: its setup, pauses, ceilings and consents."""

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from .arrangement_changes import arrangement_json, arrangement_of
from .consent import rules
from .consent.ceilings import CeilingEntry
from .consent.consent import VALID_SECONDS_MAX
from .consent.notices import CURRENT
from .people import Arrangement, Pauses, Person
from .store import records
from .store.consent_book import ConsentBook

if TYPE_CHECKING:
    from .people import PersonId
    from .store.clock import Clock
    from .store.database import Database
    from .store.records import Json


class HouseholdState:
    """Kept in memory and in the store; after a failed transaction, `load` must be called."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Load what is stored. `arrange` must be called to set the arrangement."""
        self._database = database
        self._clock = clock
        self.book = ConsentBook(database)
        self.arrangement: Arrangement | None = None
        """None until it is known, which is not the same as an empty household."""
        self.load()

    def load(self) -> None:
        """Load everything but the arrangement from the store."""
        self.book.load()
        self._pauses, self._leapt = _pauses_of(records.get_setting(self._database, "pauses"))
        self.ceilings = _ceilings_of(records.get_setting(self._database, "ceilings"))

    @property
    def pauses(self) -> Pauses:
        """What is switched off now; a leap of the clock doesn't shorten guest mode."""
        until = self._pauses.guests_until
        if until is None:
            return self._pauses
        return replace(self._pauses, guests_until=until + self._clock.leapt - self._leapt)

    def situation(self, now: float) -> rules.Situation:
        """Return everything that the rules depend on."""
        return rules.Situation(
            arrangement=self.arrangement or Arrangement(),
            pauses=self.pauses,
            ceilings=self.ceilings,
            consents=self.book.all,
            notices=CURRENT,
            now=now,
        )

    def arrange(self, arrangement: Arrangement, now: float) -> CeilingEntry | None:
        """Apply and store a setup; returns the new ceiling entry if the ceiling changed."""
        self.arrangement = replace(arrangement, people=self._people(arrangement))
        records.put_setting(self._database, "arrangement", arrangement_json(self.arrangement))
        entry = CeilingEntry.of(arrangement, now)
        if self.ceilings and replace(self.ceilings[-1], since=now) == entry:
            return None
        self.ceilings = (*_within(self.ceilings, now - VALID_SECONDS_MAX), entry)
        records.put_setting(self._database, "ceilings", [one.to_json() for one in self.ceilings])
        return entry

    def earlier(self) -> Arrangement | None:
        """Return the last setup that was stored, perhaps before a restart; None if there is none.

        Its accounts, and its ceiling apart from the people ruled out, are empty.
        """
        stored = records.get_setting(self._database, "arrangement")
        return None if stored is None else arrangement_of(stored)

    def _people(self, arrangement: Arrangement) -> dict[PersonId, Person]:
        """Return the people of an arrangement, and those whom the administrator removed from it.

        Deleting a person, or unlinking them from their account, must not take away their say: they
        stay for as long as the account exists.
        """
        stored = records.get_setting(self._database, "accounts")
        known = {id_: str(name) for id_, name in stored.items()} if isinstance(stored, dict) else {}
        known |= {
            id_: person.name for id_, person in arrangement.people.items() if person.has_account
        }
        known = {id_: name for id_, name in known.items() if id_ in arrangement.accounts}
        if known != stored:
            records.put_setting(self._database, "accounts", known)
        removed = {
            id_: Person(id=id_, name=name, has_account=True, active=id_ not in arrangement.inactive)
            for id_, name in known.items()
            if id_ not in arrangement.people
        }
        return {**arrangement.people, **removed}

    def require_arrangement(self) -> Arrangement:
        """Return the arrangement, which must be known."""
        assert self.arrangement is not None, "the household was arranged"
        return self.arrangement

    def pause(self, pauses: Pauses) -> None:
        """Store what is switched off now."""
        self._pauses, self._leapt = pauses, self._clock.leapt
        records.put_setting(
            self._database,
            "pauses",
            {
                "household": pauses.household,
                "rooms": sorted(pauses.rooms),
                "guests_until": pauses.guests_until,
                "leapt": self._leapt,
            },
        )


def _within(history: tuple[CeilingEntry, ...], since: float) -> tuple[CeilingEntry, ...]:
    """Return the entries that were in force at any time after `since`."""
    replaced_since = (entry for entry, following in pairwise(history) if following.since > since)
    return (*replaced_since, *history[-1:])


def _ceilings_of(stored: Json) -> tuple[CeilingEntry, ...]:
    """Read the history of ceilings; if it is damaged it is empty, and no consent holds."""
    try:
        return tuple(CeilingEntry.from_json(one) for one in stored or ())  # type: ignore[union-attr]
    except TypeError, ValueError:
        return ()


def _pauses_of(stored: Json) -> tuple[Pauses, float]:
    """Read what is switched off, and how far the clock had leapt; if damaged, all is off."""
    if stored is None:
        return Pauses(), 0.0
    try:
        assert isinstance(stored, dict)
        household, rooms, until = stored["household"], stored["rooms"], stored["guests_until"]
        assert isinstance(household, bool)
        assert isinstance(rooms, list)
        assert until is None or isinstance(until, int | float)
        leapt = stored.get("leapt", 0.0)  # earlier versions did not record it
        assert isinstance(leapt, int | float)
        pauses = Pauses(
            household=household,
            rooms=frozenset(str(room) for room in rooms),
            guests_until=until,
        )
    except AssertionError, KeyError:
        return Pauses(household=True), 0.0
    return pauses, float(leapt)
