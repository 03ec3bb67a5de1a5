"""Where connections from the paired side's address wait when strangers there take its places."""

import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Final

WAITING: Final = 64
WAIT_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.02
_HANDSHAKE: Final = 22
"""The first byte of TLS."""

Admit = Callable[[socket.socket, str], bool]


class Entrance:
    """Lets sockets in, first come first served, as soon as there are places.

    Who has said nothing yet, has said what is no TLS, or is gone, takes no place.
    """

    def __init__(self, admit: Admit, turn_away: Callable[[socket.socket, str], None]) -> None:
        """Try to let in with `admit`; `turn_away` gets those who waited in vain."""
        self._admit = admit
        self._turn_away = turn_away
        self._waiting: deque[tuple[socket.socket, str, float]] = deque()
        self._somebody_waits = asyncio.Event()

    @property
    def crowded(self) -> bool:
        """Whether anybody waits, behind whom others have to wait too."""
        return bool(self._waiting)

    def add(self, client: socket.socket, host: str) -> None:
        """Let a socket wait, unless too many do."""
        if len(self._waiting) >= WAITING:
            self._look()
        if len(self._waiting) >= WAITING:
            self._turn_away(client, host)
        else:
            self._waiting.append((client, host, time.monotonic() + WAIT_SECONDS))
            self._somebody_waits.set()

    async def run(self) -> None:
        """Let in until cancelled."""
        try:
            while True:
                await self._somebody_waits.wait()
                await asyncio.sleep(_LOOK_SECONDS)
                self._look()
                if not self._waiting:
                    self._somebody_waits.clear()
        finally:
            while self._waiting:
                self._waiting.popleft()[0].close()

    def _look(self) -> None:
        full = False
        for _ in range(len(self._waiting)):
            client, host, until = self._waiting.popleft()
            first = _first_byte(client)
            if first not in (None, _HANDSHAKE) or time.monotonic() > until:
                self._turn_away(client, host)
            elif full or first is None or not self._admit(client, host):
                full = full or first is not None
                self._waiting.append((client, host, until))


def _first_byte(client: socket.socket) -> int | None:
    """Return the first byte that has come, None while there is none, -1 when none will come."""
    try:
        said = client.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return None
    except OSError:
        return -1
    return said[0] if said else -1
