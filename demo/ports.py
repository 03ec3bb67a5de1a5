"""Finds ports that nobody uses."""

import contextlib
import socket


def free_port(preferred: int = 0) -> int:
    """Return a free TCP port of the loopback address, `preferred` if possible."""
    for wanted in (preferred, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            if wanted:
                # Otherwise a port that was in use a minute ago is not free yet.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            port: int = probe.getsockname()[1]
            return port
    raise OSError("No port is free")
