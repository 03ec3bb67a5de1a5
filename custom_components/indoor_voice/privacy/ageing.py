"""Decide which rows of the ledger are old enough to be removed.

Only time during which the clock ran counts. A jump is how far the clock went ahead beyond that:
somebody set it forward, or Home Assistant was off. Rows from before a jump count as younger by its
length, so that setting the clock forward by a year removes no rows, nor does a year in which the
house was empty.
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
"""Smaller jumps are noted once their sum reaches this."""

_MOST_JUMPS: Final = 500

type _Jump = tuple[float, float]
"""The time right after a jump, and the seconds by which the clock went ahead."""


class Ageing:
    """Tracks jumps of the clock within the household's transactions; raises `StoreError`."""

    def __init__(self, database: Database, clock: Clock, journal: Journal) -> None:
        self._database = database
        self._clock = clock
        self._journal = journal

    def before(self, now: float) -> float:
        """Note new jumps, and return the time before which rows are to be removed."""
        noted, jumps = self._stored()
        seconds = self._clock.jumped - noted
        if seconds >= _NOTED_SECONDS:
            jumps = _limited([*jumps, (now, seconds)])
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
        # The store is authenticated, so `before` wrote this.
        noted, jumps = cast("tuple[float, list[_Jump]]", (stored["noted"], stored["jumps"]))
        return noted, [(at, by) for at, by in jumps]


def _end_of_life(now: float, jumps: list[_Jump]) -> float:
    """Return the time since which the clock has run for the whole life of a row."""
    left, point = ROW_LIFE_SECONDS, now
    for at, by in reversed(jumps):
        if point - at >= left:
            break
        left -= max(0.0, point - at)
        point = min(point, at - by)
    return point - left


def _limited(jumps: list[_Jump]) -> list[_Jump]:
    """Join the closest jumps until few enough remain; rows between them only live longer."""
    while len(jumps) > _MOST_JUMPS:
        first = min(
            range(len(jumps) - 1), key=lambda number: jumps[number + 1][0] - jumps[number][0]
        )
        (_, by), (at, further) = jumps[first : first + 2]
        jumps[first : first + 2] = [(at, by + further)]
    return jumps
