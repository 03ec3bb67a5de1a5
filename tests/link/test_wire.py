"""Tests for the wire's limits, with a peer that breaks them over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wyoming.event import Event

from indoor_voice.link import wire
from indoor_voice.link.server.admission import AUTHENTICATED
from indoor_voice.link.server.server import LinkServer, ListenError
from indoor_voice.link.wire import Connection, FrameError, LinkError, PeerGoneError


@asynccontextmanager
async def link(
    handle: Callable[[Connection], Awaitable[None]],
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect a raw TCP client to a server that passes its connection to `handle`."""
    async with LinkServer("127.0.0.1", 0, handle, trust=None) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            yield reader, writer
        finally:
            writer.close()


async def outcome_of(sent: bytes, *, then_close: bool = True) -> list[Event | LinkError]:
    """Return the events that a receiver gets from raw bytes, and the error that ends them."""
    received: list[Event | LinkError] = []
    done = asyncio.Event()

    async def handle(connection: Connection) -> None:
        try:
            while True:
                received.append(await connection.receive())
        except LinkError as err:
            received.append(err)
        finally:
            done.set()

    async with link(handle) as (_, writer):
        writer.write(sent)
        if then_close:
            writer.write_eof()
        await asyncio.wait_for(done.wait(), 15)
    return received


def frame(header: dict[str, object], rest: bytes = b"") -> bytes:
    return json.dumps(header).encode() + b"\n" + rest


async def test_an_event_arrives_with_its_data_and_payload() -> None:
    data = json.dumps({"rate": 16000}).encode()
    sent = frame(
        {"type": "audio-chunk", "data_length": len(data), "payload_length": 4}, data + b"abcd"
    )
    event, end = await outcome_of(sent)
    assert event == Event("audio-chunk", {"rate": 16000}, b"abcd")
    assert isinstance(end, PeerGoneError)


async def test_data_in_the_header_is_understood_too() -> None:
    event, _ = await outcome_of(frame({"type": "ping", "data": {"text": "x"}}))
    assert event == Event("ping", {"text": "x"})


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"hello\n", id="no JSON"),
        pytest.param(b"[1]\n", id="no object"),
        pytest.param(b"\xff\xfe\n", id="no text"),
        pytest.param(b"[" * 60_000 + b"\n", id="nested without end"),
        pytest.param(frame({"data": {}}), id="no type"),
        pytest.param(frame({"type": 5}), id="type is a number"),
        pytest.param(frame({"type": "x", "data": [1]}), id="data is a list"),
        pytest.param(frame({"type": "x", "payload_length": 2**30}), id="1 GB payload"),
        pytest.param(frame({"type": "x", "data_length": 2**30}), id="1 GB data"),
        pytest.param(frame({"type": "x", "payload_length": -1}), id="negative"),
        pytest.param(frame({"type": "x", "payload_length": "many"}), id="length is text"),
        pytest.param(frame({"type": "x", "payload_length": True}), id="length is true"),
        pytest.param(frame({"type": "x", "data_length": 3}, b"{a}"), id="broken data"),
        pytest.param(b"x" * (wire.MAX_HEADER_BYTES + 10), id="header without end"),
    ],
)
async def test_what_is_no_event_within_the_bounds_is_refused(sent: bytes) -> None:
    outcome = await outcome_of(sent, then_close=False)
    assert [type(one) for one in outcome] == [FrameError]


@pytest.mark.parametrize(
    "sent", [b"", b'{"type": "x"', frame({"type": "x", "payload_length": 9}, b"abc")]
)
async def test_a_truncated_event_is_the_end_of_the_connection(sent: bytes) -> None:
    outcome = await outcome_of(sent)
    assert [type(one) for one in outcome] == [PeerGoneError]


async def test_an_event_begun_and_not_finished_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "FRAME_TIMEOUT_SECONDS", 0.1)
    outcome = await outcome_of(b'{"type"', then_close=False)
    assert [type(one) for one in outcome] == [FrameError]


async def test_a_peer_that_stops_reading_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SEND_TIMEOUT_SECONDS", 0.3)
    gave_up = asyncio.Event()

    async def handle(connection: Connection) -> None:
        event = Event("audio-chunk", payload=bytes(100_000))
        with pytest.raises(PeerGoneError):
            await asyncio.gather(*(connection.send(event) for _ in range(500)))
        gave_up.set()

    async with link(handle):
        await asyncio.wait_for(gave_up.wait(), 10)


async def test_events_sent_by_several_tasks_do_not_mix() -> None:
    async def handle(connection: Connection) -> None:
        await asyncio.gather(
            *(connection.send(Event("x", {"n": n}, bytes([n]) * 50_000)) for n in range(20))
        )

    async with link(handle) as (reader, writer):
        connection = Connection(reader, writer)
        seen = set()
        for _ in range(20):
            event = await connection.receive()
            assert event.payload == bytes([event.data["n"]]) * 50_000
            seen.add(event.data["n"])
    assert seen == set(range(20))


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_whatever_arrives_ends_in_a_link_error(sent: bytes) -> None:
    outcome = asyncio.run(outcome_of(sent))
    assert isinstance(outcome[-1], LinkError)


async def test_a_port_in_use_is_said_in_a_sentence() -> None:
    async def handle(_: Connection) -> None: ...

    async with LinkServer("127.0.0.1", 0, handle, trust=None) as server:
        with pytest.raises(ListenError, match="--port"):
            await LinkServer("127.0.0.1", server.port, handle, trust=None).__aenter__()


async def test_too_many_connections_are_turned_away_and_room_is_made_again() -> None:
    async def handle(connection: Connection) -> None:
        await connection.receive()

    async with LinkServer("127.0.0.1", 0, handle, trust=None) as server:
        open_ones = [
            await asyncio.open_connection("127.0.0.1", server.port) for _ in range(AUTHENTICATED)
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1), 5)
        writer.close()
        for _, open_writer in open_ones:
            open_writer.close()
        await asyncio.sleep(0.2)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readexactly(1), 0.3)
        writer.close()
