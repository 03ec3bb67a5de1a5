"""A clock that never goes back, so that turning one back keeps no clip and no consent alive."""

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Tells the time in seconds since 1970: each reading is later than all before it.

    The wall clock leads while it runs ahead; where it was turned back, the time that passed since
    the latest reading counts on. A clock that was put forward by mistake therefore stays there:
    what expires early is lost, what expires late would be a broken promise.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin at the wall clock; `elapsed` counts seconds from anywhere and never goes back."""
        self._wall = wall
        self._elapsed = elapsed
        self._mark = -math.inf
        self._marked_at = elapsed()

    def resume(self, mark: float) -> None:
        """Go on from the latest time of an earlier process, as it was stored.

        Raises:
            ValueError: for what is no time.
        """
        if not math.isfinite(mark):
            raise ValueError("A clock's mark is a finite number of seconds")
        self._advance(mark)

    def now(self) -> float:
        """Return the time; no two readings are equal, so what came first stays first."""
        self._advance(self._wall(), math.nextafter(self._mark, math.inf))
        return self._mark

    @property
    def behind_seconds(self) -> float:
        """How far the wall clock is behind; 0 while nobody has turned it back."""
        self._advance()
        return max(0.0, self._mark - self._wall())

    def _advance(self, *floors: float) -> None:
        """Count on what has passed since the latest time, and go to what is later than that."""
        elapsed = self._elapsed()
        passed = max(0.0, elapsed - self._marked_at)
        self._mark, self._marked_at = max((self._mark + passed, *floors)), elapsed
