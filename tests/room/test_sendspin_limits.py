"""Sendspin servers that are dead, send nonsense, or too much."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("aiosendspin", reason="aiosendspin needs Python 3.12")

from aiohttp import WSMessage, WSMsgType, web
from aiosendspin.models.player import pack_player_audio_header
from aiosendspin.noise import wire
from aiosendspin.server import SendspinClient

from demo.ports import free_port
from indoor_voice.room.music.player import MusicState
from indoor_voice.room.music.sendspin import speaker as speaker_module
from indoor_voice.room.music.sendspin.limits import Allowance, LimitedSession, LimitedSocket
from tests.room.synced import Satellite, Server
from tests.waiting import until

HOSTILE_SECONDS = 3.0
MAX_TOLD = 2 * HOSTILE_SECONDS + 5
"""A change is told twice a second at most."""

Answer = Callable[[web.WebSocketResponse], Awaitable[None]]


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[str]:
    """Serve a WebSocket that is answered like this, and yield its URL."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        await answer(socket)
        return socket

    app = web.Application()
    app.router.add_get("/sendspin", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"ws://127.0.0.1:{port}/sendspin"
    finally:
        await runner.cleanup()


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the levels of all that was logged of it."""
    names = ("indoor_voice", "aiosendspin.client")
    return [record.levelname for record in caplog.records if record.name.startswith(names)]


async def silent(socket: web.WebSocketResponse) -> None:
    await asyncio.sleep(60)


async def babbling(socket: web.WebSocketResponse) -> None:
    while not socket.closed:
        await socket.send_str('{"type": "server/nonsense", "payload": [[[[')


async def huge(socket: web.WebSocketResponse) -> None:
    await socket.send_bytes(bytes(8 * 1024 * 1024))
    await asyncio.sleep(60)


async def closing(socket: web.WebSocketResponse) -> None:
    await socket.close()


@pytest.mark.parametrize("answer", [silent, babbling, huge, closing])
async def test_a_server_that_is_none_is_logged_once(
    answer: Answer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(speaker_module, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(speaker_module, "_CONNECT_SECONDS", 0.5)
    async with answering(answer) as url, Satellite(tmp_path, url).running() as satellite:
        await until(lambda: logged(caplog))
        await asyncio.sleep(HOSTILE_SECONDS)
        assert satellite.music.state is MusicState.IDLE
        assert logged(caplog) == ["WARNING"]


async def test_nobody_there_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker_module, "FIRST_PAUSE_SECONDS", 0.05)
    url = f"ws://127.0.0.1:{free_port()}/sendspin"
    async with Satellite(tmp_path, url).running():
        await until(lambda: logged(caplog))
        await asyncio.sleep(0.5)
        assert logged(caplog) == ["WARNING"]


def transport_of(client: SendspinClient) -> wire.EncryptedWebSocket:
    transport = client.connection._transport  # noqa: SLF001 - to send what it never would
    assert isinstance(transport, wire.EncryptedWebSocket)
    return transport


async def volumes(transport: wire.EncryptedWebSocket) -> None:
    for volume in range(10_000):
        command = f'{{"command": "volume", "volume": {volume % 100}}}'
        await transport.send_str(
            f'{{"type": "server/command", "payload": {{"player": {command}}}}}'
        )


async def streams(transport: wire.EncryptedWebSocket) -> None:
    player = '{"codec": "pcm", "sample_rate": 48000, "channels": 2, "bit_depth": 16}'
    for _ in range(10_000):
        await transport.send_str(f'{{"type": "stream/start", "payload": {{"player": {player}}}}}')
        await transport.send_str('{"type": "stream/end", "payload": {}}')


async def absurd_sound(transport: wire.EncryptedWebSocket) -> None:
    player = '{"codec": "pcm", "sample_rate": 48000, "channels": 2, "bit_depth": 16}'
    await transport.send_str(f'{{"type": "stream/start", "payload": {{"player": {player}}}}}')
    for at in (0, -1, 2**63 - 1, -(2**63), 10**15):
        for length in (0, 1, 3, 4, 60_000):
            await transport.send_bytes(pack_player_audio_header(at, 0) + bytes(length))


async def fragments(transport: wire.EncryptedWebSocket) -> None:
    session = transport.session
    socket = transport._ws  # noqa: SLF001 - as above
    await socket.send_bytes(session.encrypt(bytes([1, 2, 0]) + bytes(60_000)))
    for _ in range(100):
        await socket.send_bytes(session.encrypt(bytes([1, 0]) + bytes(60_000)))


@pytest.mark.parametrize("attack", [volumes, streams, absurd_sound, fragments])
async def test_a_server_that_turns_hostile_changes_little_and_plays_nothing(
    attack: Callable[[wire.EncryptedWebSocket], Awaitable[None]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        Server().running() as server,
        Satellite(tmp_path, server.url).running() as satellite,
    ):
        client = await server.client(satellite)
        told = len(satellite.told)
        attacking = asyncio.ensure_future(attack(transport_of(client)))
        await asyncio.sleep(HOSTILE_SECONDS)
        attacking.cancel()
        await asyncio.gather(attacking, return_exceptions=True)
        assert len(satellite.told) - told <= MAX_TOLD
        assert satellite.loudspeaker.is_silent
        assert logged(caplog).count("WARNING") <= 2


class EndlessSocket:
    """A socket that always has another message."""

    def __init__(self, message: WSMessage) -> None:
        self.message = message
        self.received = self.answered = 0

    async def receive(self) -> WSMessage:
        self.received += 1
        return self.message

    async def pong(self, _data: bytes) -> None:
        self.answered += 1


@pytest.mark.parametrize(
    ("message", "most"),
    [
        (WSMessage(WSMsgType.BINARY, bytes(10), None), 900),
        (WSMessage(WSMsgType.PING, b"", None), 900),
        (WSMessage(WSMsgType.BINARY, bytes(60_000), None), 40),
    ],
)
async def test_messages_are_read_no_faster_than_music_needs(message: WSMessage, most: int) -> None:
    endless = EndlessSocket(message)
    socket = LimitedSocket(endless, bytes_per_second=400_000, bytes_at_once=1_500_000)  # type: ignore[arg-type]

    async def read() -> None:
        while True:
            await socket.receive()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(read(), 1.0)
    assert endless.received < most


async def test_an_allowance_grows_again() -> None:
    loop = asyncio.get_running_loop()
    allowance = Allowance(per_second=100, at_once=10)
    for expected in (0.0, 0.1):
        begun = loop.time()
        await allowance.spend(10)
        assert loop.time() - begun >= expected * 0.9


async def test_a_redirect_is_not_followed() -> None:
    asked = []

    async def redirect(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound("/elsewhere")

    app = web.Application()
    app.router.add_get("/{path:.*}", redirect)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    session = LimitedSession(bytes_per_second=1, bytes_at_once=1)
    try:
        with pytest.raises(OSError, match="another address"):
            await session.ws_connect(f"ws://127.0.0.1:{port}/sendspin", heartbeat=30)
        assert asked == ["/sendspin"]
    finally:
        await session.close()
        await runner.cleanup()
