"""Switch keeping off for now: in the household, in a room, or while there are guests."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from .errors import NotAllowedError, Refusal
from .store.ledger_rows import RowKind
from .types import ITSELF, Actor

if TYPE_CHECKING:
    from .journal import Journal
    from .people import Pauses, RoomId
    from .state import HouseholdState
    from .store.clock import Clock


class PauseSwitches:
    """Changes the pauses and records each change in the ledger; raises `StoreError`.

    The household's clock never goes back, so the wall clock, by which people set an end, may be
    behind it. Ends are converted on the way in and out.
    """

    def __init__(self, state: HouseholdState, journal: Journal, clock: Clock) -> None:
        self._state = state
        self._journal = journal
        self._clock = clock

    @property
    def by_wall_clock(self) -> Pauses:
        """The pauses, with the end of guest mode as a time of the wall clock."""
        pauses, behind = self._state.pauses, self._clock.behind_seconds
        until = pauses.guests_until
        if until is None or not behind or math.isinf(until):
            return pauses
        return replace(pauses, guests_until=float(round(until - behind)))

    def set(
        self,
        now: float,
        actor: Actor,
        *,
        household: bool | None = None,
        room: tuple[RoomId, bool] | None = None,
        guests_until: float | None = None,
    ) -> None:
        """Pause or resume the household or a room, or set the end of guest mode (0 ends it now).

        `guests_until` is a time of the wall clock. Raises `NotAllowedError` for an unknown room.
        """
        changed = self._state.pauses
        if household is not None:
            changed = replace(changed, household=household)
        if room is not None:
            id_, paused = room
            arrangement = self._state.arrangement
            if paused and (arrangement is None or id_ not in arrangement.rooms):
                raise NotAllowedError(Refusal.UNKNOWN_ROOM)
            changed = replace(
                changed, rooms=changed.rooms | {id_} if paused else changed.rooms - {id_}
            )
        if guests_until is not None:
            until = guests_until + self._clock.behind_seconds
            changed = replace(changed, guests_until=None if until <= now else until)
        self._change(now, changed, actor)

    def expire(self, now: float) -> None:
        """End guest mode when its time is over."""
        pauses = self._state.pauses
        if pauses.guests_until is not None and pauses.guests_until <= now:
            self._change(now, replace(pauses, guests_until=None), ITSELF)

    def _change(self, now: float, pauses: Pauses, actor: Actor) -> None:
        before = self._state.pauses
        if pauses == before:
            return
        detail: dict[str, str | int | float | bool] = {"how": actor.how}
        if pauses.household != before.household:
            detail["household"] = pauses.household
        if pauses.guests_until != before.guests_until:
            detail["guests"] = pauses.guests_until is not None
        rooms = pauses.rooms ^ before.rooms
        for room in sorted(rooms):
            of_room = {**detail, "room": room in pauses.rooms}
            self._journal.record(now, RowKind.PAUSED, actor, room=room, detail=of_room)
        if not rooms:
            self._journal.record(now, RowKind.PAUSED, actor, detail=detail)
        self._state.pause(pauses)
