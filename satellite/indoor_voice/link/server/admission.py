"""Allocates a listener's few places to connections, so that strangers can't take them all.

Pure: callers pass the time.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final

STRANGERS: Final = 8
"""Places for connections that are not authenticated yet.

There are as many again for the address of the paired side, and as many again for connections from
there that know the entrance name.
"""
STRANGERS_OF_ONE_ADDRESS: Final = 4
YOUNG_SECONDS: Final = 0.2
"""A connection is safe from eviction for this long: the paired side's handshake takes less.

A place whose handshake failed stays taken for the same time, so strangers can make at most 40
handshakes per second.
"""
AUTHENTICATED: Final = 8
"""Default number of places for the paired side."""
SILENT_SECONDS: Final = 10.0
"""When all places are taken, an authenticated connection silent for this long can be evicted."""


class Place:
    """The place of one connection."""

    def __init__(
        self, host: str, *, crowd: tuple[bool, bool], send_away: Callable[[], None], now: float
    ) -> None:
        """Take a place at `now`; `send_away` is called to evict the connection."""
        self.host: Final = host
        self.crowd: Final = crowd
        """Pool of places that it belongs to: (known address, knows the entrance name)."""
        self.since: Final = now
        self.send_away: Final = send_away
        self.heard: float = now
        """When an event was last received or sent."""
        self.held = False
        """True during a pairing attempt, when it must not be evicted."""
        self.waits = False
        """True while the pairing attempt only waits for its turn."""
        self.wasted = False
        """True after a failed handshake."""
        self.free_from: float | None = None
        """When the place can be reused; None while it is occupied."""


class Admission:
    """Allocates the places of one listener."""

    def __init__(self, authenticated: int = AUTHENTICATED) -> None:
        """Start with all places free, `authenticated` of them for the paired side."""
        self._max_authenticated = authenticated
        self._strangers: list[Place] = []
        self._authenticated: list[Place] = []

    def admit(
        self,
        host: str,
        *,
        known: bool,
        named: bool = False,
        send_away: Callable[[], None],
        now: float,
    ) -> Place | None:
        """Give a place to a new connection, evicting another if necessary; None turns it away.

        Args:
            host: Address of the other side.
            known: Whether the paired side last connected from there.
            named: Whether the connection used the entrance name.
            send_away: Closes the connection when its place is given to another.
            now: Seconds of a monotonic clock.
        """
        self._strangers = [
            place for place in self._strangers if place.free_from is None or place.free_from > now
        ]
        crowd = known, named
        pool = [place for place in self._strangers if place.crowd == crowd]
        of_host = [place for place in pool if place.host == host]
        if not known and len(of_host) >= STRANGERS_OF_ONE_ADDRESS:
            free = self._make_room(of_host, now)
        else:
            free = (
                len(pool) < STRANGERS
                or self._make_room(pool, now)
                or (not of_host and self._thin_out(pool))
            )
        if not free:
            return None
        place = Place(host, crowd=crowd, send_away=send_away, now=now)
        self._strangers.append(place)
        return place

    def authenticate(self, place: Place, now: float) -> bool:
        """Move a place to the authenticated ones; return False when all of those are in use."""
        if len(self._authenticated) >= self._max_authenticated:
            longest_silent = min(self._authenticated, key=lambda other: other.heard)
            if now - longest_silent.heard < SILENT_SECONDS:
                return False
            self._authenticated.remove(longest_silent)
            longest_silent.send_away()
        if place in self._strangers:
            self._strangers.remove(place)
        place.heard = now
        self._authenticated.append(place)
        return True

    def leave(self, place: Place, now: float) -> None:
        """Release a place; safe to call twice."""
        if place in self._authenticated:
            self._authenticated.remove(place)
        elif place in self._strangers:
            place.free_from = max(now, place.since + YOUNG_SECONDS) if place.wasted else now

    def _thin_out(self, places: list[Place]) -> bool:
        """Evict a connection waiting to pair from the address with most of them.

        An address keeps at least one.
        """
        waiting = [place for place in places if place.waits]
        hosts = Counter(place.host for place in waiting)
        crowded = [place for place in waiting if hosts[place.host] == max(hosts.values()) > 1]
        if not crowded:
            return False
        youngest = max(crowded, key=lambda place: place.since)
        self._strangers.remove(youngest)
        youngest.send_away()
        return True

    def _make_room(self, places: list[Place], now: float) -> bool:
        """Evict the oldest connection unless it is too young."""
        oldest = min(
            (place for place in places if place.free_from is None and not place.held),
            key=lambda place: place.since,
            default=None,
        )
        if oldest is None or now - oldest.since < YOUNG_SECONDS:
            return False
        self._strangers.remove(oldest)
        oldest.send_away()
        return True
