"""What has been sent but not arrived when a stream ends: the lamp tells, and it can't be late."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator

import pytest

from indoor_voice.link.server import connection as connection_module
from indoor_voice.room.controls.lamp import Lamp
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES
from indoor_voice.room.wire.controller import MAX_UNDER_WAY_BYTES
from tests.room.room_parts import WAKE_WORD, Controller, ServedSatellite, kept_alive
from tests.waiting import until

BLOCKS = 100
"""Of 80 ms: more than may be under way, and fewer than may be queued."""
RECEIVED_BYTES = 4 * 1024
"""The buffer of a peer that does not read; Linux doubles it."""


def transport(controller: Controller) -> asyncio.Transport:
    assert isinstance(controller.writer.transport, asyncio.Transport)
    return controller.writer.transport


@pytest.fixture
async def reader_of_little(satellite: ServedSatellite) -> AsyncIterator[Controller]:
    """A controller whose kernel receives little for it, and to which sound is being sent."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED_BYTES)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", satellite.port))
    reader, writer = await asyncio.open_connection(sock=client)
    async with kept_alive(reader, writer) as connection:
        controller = Controller(connection, writer)
        await controller.send("run-satellite")
        await controller.send("ping")
        await controller.receive("pong")
        satellite.microphone.hear(WAKE_WORD)
        await controller.receive("run-pipeline")
        transport(controller).pause_reading()
        satellite.microphone.hear(*range(1, BLOCKS))
        await until(satellite.microphone.sound.empty)
        yield controller


async def test_the_lamp_is_lit_until_what_was_sent_has_arrived(
    satellite: ServedSatellite, reader_of_little: Controller
) -> None:
    await satellite.room.mute(True)
    other = await satellite.connect()
    await other.send("ping")
    await other.receive("pong")
    assert set(satellite.lamp.shown) == {Lamp.STREAMING}
    transport(reader_of_little).resume_reading()
    arrived = await reader_of_little.receive_until("audio-stop")
    await until(lambda: satellite.lamp.shown[-1], lambda lamp: lamp is Lamp.MUTED)
    chunks = [event for event in arrived if event.type == "audio-chunk"]
    bytes_of_chunks = len(chunks) * BLOCK_SAMPLES * 2
    assert bytes_of_chunks < MAX_UNDER_WAY_BYTES + 8 * RECEIVED_BYTES < BLOCKS * BLOCK_SAMPLES * 2
    await reader_of_little.send("ping")
    after = await reader_of_little.receive_until("pong")
    assert "audio-chunk" not in [event.type for event in after]


async def test_what_never_arrives_is_dropped_with_the_connection(
    satellite: ServedSatellite, reader_of_little: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "SEND_TIMEOUT_SECONDS", 0.2)
    await satellite.room.mute(True)
    await until(lambda: satellite.lamp.shown[-1], lambda lamp: lamp is Lamp.MUTED)
    client = reader_of_little.writer.get_extra_info("socket")
    # A connection that is closed in order sends what it has first.
    reset = await until(lambda: client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    assert reset == errno.ECONNRESET


async def test_the_lamp_is_dark_once_a_controller_that_does_not_read_is_replaced(
    satellite: ServedSatellite, reader_of_little: Controller
) -> None:
    await satellite.control()
    await until(lambda: satellite.lamp.shown, lambda shown: shown == [Lamp.STREAMING, Lamp.DARK])
    client = reader_of_little.writer.get_extra_info("socket")
    reset = await until(lambda: client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    assert reset == errno.ECONNRESET
