"""Tests that a paired device sends strangers a TLS alert and nothing more."""

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from wyoming.event import Event, async_write_event

from indoor_voice import throttled_log
from indoor_voice.link.server import server
from indoor_voice.link.wire import Connection
from tests.background import in_background
from tests.link.initiator import (
    CODE,
    GONE,
    Device,
    Initiator,
    RawConnection,
    answer,
    ping,
    stop_reading,
)
from tests.waiting import until


@pytest.fixture
async def port(device: Device, home: Initiator) -> AsyncIterator[int]:
    """Return the port of a device that is paired with `home`."""
    async with device.serving() as port:
        await home.pair(port, CODE)
        yield port


async def heard_by(port: int, sent: bytes, tls_context: ssl.SSLContext | None = None) -> bytes:
    """Return everything that a client receives in answer to `sent`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls_context)
    heard = b""
    try:
        writer.write(sent)
        async with asyncio.timeout(8):
            while piece := await reader.read(4096):
                heard += piece
    except (ssl.SSLError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return heard


@pytest.mark.parametrize("shows_certificate", [True, False])
@pytest.mark.parametrize(
    "event_type",
    ["describe", "ping", "run-satellite", "transcribe", "audio-chunk", "unpair", "pair-begin"],
)
async def test_a_stranger_with_or_without_a_certificate_gets_an_alert(
    device: Device, port: int, stranger: Initiator, event_type: str, *, shows_certificate: bool
) -> None:
    tls_context = stranger.context(None, shows_certificate=shows_certificate)
    sent = f'{{"type":"{event_type}"}}\n'.encode()
    assert await heard_by(port, sent, tls_context) == b""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls_context)
    with pytest.raises(ssl.SSLError, match=r"(?i)alert.(certificate.required|unknown.ca)"):
        await reader.read(1)
    writer.transport.abort()
    assert device.received == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.MAXIMUM_SUPPORTED])
async def test_older_tls_is_refused(
    device: Device, port: int, home: Initiator, version: ssl.TLSVersion
) -> None:
    tls_context = home.context(home.peer)
    tls_context.minimum_version = ssl.TLSVersion.TLSv1_2
    tls_context.maximum_version = version
    if version is ssl.TLSVersion.TLSv1_2:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", port, ssl=tls_context)
    else:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls_context)
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.3"
        writer.transport.abort()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b'{"type":"describe"}\n', id="Wyoming"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="HTTP"),
        pytest.param(b"\x00" * 100_000, id="zeros"),
        pytest.param(b"\x16\x03\x01\x40\x00" + b"\x01" * 16384, id="a broken ClientHello"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="half a ClientHello"),
        pytest.param(b"", id="nothing"),
    ],
)
async def test_plain_bytes_get_an_alert_at_most(
    device: Device, port: int, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HANDSHAKE_SECONDS", 0.5)
    heard = await heard_by(port, sent)
    # An unencrypted TLS record of type alert.
    assert heard == b"" or (heard[0] == 21 and len(heard) == 7)
    assert device.received == []


async def test_a_recorded_connection_is_worth_nothing(
    device: Device, port: int, home: Initiator
) -> None:
    recorded = bytearray()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)

        async def carry() -> None:
            while piece := await far_reader.read(4096):
                writer.write(piece)

        back = asyncio.create_task(carry())
        while piece := await reader.read(4096):
            recorded.extend(piece)
            far_writer.write(piece)
        far_writer.close()
        back.cancel()

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as between:
        assert await home.gets_in(between.sockets[0].getsockname()[1])
        await asyncio.sleep(0.1)
    assert device.received == ["describe"]
    heard = await heard_by(port, bytes(recorded))
    assert b"pong" not in heard
    assert device.received == ["describe"]


async def test_events_without_end_close_the_connection(
    device: Device, port: int, home: Initiator
) -> None:
    async with home.pinned(port) as connection:

        async def flood() -> None:
            while True:
                await connection.send(Event("ping"))
                await asyncio.sleep(0)

        answers = 0
        with contextlib.suppress(*GONE):
            async with in_background(flood()), asyncio.timeout(10):
                while True:
                    await connection.receive()
                    answers += 1
    assert answers <= len(device.received) <= 3000
    assert await home.gets_in(port)


async def test_a_ninth_connection_is_turned_away_and_room_is_made_again(
    port: int, home: Initiator
) -> None:
    async with home.pinned(port) as first:
        assert await ping(first)
        async with asyncio.TaskGroup() as group:
            inside = [group.create_task(_hold(home, port)) for _ in range(7)]
            await asyncio.sleep(1)
            assert not await home.gets_in(port)
            for task in inside:
                task.cancel()
        await asyncio.sleep(0.2)
        assert await home.gets_in(port)
        assert await ping(first)


async def _hold(home: Initiator, port: int) -> None:
    async with home.pinned(port) as connection:
        assert await ping(connection)
        await asyncio.Event().wait()


async def test_whoever_stops_reading_harms_nobody(device: Device, home: Initiator) -> None:
    async def talk(connection: Connection) -> None:
        event = await connection.receive()
        while event.type == "talk":
            await connection.send(Event("audio-chunk", payload=bytes(100_000)))
        await connection.send(Event("pong"))

    async with device.serving(talk) as port:
        await home.pair(port, CODE)
        async with home.pinned(port) as deaf:
            stop_reading(deaf)
            await deaf.send(Event("talk"))
            await asyncio.sleep(0.5)
            assert await home.gets_in(port)


async def test_an_error_of_the_handler_ends_one_connection(
    device: Device, home: Initiator, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(connection: Connection) -> None:
        if (await connection.receive()).type == "fail":
            raise RuntimeError
        await connection.send(Event("pong"))

    async with device.serving(fail) as port:
        await home.pair(port, CODE)
        async with home.pinned(port) as connection:
            await connection.send(Event("fail"))
            with pytest.raises(GONE):
                await connection.receive()
        assert await home.gets_in(port)
    assert "Serving 127.0.0.1 failed" in caplog.text


async def test_strangers_make_a_line_a_minute(
    port: int,
    stranger: Initiator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)
    minute_seconds = 0.5
    monkeypatch.setattr(throttled_log, "EVERY_SECONDS", minute_seconds)
    caplog.clear()
    began = time.monotonic()

    def turned_away() -> int:
        return sum(int(record.getMessage().split()[2]) for record in caplog.records)

    for _ in range(20):
        for tls_context in (None, stranger.context(None)):
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls_context)
            writer.transport.abort()
            await asyncio.sleep(0.05)
    await until(turned_away, lambda count: count >= 40)
    minutes = (time.monotonic() - began) / minute_seconds
    lines = [record.getMessage() for record in caplog.records]
    assert all(line.startswith("Turned away") for line in lines)
    assert turned_away() == 40
    assert 2 <= len(lines) <= 1 + minutes
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


@asynccontextmanager
async def open_plainly(port: int) -> AsyncIterator[RawConnection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    connection = RawConnection(reader, writer)
    try:
        yield connection
    finally:
        writer.transport.abort()


async def test_plain_wyoming_serves_everybody_and_knows_no_unpairing(device: Device) -> None:
    async with (
        server.LinkServer("localhost", 0, device.handle, trust=None) as plain,
        open_plainly(plain.port) as connection,
    ):
        await async_write_event(Event("unpair"), connection.writer)
        await answer(connection, "pong")
        assert device.received == ["unpair"]
        assert device.codes == []


@pytest.mark.parametrize("event_type", ["ping", "pair-begin", "x"])
async def test_half_a_character_of_a_stranger_is_no_fault_of_ours(
    device: Device, home: Initiator, event_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    sent = b'{"type":"%s","data":{"text":"\\ud800","message":"\\udfff","protocol":2}}\n'
    async with device.serving() as port:
        for _ in range(20):
            await heard_by(port, sent % event_type.encode(), home.context(None))
            if event_type == "pair-begin":
                break  # once is enough, as each answer is delayed
        await home.pair(port, CODE)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
