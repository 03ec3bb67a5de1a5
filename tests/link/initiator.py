"""Home Assistant's end of the link, written from docs/link.md as a third party would."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from wyoming.event import Event

from indoor_voice.link.pairing.secret import PAIRING_PROTOCOL, Exchange, Role, fingerprint
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.server.server import LinkServer
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection, LinkError
from tests.waiting import PATIENCE_SECONDS

CODE = "492173"
GONE = (LinkError, OSError, EOFError)
"""Exceptions at a client whose connection is refused."""


class RefusalError(Exception):
    """The responder answered `error`."""

    def __init__(self, event: Event) -> None:
        super().__init__(event.data)
        self.code: str = event.data["code"]
        self.data = event.data


class RawConnection(Connection):
    """A connection whose stream tests can also use directly."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self.writer = writer


class Initiator:
    """A client with a key and certificate of its own."""

    def __init__(self, folder: Path) -> None:
        self.own = Trust.load(folder)
        self.certificate = self.own.certificate
        self.pem = ssl.DER_cert_to_PEM_cert(self.certificate)
        self.chain = folder / "link" / "own.pem"
        self.peer: bytes | None = None

    def context(self, peer: bytes | None, *, shows_certificate: bool = True) -> ssl.SSLContext:
        """Return a TLS context that accepts `peer` only, or anyone if it is None."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        if shows_certificate:
            context.load_cert_chain(self.chain)
        if peer is None:
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_verify_locations(cadata=peer)
        return context

    @asynccontextmanager
    async def connected(
        self, port: int, *, peer: bytes | None, source: str = "127.0.0.1"
    ) -> AsyncIterator[RawConnection]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1",
            port,
            limit=MAX_HEADER_BYTES,
            ssl=self.context(peer),
            local_addr=(source, 0),
        )
        connection = RawConnection(reader, writer)
        try:
            yield connection
        finally:
            writer.transport.abort()

    @asynccontextmanager
    async def pinned(self, port: int, source: str = "127.0.0.1") -> AsyncIterator[RawConnection]:
        assert self.peer is not None
        async with self.connected(port, peer=self.peer, source=source) as connection:
            yield connection

    async def pair(self, port: int, code: str, **changed: Any) -> None:
        """Pair and store the other side's certificate; raises `RefusalError`."""
        async with self.connected(port, peer=None) as connection:
            await self.confirm(connection, code, **changed)
            await connection.send(Event("pair-done"))
            await answer(connection, "pair-done")

    async def confirm(self, connection: RawConnection, code: str, **changed: Any) -> None:
        """Perform all steps of pairing but the last."""
        peer = shown_certificate(connection)
        exchange = Exchange(Role.INITIATOR, code, fingerprint(self.certificate), fingerprint(peer))
        begin = {
            "protocol": PAIRING_PROTOCOL,
            "certificate": self.pem,
            "message": exchange.message.hex(),
        }
        await connection.send(Event("pair-begin", begin | changed))
        message = bytes.fromhex((await answer(connection, "pair-answer")).data["message"])
        confirmations = exchange.finish(message)
        await connection.send(
            Event("pair-confirm", {"confirmation": confirmations.of_initiator.hex()})
        )
        confirmed = await answer(connection, "pair-confirm")
        assert confirmed.data["confirmation"] == confirmations.of_responder.hex()
        self.peer = peer

    async def gets_in(self, port: int, source: str = "127.0.0.1") -> bool:
        """Return whether the device serves this client."""
        try:
            async with self.pinned(port, source) as connection:
                await connection.send(Event("describe"))
                return (await connection.receive()).type == "pong"
        except GONE:
            return False


def shown_certificate(connection: RawConnection) -> bytes:
    shown: bytes = connection.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return shown


def stop_reading(connection: RawConnection) -> None:
    """Stop accepting what the other side sends."""
    transport = connection.writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()


async def answer(connection: Connection, event_type: str) -> Event:
    """Wait for an answer; raises `RefusalError` on `error`."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        event = await connection.receive()
    if event.type == "error":
        raise RefusalError(event)
    assert event.type == event_type
    return event


async def ping(connection: Connection) -> bool:
    await connection.send(Event("ping", {"text": "x"}))
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await connection.receive() == Event("pong", {"text": "x"})


class Device:
    """A satellite or speech server that answers `pong` and records what it receives."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.received: list[str] = []
        self.codes: list[str | None] = []
        self.trust = Trust.load(state_dir)

    async def handle(self, connection: Connection) -> None:
        while True:
            event = await connection.receive()
            self.received.append(event.type)
            await connection.send(Event("pong", event.data))

    @asynccontextmanager
    async def serving(
        self,
        handle: Callable[[Connection], Awaitable[None]] | None = None,
        code: str | None = CODE,
    ) -> AsyncIterator[int]:
        """Run the device with its state from disk during the block; yields the port."""
        self.trust = Trust.load(self.state_dir)
        async with LinkServer(
            "127.0.0.1",
            0,
            handle or self.handle,
            trust=self.trust,
            on_code=self.codes.append,
            code=code,
        ) as server:
            yield server.port
