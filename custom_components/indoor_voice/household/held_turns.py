"""Holds each room's last turn in memory, if it led to nothing, in case somebody says it was wrong.

Nothing of it is written, and nobody can hear it: after half a minute, with the next turn, or when
somebody deletes what was said or wants nothing kept, it is gone.
"""

from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.helpers.event import async_call_later

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.core import CALLBACK_TYPE, HomeAssistant

    from ..privacy.people import RoomId
    from ..privacy.types import EndedTurn

HELD_SECONDS: Final = 30.0
"""For how long somebody can say that a turn was wrong."""


class HeldTurns:
    """The last turn of each room, while somebody can say that it was wrong."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize without turns."""
        self._hass = hass
        self._held: dict[RoomId, tuple[EndedTurn, CALLBACK_TYPE]] = {}

    @callback
    def hold(self, turn: EndedTurn) -> None:
        """Hold a turn instead of the room's earlier one."""
        self.drop(turn.room)

        @callback
        def forget(_now: datetime) -> None:
            self._held.pop(turn.room, None)

        self._held[turn.room] = turn, async_call_later(self._hass, HELD_SECONDS, forget)

    @callback
    def take(self, room: RoomId) -> EndedTurn | None:
        """Return a room's turn and forget it; None if there is none any more."""
        turn, cancel = self._held.pop(room, (None, None))
        if cancel is not None:
            cancel()
        return turn

    @callback
    def drop(self, room: RoomId | None) -> None:
        """Forget the turn of a room, or of every room."""
        for one in [room] if room is not None else list(self._held):
            self.take(one)
