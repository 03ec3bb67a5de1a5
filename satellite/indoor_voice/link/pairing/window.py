"""A pairing window: minutes in which the person at the device can pair it despite guessers.

Pure: callers pass the time, in seconds of one monotonic clock.
"""

import ipaddress
import math
from collections import Counter
from typing import Final

WINDOW_SECONDS: Final = 180.0
TURN_SECONDS: Final = 10.0
"""Between two attempts, so a window allows 18 guesses, however many connections try at once."""
WAITING_OF_ONE_ADDRESS: Final = 3


class Waiting:
    """An attempt that waits for its turn."""

    def __init__(self, host: str) -> None:
        """Create an attempt from the address `host`."""
        self.origin: Final = _origin(host)


class Window:
    """Gives the next turn to the origin that has had the fewest, then in order of arrival."""

    def __init__(self, now: float) -> None:
        """Open the window."""
        self.ends: Final = now + WINDOW_SECONDS
        self._next_turn = now
        self._waiting: list[Waiting] = []
        self._turns: Counter[str] = Counter()

    @property
    def used(self) -> bool:
        """Whether any attempt has had a turn."""
        return bool(self._turns)

    def is_open(self, now: float) -> bool:
        """Return whether the window is still open."""
        return now < self.ends

    def turns_left(self, now: float) -> int:
        """Return how many more attempts are possible."""
        return max(math.ceil((self.ends - max(now, self._next_turn)) / TURN_SECONDS), 0)

    def join(self, host: str) -> Waiting | None:
        """Queue an attempt; return None when too many from its origin already wait."""
        waiting = Waiting(host)
        of_origin = [other for other in self._waiting if other.origin == waiting.origin]
        if len(of_origin) >= WAITING_OF_ONE_ADDRESS:
            return None
        self._waiting.append(waiting)
        return waiting

    def leave(self, waiting: Waiting) -> None:
        """Remove an attempt from the queue; safe to call twice."""
        if waiting in self._waiting:
            self._waiting.remove(waiting)

    def take_turn(self, waiting: Waiting, now: float) -> bool:
        """Return whether it is the attempt's turn; if so, use up the turn."""
        if not self.is_open(now) or now < self._next_turn:
            return False
        if waiting is not min(self._waiting, key=lambda other: self._turns[other.origin]):
            return False
        self._waiting.remove(waiting)
        self._turns[waiting.origin] += 1
        self._next_turn = now + TURN_SECONDS
        return True


def _origin(host: str) -> str:
    """Return what a machine can't easily have many of: an IPv4 address or an IPv6 /64 network."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
