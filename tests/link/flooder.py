"""Floods a listener with connections that never lead to anything.

Run as `python -m tests.link.flooder PORT SECONDS [WAY ...]`. It prints the number of connections.
"""

import argparse
import contextlib
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.link.initiator import Initiator

HELD: Final = 100
"""Connections that a way which holds them keeps open at once."""
THREADS: Final = 4
_RESET: Final = struct.pack("ii", 1, 0)
_GARBAGE: Final = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x00" * 2000,
    b"\x16\x03\x01\x40\x00" + b"\x01" * 99,
)


class Flooder:
    """One of several attackers that do the same at once."""

    def __init__(self, port: int, wrong: Initiator) -> None:
        """Use the certificate of `wrong`, which is not the paired one."""
        self.made = 0
        self._port = port
        self._held: deque[socket.socket] = deque()
        self._with = wrong.context(None)
        self._without = wrong.context(None, shows_certificate=False)
        self._hello = _client_hello(self._with)

    def garbage(self) -> None:
        with self._connected() as client:
            client.sendall(_GARBAGE[self.made % len(_GARBAGE)])

    def silence(self) -> None:
        self._hold(self._connected())

    def hello(self) -> None:
        """Start TLS and stop there."""
        client = self._connected()
        client.sendall(self._hello)
        self._hold(client)

    def hello_and_reset(self) -> None:
        with self._connected() as client:
            client.sendall(self._hello)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def reset(self) -> None:
        with self._connected() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def without_certificate(self) -> None:
        with self._without.wrap_socket(self._connected()) as client:
            client.recv(1)

    def wrong_certificate(self) -> None:
        with self._with.wrap_socket(self._connected()) as client:
            client.sendall(b'{"type":"pair-begin"}\n')
            client.recv(1)

    def shaken_and_reset(self) -> None:
        """Complete the handshake, and disconnect before the other side notices."""
        with self._with.wrap_socket(self._connected()) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def all_of_them(self) -> None:
        ways = [way for name, way in WAYS.items() if name != "all_of_them"]
        ways[self.made % len(ways)](self)

    def run(self, way: Callable[["Flooder"], None], until: float) -> None:
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                way(self)
            self.made += 1

    def _connected(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self._port), timeout=2)
        client.settimeout(2)
        return client

    def _hold(self, client: socket.socket) -> None:
        self._held.append(client)
        if len(self._held) > HELD // THREADS:
            self._held.popleft().close()


WAYS: Final[dict[str, Callable[[Flooder], None]]] = {
    way.__name__: way
    for way in (
        Flooder.garbage,
        Flooder.silence,
        Flooder.hello,
        Flooder.hello_and_reset,
        Flooder.reset,
        Flooder.without_certificate,
        Flooder.wrong_certificate,
        Flooder.shaken_and_reset,
        Flooder.all_of_them,
    )
}


def _client_hello(context: ssl.SSLContext) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float, help="for each way")
    parser.add_argument("ways", nargs="*", choices=WAYS, default=list(WAYS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong = Initiator(Path(folder))
        flooders = [Flooder(arguments.port, wrong) for _ in range(THREADS)]
    for name in arguments.ways:
        until = time.monotonic() + arguments.seconds
        threads = [
            threading.Thread(target=flooder.run, args=(WAYS[name], until)) for flooder in flooders
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(sum(flooder.made for flooder in flooders))  # noqa: T201


if __name__ == "__main__":
    main()
