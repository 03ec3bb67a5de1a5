"""A window for pairing: minutes in which who stands beside a device can pair it, whoever guesses.

Pure: times are handed in, in seconds of one monotonic clock.
"""

import ipaddress
import math
from collections import Counter
from typing import Final

WINDOW_SECONDS: Final = 180.0
TURN_SECONDS: Final = 10.0
"""Between two attempts; so a window gives 18 guesses, however many try at once."""
WAITING_OF_ONE_ADDRESS: Final = 3


class Waiting:
    """Somebody who waits for a turn."""

    def __init__(self, host: str) -> None:
        """Wait at the address `host`."""
        self.origin: Final = _origin(host)


class Window:
    """Gives turns, first to whoever has had fewest, and among those to whoever came first."""

    def __init__(self, now: float) -> None:
        """Open it."""
        self.ends: Final = now + WINDOW_SECONDS
        self._next_turn = now
        self._waiting: list[Waiting] = []
        self._turns: Counter[str] = Counter()

    @property
    def used(self) -> bool:
        """Whether anybody has had a turn."""
        return bool(self._turns)

    def is_open(self, now: float) -> bool:
        """Tell whether it gives turns."""
        return now < self.ends

    def turns_left(self, now: float) -> int:
        """Return how many more attempts there can be."""
        return max(math.ceil((self.ends - max(now, self._next_turn)) / TURN_SECONDS), 0)

    def join(self, host: str) -> Waiting | None:
        """Wait for a turn; None where enough of that address do already."""
        waiting = Waiting(host)
        of_origin = [other for other in self._waiting if other.origin == waiting.origin]
        if len(of_origin) >= WAITING_OF_ONE_ADDRESS:
            return None
        self._waiting.append(waiting)
        return waiting

    def leave(self, waiting: Waiting) -> None:
        """Wait no more; safe to call again."""
        if waiting in self._waiting:
            self._waiting.remove(waiting)

    def take_turn(self, waiting: Waiting, now: float) -> bool:
        """Tell whether somebody who waits has the turn, which is then over."""
        if not self.is_open(now) or now < self._next_turn:
            return False
        if waiting is not min(self._waiting, key=lambda other: self._turns[other.origin]):
            return False
        self._waiting.remove(waiting)
        self._turns[waiting.origin] += 1
        self._next_turn = now + TURN_SECONDS
        return True


def _origin(host: str) -> str:
    """Return what one machine cannot easily have many of: an IPv4 address, or 64 bits of IPv6."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
