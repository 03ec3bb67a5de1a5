"""Record who is expected in each room and who can listen, and what the satellites announced."""

from typing import TYPE_CHECKING

from .consent import rules
from .store import records
from .store.ledger_rows import RowKind
from .types import News

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .journal import Journal
    from .people import PersonId, RoomId
    from .state import HouseholdState
    from .store.database import Database
    from .store.records import Json
    from .types import Actor, RoomStatus

type _RoomAudience = tuple[frozenset[PersonId], frozenset[PersonId]]
"""The members of a room, and the people who can listen: they may, and have a key."""

_NOBODY: _RoomAudience = (frozenset(), frozenset())


class Audience:
    """Tracks audiences and announcements within the household's transactions.

    Raises `StoreError`.
    """

    def __init__(self, database: Database, state: HouseholdState, journal: Journal) -> None:
        self._database = database
        self._state = state
        self._journal = journal

    def note(self, now: float, actor: Actor) -> None:
        """Record, for each room, changes of the people who are expected or can listen."""
        if self._state.arrangement is None:
            return
        before, after = self._noted(), self._all(now)
        if before == after:
            return
        for room in sorted(before.keys() | after.keys()):
            self._note(now, room, before.get(room, _NOBODY), after.get(room, _NOBODY), actor)
        stored = {room: [sorted(people) for people in both] for room, both in after.items()}
        records.put_setting(self._database, "audience", stored)

    def _note(
        self, now: float, room: RoomId, before: _RoomAudience, after: _RoomAudience, actor: Actor
    ) -> None:
        detail: dict[str, str | int | float | bool] = {
            f"{what}_{change}": ",".join(sorted(people))
            for what, old, new in zip(("members", "listeners"), before, after, strict=True)
            for change, people in (("came", new - old), ("gone", old - new))
            if people
        }
        if detail:
            everyone = self._state.situation(now).arrangement.people
            self._journal.record(
                now,
                RowKind.AUDIENCE_CHANGED,
                actor,
                subjects=frozenset(everyone).union(*before, *after),
                room=room,
                detail=detail | {"how": actor.how},
            )

    def untold(self, statuses: Iterable[RoomStatus]) -> dict[RoomId, News]:
        """Return the news that the satellites have not announced yet, by room.

        A change of members or listeners is news only where recordings are kept or still exist.
        """
        told, news = self._told(), {}
        for status in statuses:
            members, listeners = status.members, status.listeners - status.without_key
            keeps = status.keeps_for_seconds
            last = told.get(status.room)
            began_or_ended = (keeps > 0) != (last is not None and last.keeps_for_seconds > 0)
            changed = last is not None and (last.members, last.listeners) != (members, listeners)
            if began_or_ended or (changed and (keeps > 0 or status.recordings)):
                news[status.room] = News(
                    keeps_for_seconds=keeps,
                    members=members,
                    listeners=listeners,
                    began_or_ended=began_or_ended,
                )
        return news

    def told(self, room: RoomId, news: News) -> None:
        """Store the news that a satellite announced."""
        told = self._told() | {room: news}
        records.put_setting(
            self._database,
            "told",
            {
                room: {
                    "keeps": one.keeps_for_seconds > 0,
                    "members": sorted(one.members),
                    "listeners": sorted(one.listeners),
                }
                for room, one in told.items()
            },
        )

    def told_that_keeping_ended(self, now: float, room: RoomId) -> None:
        """Store that a satellite announced the end of keeping.

        The present members and listeners then need no announcement either.
        """
        members, listeners = self._room(now, room)
        news = News(
            keeps_for_seconds=0.0, members=members, listeners=listeners, began_or_ended=True
        )
        self.told(room, news)

    def convert(self, now: float) -> None:
        """Convert what an older version stored, which didn't announce members and listeners."""
        stored = records.get_setting(self._database, "told")
        if not isinstance(stored, list):
            return
        records.put_setting(self._database, "told", {})
        for room in map(str, stored):
            members, listeners = self._room(now, room)
            self.told(
                room,
                News(
                    keeps_for_seconds=1.0,
                    members=members,
                    listeners=listeners,
                    began_or_ended=True,
                ),
            )

    def _all(self, now: float) -> dict[RoomId, _RoomAudience]:
        return self._rooms(now, self._state.situation(now).arrangement.rooms)

    def _rooms(self, now: float, rooms: Iterable[RoomId]) -> dict[RoomId, _RoomAudience]:
        situation, keys = self._state.situation(now), records.keys(self._database).keys()
        return {
            room: (rules.members(situation, room), rules.listeners(situation, room) & keys)
            for room in rooms
        }

    def _room(self, now: float, room: RoomId) -> _RoomAudience:
        return self._rooms(now, [room])[room]

    def _noted(self) -> dict[RoomId, _RoomAudience]:
        stored = records.get_setting(self._database, "audience")
        if not isinstance(stored, dict):
            return {}
        return {
            room: (_people(both[0]), _people(both[1]))
            for room, both in stored.items()
            if isinstance(both, list)
        }

    def _told(self) -> dict[RoomId, News]:
        stored = records.get_setting(self._database, "told")
        if not isinstance(stored, dict):
            return {}
        return {
            room: News(
                keeps_for_seconds=1.0 if told["keeps"] else 0.0,
                members=_people(told["members"]),
                listeners=_people(told["listeners"]),
                began_or_ended=False,
            )
            for room, told in stored.items()
            if isinstance(told, dict)
        }


def _people(stored: Json) -> frozenset[PersonId]:
    return frozenset(map(str, stored)) if isinstance(stored, list) else frozenset()
