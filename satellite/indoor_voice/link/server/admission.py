"""Who gets one of the few places of a listener, whatever strangers do. Pure: time is handed in."""

from collections import Counter
from collections.abc import Callable
from typing import Final

STRANGERS: Final = 8
"""Places for whoever is not authenticated yet; as many more for the address of the paired side,
and again for who comes from there with the name that it alone knows."""
STRANGERS_OF_ONE_ADDRESS: Final = 4
YOUNG_SECONDS: Final = 0.2
"""A connection that young is not sent away: the paired side's handshake takes less.

A place stays taken for as long if nothing came of it, and so strangers make 40 handshakes a second
at most.
"""
AUTHENTICATED: Final = 8
"""Places for the paired side, unless its device has more."""
SILENT_SECONDS: Final = 10.0
"""Whoever of the authenticated was silent for so long gives way when all places are taken."""


class Place:
    """The place of one connection."""

    def __init__(
        self, host: str, *, crowd: tuple[bool, bool], send_away: Callable[[], None], now: float
    ) -> None:
        """Hold a place from `now` on; `send_away` is called when it must be given up."""
        self.host: Final = host
        self.crowd: Final = crowd
        """Whose places it is one of."""
        self.since: Final = now
        self.send_away: Final = send_away
        self.heard: float = now
        """When the last event arrived."""
        self.held = False
        """True while it may not be sent away: it is pairing."""
        self.waits = False
        """True while it is held only to wait for its turn to pair."""
        self.wasted = False
        """Nothing came of it but work."""
        self.free_from: float | None = None


class Admission:
    """Gives out the places of one listener."""

    def __init__(self, authenticated: int = AUTHENTICATED) -> None:
        """Begin with all places free, `authenticated` of them for the paired side."""
        self._most = authenticated
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
        """Give a place to a new connection, if need be another's; None turns it away.

        Args:
            host: Address of the other side.
            known: Whether the paired side last came from there.
            named: Whether it comes with the paired side's name.
            send_away: What ends the connection when its place is given to another.
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
        """Move a place to the authenticated ones; False when those are all taken and in use."""
        if len(self._authenticated) >= self._most:
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
        """Give a place back; safe to call again."""
        if place in self._authenticated:
            self._authenticated.remove(place)
        elif place in self._strangers:
            place.free_from = max(now, place.since + YOUNG_SECONDS) if place.wasted else now

    def _thin_out(self, places: list[Place]) -> bool:
        """Send away one who waits to pair, of the address that most wait at; never the only one."""
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
