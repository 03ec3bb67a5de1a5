"""Queues connections from the paired side's address when strangers there hold all its places."""

import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

SILENT: Final = 256
"""Connections that have sent nothing yet; the oldest makes room, as TLS clients start at once."""
WAITING: Final = 64
"""Connections that have started TLS without the entrance name."""
WAIT_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.02
_HANDSHAKE: Final = 22
"""First byte of a TLS connection."""
_HELLO_BYTES: Final = 2048
"""The server name is near the beginning of a ClientHello."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    client: socket.socket
    host: str
    until: float

    @property
    def late(self) -> bool:
        return time.monotonic() > self.until


class _FirstBytes(Enum):
    NOTHING = auto()
    NO_TLS = auto()
    """Something other than TLS, or the connection is closed."""
    HELLO = auto()
    NAMED_HELLO = auto()
    """A ClientHello with the entrance name."""


class Entrance:
    """Admits waiting sockets as places become free: those with the name first, others in order.

    Sockets that have sent nothing, that don't speak TLS or that are closed never take a place.
    """

    def __init__(
        self,
        admit: Callable[[socket.socket, str, bool], bool],
        turn_away: Callable[[socket.socket, str], None],
        name: Callable[[], bytes | None],
    ) -> None:
        """Admit sockets with `admit`, and pass those that waited in vain to `turn_away`.

        `name` returns the server name that only the paired side knows. The last argument of
        `admit` is whether the socket used it.
        """
        self._admit = admit
        self._turn_away = turn_away
        self._name = name
        self._silent: deque[_Waiting] = deque()
        self._greeted: deque[_Waiting] = deque()
        self._not_empty = asyncio.Event()

    @property
    def crowded(self) -> bool:
        """Whether a socket is waiting, so that later ones must queue behind it."""
        return bool(self._silent or self._greeted)

    def add(self, client: socket.socket, host: str) -> None:
        """Queue a socket, turning away the one that was silent for longest when there are many."""
        self._silent.append(_Waiting(client, host, time.monotonic() + WAIT_SECONDS))
        if len(self._silent) > SILENT:
            self._sort(self._silent.popleft())
        if len(self._silent) > SILENT:
            still_silent = self._silent.pop()
            self._turn_away(still_silent.client, still_silent.host)
        self._not_empty.set()

    async def run(self) -> None:
        """Admit waiting sockets until cancelled."""
        try:
            while True:
                await self._not_empty.wait()
                await asyncio.sleep(_POLL_SECONDS)
                self._poll()
                if not self.crowded:
                    self._not_empty.clear()
        finally:
            for waiting in (*self._silent, *self._greeted):
                waiting.client.close()

    def _poll(self) -> None:
        for _ in range(len(self._silent)):
            self._sort(self._silent.popleft())
        full = False
        for _ in range(len(self._greeted)):
            waiting = self._greeted.popleft()
            received = _peek(waiting.client, self._name())
            if received is _FirstBytes.NO_TLS or waiting.late:
                self._turn_away(waiting.client, waiting.host)
            elif (full and received is _FirstBytes.HELLO) or not self._try_admit(waiting, received):
                full = full or received is _FirstBytes.HELLO
                self._greeted.append(waiting)

    def _sort(self, waiting: _Waiting) -> None:
        """Move a silent socket on if it has sent something, else to the end of the silent ones."""
        received = _peek(waiting.client, self._name())
        most = SILENT if received is _FirstBytes.NAMED_HELLO else WAITING
        if received is _FirstBytes.NAMED_HELLO and self._try_admit(waiting, received):
            return
        if received is _FirstBytes.NO_TLS or waiting.late:
            self._turn_away(waiting.client, waiting.host)
        elif received is _FirstBytes.NOTHING:
            self._silent.append(waiting)
        elif len(self._greeted) < most:
            self._greeted.append(waiting)
        else:
            self._turn_away(waiting.client, waiting.host)

    def _try_admit(self, waiting: _Waiting, received: _FirstBytes) -> bool:
        return self._admit(waiting.client, waiting.host, received is _FirstBytes.NAMED_HELLO)


def _peek(client: socket.socket, name: bytes | None) -> _FirstBytes:
    """Classify what has arrived without consuming it."""
    try:
        hello = client.recv(_HELLO_BYTES, socket.MSG_PEEK)
    except BlockingIOError:
        return _FirstBytes.NOTHING
    except OSError:
        return _FirstBytes.NO_TLS
    if not hello or hello[0] != _HANDSHAKE:
        return _FirstBytes.NO_TLS
    has_name = name is not None and name in hello
    return _FirstBytes.NAMED_HELLO if has_name else _FirstBytes.HELLO
