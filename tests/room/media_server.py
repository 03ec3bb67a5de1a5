"""A server on this machine that offers media, good and bad, to a music player."""

import contextlib
import http.server
import ssl
import threading
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

RATE = 8_000
"""Of all sound here, in samples per second."""
STEP = 1_000
"""Each second of the steps is louder by this."""
HUGE_BYTES = 500_000_000

Answer = Callable[["Handler"], None]


def steps(seconds: int) -> bytes:
    """Return a WAV file whose samples tell the second that they belong to."""
    values = np.repeat((np.arange(seconds) + 1) * STEP, RATE).astype("<i2")
    return wav(np.repeat(values, 2).tobytes())


def wav(pcm: bytes) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(pcm)
    return file.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers from the server's table."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        answer = self.server.answers.get(self.path, not_found)
        with contextlib.suppress(OSError):
            answer(self)

    def log_message(self, *_: object) -> None:
        pass

    def send(self, body: bytes, kind: str = "audio/wav") -> None:
        """Send a file, or the part of it that is asked for."""
        start = int(self.headers.get("Range", "bytes=0-")[6:].split("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Accept-Ranges", "bytes")
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        self.wfile.write(body[start:])

    def begin(self, kind: str, length: int | None = None) -> None:
        """Send the headers of a body that the caller writes."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()


class Server(http.server.ThreadingHTTPServer):
    """Answers by path."""

    daemon_threads = True
    answers: Mapping[str, Answer]
    asked: list[str]

    def handle_error(self, *_: object) -> None:
        pass  # the player hangs up whenever it likes


def file(body: bytes, kind: str = "audio/wav") -> Answer:
    return lambda handler: handler.send(body, kind)


def not_found(handler: Handler) -> None:
    status(404)(handler)


def status(code: int, **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in {**headers, "Content-Length": "0"}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def never(handler: Handler) -> None:
    """Wait for a player that hangs up."""
    handler.rfile.read(1)


def never_ending(kind: str, piece: bytes, first: bytes = b"") -> Answer:
    def answer(handler: Handler) -> None:
        handler.begin(kind)
        handler.wfile.write(first)
        while True:
            handler.wfile.write(piece)

    return answer


def huge(handler: Handler) -> None:
    """Send a file of 500 MB."""
    header = bytearray(wav(b""))
    header[40:44] = (HUGE_BYTES - 44).to_bytes(4, "little")
    handler.begin("audio/wav", HUGE_BYTES)
    handler.wfile.write(header)
    piece = np.full((50_000,), STEP, "<i2").tobytes()
    for _ in range((HUGE_BYTES - 44) // len(piece)):
        handler.wfile.write(piece)


@dataclass
class Media:
    """The running server."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for."""


@contextlib.contextmanager
def serving(certificate: Path | None = None) -> Iterator[Media]:
    """Serve on loopback, with TLS if there is a certificate with its key."""
    server = Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context: Any = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    media = Media(f"{scheme}://127.0.0.1:{server.server_port}")
    server.answers, server.asked = media.answers, media.asked
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield media
    finally:
        server.shutdown()
        server.server_close()
