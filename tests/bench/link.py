"""The cost of the link's protection for a turn."""

import asyncio
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wyoming.audio import AudioChunk
from wyoming.event import Event
from wyoming.ping import Ping

from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.server.server import LinkServer
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection

EVENTS: Final = 100
_CHUNK: Final = AudioChunk(16_000, 2, 1, bytes(2560)).event()
_APART_SECONDS: Final = 0.2
"""Turns never follow each other at once either."""


@dataclass(frozen=True, slots=True)
class Link:
    """Times in seconds, for both ends together on this machine."""

    connecting: float
    """From opening a connection to its first answer.

    Users wait for one new connection: that for the synthesis. The one for recognition is opened
    while they speak, and the satellite's exists already.
    """
    sending: float
    """For `EVENTS` pieces of sound of 80 ms; in a turn, they are sent in real time."""


async def measure(folder: Path, rounds: int) -> dict[str, list[Link]]:
    """Measure protected and plain connections alternately."""
    trust, client = Trust.load(folder / "device"), Trust.load(folder / "home_assistant")
    trust.accept(client.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_cert_chain(folder / "home_assistant" / "link" / "own.pem")
    context.load_verify_locations(cadata=trust.certificate)
    measured: dict[str, list[Link]] = {"protected": [], "plain": []}
    async with (
        LinkServer("127.0.0.1", 0, _answer, trust=trust) as protected,
        LinkServer("127.0.0.1", 0, _answer, trust=None) as plain,
    ):
        for _ in range(rounds):
            measured["protected"].append(await _use(protected.port, context))
            measured["plain"].append(await _use(plain.port, None))
            await asyncio.sleep(_APART_SECONDS)
    return measured


async def _answer(connection: Connection) -> None:
    while True:
        if (await connection.receive()).type == "ping":
            await connection.send(Event("pong"))


async def _use(port: int, context: ssl.SSLContext | None) -> Link:
    began = time.perf_counter()
    streams = await asyncio.open_connection("127.0.0.1", port, ssl=context, limit=MAX_HEADER_BYTES)
    connection = Connection(*streams)
    await connection.send(Ping())
    await connection.receive()
    connected = time.perf_counter()
    for _ in range(EVENTS):
        await connection.send(_CHUNK)
    await connection.send(Ping())
    await connection.receive()
    sent = time.perf_counter()
    await connection.close()
    return Link(connected - began, sent - connected)
