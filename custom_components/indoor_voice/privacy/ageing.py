"""When rows of the ledger have lived their time, which no jump of the clock shortens.

A jump is what the clock goes ahead beyond the time in which it ran: somebody put it forward, or
Home Assistant was off. Rows from before one are the younger by it. So a clock that is put forward
by a year empties no ledger, and nor does a year in which nobody lived there.
"""

from typing import TYPE_CHECKING, Final, cast

from .people import DAY_SECONDS
from .store import records
from .store.ledger import ROW_LIFE_SECONDS
from .store.ledger_rows import RowKind

if TYPE_CHECKING:
    from .journal import Journal
    from .store.clock import Clock
    from .store.database import Database

_JUMPS: Final = "jumps"
_NOTED_SECONDS: Final = 3_600.0
"""Smaller jumps are noted once they come to so much together."""

_MOST_JUMPS: Final = 500

type _Jump = tuple[float, float]
"""When the clock had gone ahead, and by how much."""


class Ageing:
    """Follows the clock, within the household's transactions; raises `StoreError`."""

    def __init__(self, database: Database, clock: Clock, journal: Journal) -> None:
        self._database = database
        self._clock = clock
        self._journal = journal

    def before(self, now: float) -> float:
        """Return since when rows have not lived their time, after noting what has jumped."""
        noted, jumps = self._stored()
        seconds = self._clock.jumped - noted
        if seconds >= _NOTED_SECONDS:
            jumps = _some([*jumps, (now, seconds)])
            if seconds >= DAY_SECONDS:
                self._journal.record(
                    now, RowKind.CLOCK_JUMPED, detail={"days": round(seconds / DAY_SECONDS, 1)}
                )
            noted = self._clock.jumped
        end = _end_of_life(now, jumps)
        jumps = [jump for jump in jumps if jump[0] > end]
        if (noted, jumps) != self._stored():
            records.put_setting(self._database, _JUMPS, {"noted": noted, "jumps": jumps})
        return end

    def _stored(self) -> tuple[float, list[_Jump]]:
        stored = records.get_setting(self._database, _JUMPS)
        if not isinstance(stored, dict):
            return 0.0, []
        # It is sealed, so ours.
        noted, jumps = cast("tuple[float, list[_Jump]]", (stored["noted"], stored["jumps"]))
        return noted, [(at, by) for at, by in jumps]


def _end_of_life(now: float, jumps: list[_Jump]) -> float:
    """Return the time since which the clock has run for as long as a row lives."""
    left, point = ROW_LIFE_SECONDS, now
    for at, by in reversed(jumps):
        if point - at >= left:
            break
        left -= max(0.0, point - at)
        point = min(point, at - by)
    return point - left


def _some(jumps: list[_Jump]) -> list[_Jump]:
    """Join what comes soon one after the other, so that rows between them live the longer."""
    while len(jumps) > _MOST_JUMPS:
        first = min(
            range(len(jumps) - 1), key=lambda number: jumps[number + 1][0] - jumps[number][0]
        )
        (_, by), (at, further) = jumps[first : first + 2]
        jumps[first : first + 2] = [(at, by + further)]
    return jumps
