"""Where connections from the paired side's address wait when strangers there take its places."""

import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

SILENT: Final = 256
"""Who have said nothing yet; whoever came first makes room, for TLS begins at once."""
WAITING: Final = 64
"""Who have begun TLS, and are not known by the name."""
WAIT_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.02
_HANDSHAKE: Final = 22
"""The first byte of TLS."""
_HELLO_BYTES: Final = 2048
"""A server name stands near the beginning of a ClientHello."""


@dataclass(frozen=True, slots=True)
class _Guest:
    client: socket.socket
    host: str
    until: float

    @property
    def late(self) -> bool:
        return time.monotonic() > self.until


class _Said(Enum):
    NOTHING = auto()
    NONSENSE = auto()
    """What is no TLS, or nothing, and is gone."""
    HELLO = auto()
    NAME = auto()
    """A hello that has the name."""


class Entrance:
    """Lets sockets in as soon as there are places: who has the name at once, the others in order.

    Who has said nothing yet, has said what is no TLS, or is gone, takes no place.
    """

    def __init__(
        self,
        admit: Callable[[socket.socket, str, bool], bool],
        turn_away: Callable[[socket.socket, str], None],
        name: Callable[[], bytes | None],
    ) -> None:
        """Try to let in with `admit`; `turn_away` gets those who waited in vain.

        `name` returns the server name that the paired side alone knows; `admit` is told whether
        somebody has it.
        """
        self._admit = admit
        self._turn_away = turn_away
        self._name = name
        self._silent: deque[_Guest] = deque()
        self._waiting: deque[_Guest] = deque()
        self._somebody_waits = asyncio.Event()

    @property
    def crowded(self) -> bool:
        """Whether anybody waits, behind whom others have to wait too."""
        return bool(self._silent or self._waiting)

    def add(self, client: socket.socket, host: str) -> None:
        """Let a socket wait; whoever has been silent for longest may have to leave."""
        self._silent.append(_Guest(client, host, time.monotonic() + WAIT_SECONDS))
        if len(self._silent) > SILENT:
            self._sort(self._silent.popleft())
        if len(self._silent) > SILENT:
            guest = self._silent.pop()
            self._turn_away(guest.client, guest.host)
        self._somebody_waits.set()

    async def run(self) -> None:
        """Let in until cancelled."""
        try:
            while True:
                await self._somebody_waits.wait()
                await asyncio.sleep(_LOOK_SECONDS)
                self._look()
                if not self.crowded:
                    self._somebody_waits.clear()
        finally:
            for guest in (*self._silent, *self._waiting):
                guest.client.close()

    def _look(self) -> None:
        for _ in range(len(self._silent)):
            self._sort(self._silent.popleft())
        full = False
        for _ in range(len(self._waiting)):
            guest = self._waiting.popleft()
            said = _said(guest.client, self._name())
            if said is _Said.NONSENSE or guest.late:
                self._turn_away(guest.client, guest.host)
            elif (full and said is _Said.HELLO) or not self._lets_in(guest, said):
                full = full or said is _Said.HELLO
                self._waiting.append(guest)

    def _sort(self, guest: _Guest) -> None:
        """Put a silent one where it belongs by now; at the end of the silent if it still is."""
        said = _said(guest.client, self._name())
        most = SILENT if said is _Said.NAME else WAITING
        if said is _Said.NAME and self._lets_in(guest, said):
            return
        if said is _Said.NONSENSE or guest.late:
            self._turn_away(guest.client, guest.host)
        elif said is _Said.NOTHING:
            self._silent.append(guest)
        elif len(self._waiting) < most:
            self._waiting.append(guest)
        else:
            self._turn_away(guest.client, guest.host)

    def _lets_in(self, guest: _Guest, said: _Said) -> bool:
        return self._admit(guest.client, guest.host, said is _Said.NAME)


def _said(client: socket.socket, name: bytes | None) -> _Said:
    """Look at what has come, without taking it."""
    try:
        hello = client.recv(_HELLO_BYTES, socket.MSG_PEEK)
    except BlockingIOError:
        return _Said.NOTHING
    except OSError:
        return _Said.NONSENSE
    if not hello or hello[0] != _HANDSHAKE:
        return _Said.NONSENSE
    return _Said.NAME if name is not None and name in hello else _Said.HELLO
