"""How often something may happen."""

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from logging import Logger

_LINE_SECONDS: Final = 60.0
"""From one line of a kind in the log to the next."""


class RateLimit:
    """Lets something happen so often at once, and so often a second in the long run."""

    def __init__(self, per_second: float, at_once: float) -> None:
        """Begin rested."""
        self._per_second = per_second
        self._at_once = at_once
        self._allowed = at_once
        self._counted = time.monotonic()

    def allows(self) -> bool:
        """Take note that it happens once more, and tell whether that is within bounds."""
        now = time.monotonic()
        more = (now - self._counted) * self._per_second
        self._allowed = min(self._allowed + more, self._at_once) - 1
        self._counted = now
        return self._allowed >= 0


class LogThrottle:
    """Lets a line of each kind into the log once a minute, however often there is reason."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._said: dict[str, float] = {}

    def allows(self, kind: str) -> bool:
        """Tell whether to say it; `kind` is one of few, and nothing that a peer sent."""
        now = time.monotonic()
        if now - self._said.get(kind, -_LINE_SECONDS) < _LINE_SECONDS:
            return False
        self._said[kind] = now
        return True

    def warn(self, logger: Logger, message: str, *values: object) -> None:
        """Log a warning that is filled in with `values`, all of which make its kind."""
        if self.allows(message % values):
            logger.warning(message, *values)
