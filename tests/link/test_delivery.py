"""A device can wait until the other side's machine has all that was sent, over TLS, too."""

import asyncio
from typing import cast

import pytest
from wyoming.event import Event

from indoor_voice.link.server import connection as connection_module
from indoor_voice.link.server.connection import ServedConnection
from indoor_voice.link.wire import Connection, PeerGoneError
from tests.link.initiator import CODE, Device, Initiator, RawConnection, stop_reading
from tests.waiting import events_until, until

PIECE = bytes(100_000)


def read_on(connection: RawConnection) -> None:
    transport = connection.writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.resume_reading()


class Sender:
    """Sends all that the link accepts at once, then waits for its delivery."""

    def __init__(self) -> None:
        self.sent = 0
        self.waits = False
        self.outcome: str | None = None

    async def handle(self, connection: Connection) -> None:
        served = cast("ServedConnection", connection)
        await served.receive()
        sending = asyncio.create_task(self._send(served))
        while not sending.done():
            before = self.sent
            await asyncio.wait([sending], timeout=0.5)
            if self.sent == before:
                break
        self.waits = True
        try:
            await served.until_delivered()
        except PeerGoneError:
            self.outcome = "gone"
        else:
            self.outcome = "delivered"
            await sending
        finally:
            sending.cancel()

    async def _send(self, served: ServedConnection) -> None:
        """Send until the peer reads nothing any more, and an end if it does again."""
        while not self.waits:
            await served.send(Event("piece", payload=PIECE))
            self.sent += 1
        await served.send(Event("end"))


async def test_it_is_delivered_once_the_other_side_has_read_enough(
    device: Device, home: Initiator
) -> None:
    sender = Sender()
    async with device.serving() as port:
        await home.pair(port, CODE)
    async with device.serving(sender.handle) as port, home.pinned(port) as connection:
        stop_reading(connection)
        await connection.send(Event("begin"))
        await until(lambda: sender.waits)
        assert sender.outcome is None
        read_on(connection)
        await events_until(connection, "end")
        await until(lambda: sender.outcome, lambda outcome: outcome == "delivered")


async def test_what_is_not_delivered_in_time_ends_the_connection(
    device: Device, home: Initiator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "SEND_TIMEOUT_SECONDS", 0.2)
    sender = Sender()
    async with device.serving() as port:
        await home.pair(port, CODE)
    async with device.serving(sender.handle) as port, home.pinned(port) as connection:
        stop_reading(connection)
        await connection.send(Event("begin"))
        await until(lambda: sender.outcome, lambda outcome: outcome == "gone")
        read_on(connection)
        with pytest.raises(PeerGoneError):
            await events_until(connection, "end")
