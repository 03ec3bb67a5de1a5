"""Limits how often something may happen or be logged."""

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from logging import Logger

LINE_SECONDS: Final = 60.0
"""Shortest time between two log lines of the same kind."""


class RateLimit:
    """A token bucket: allows a burst of `at_once`, and `per_second` in the long run."""

    def __init__(self, per_second: float, at_once: float) -> None:
        """Initialize with the full burst available."""
        self._per_second = per_second
        self._at_once = at_once
        self._allowed = at_once
        self._counted = time.monotonic()

    def allows(self) -> bool:
        """Count one occurrence, and return whether it is within bounds."""
        now = time.monotonic()
        more = (now - self._counted) * self._per_second
        self._allowed = min(self._allowed + more, self._at_once) - 1
        self._counted = now
        return self._allowed >= 0


class LogThrottle:
    """Limits log lines of each kind to one a minute."""

    def __init__(self) -> None:
        """Initialize with nothing logged."""
        self._logged: dict[str, float] = {}

    def allows(self, kind: str) -> bool:
        """Return whether to log a line now; `kind` must not be text that a peer sent."""
        now = time.monotonic()
        if now - self._logged.get(kind, -LINE_SECONDS) < LINE_SECONDS:
            return False
        self._logged[kind] = now
        return True

    def warn(self, logger: Logger, message: str, *values: object) -> None:
        """Log a warning unless the same one, with the same values, was logged a minute ago."""
        if self.allows(message % values):
            logger.warning(message, *values)
