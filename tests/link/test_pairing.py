"""Tests for pairing over real sockets: only a client that knows the code is ever let in."""

import asyncio
import importlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from wyoming.event import Event

from indoor_voice.errors import UserError
from indoor_voice.link import wire
from indoor_voice.link.pairing import responder
from indoor_voice.link.pairing.responder import Guesses
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.server import unpaired
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection
from tests.link.initiator import (
    CODE,
    GONE,
    Device,
    Initiator,
    RawConnection,
    RefusalError,
    answer,
    ping,
)
from tests.waiting import PATIENCE_SECONDS, until

WRONG = "000000"
OURS = ["status", "mute", "played", "pipeline-ended", "unpair", "pair-answer", "made-up"]


def wyoming_types() -> list[str]:
    """Return every event type of Wyoming."""
    names = "asr audio error handle info intent mic ping pipeline satellite snd timer tts vad wake"
    modules = [importlib.import_module(f"wyoming.{name}") for name in names.split()]
    return sorted(
        {
            value
            for module in modules
            for name, value in vars(module).items()
            if name.endswith("_TYPE") and isinstance(value, str)
        }
    )


async def wrong_code(who: Initiator, port: int) -> RefusalError:
    with pytest.raises(RefusalError) as refused:
        await who.pair(port, WRONG)
    return refused.value


async def test_who_knows_the_code_is_paired_and_served(device: Device, home: Initiator) -> None:
    async with device.serving() as port:
        assert device.codes == [CODE]
        assert not device.trust.paired
        await home.pair(port, CODE)
        assert device.trust.paired
        assert device.codes == [CODE, None]
        assert await home.gets_in(port)
    device.codes.clear()
    async with device.serving() as port:  # and after a restart
        assert await home.gets_in(port)
        assert device.trust.peer_address == "127.0.0.1"
        assert device.codes == []


async def test_codes_are_random_unless_given(device: Device) -> None:
    for _ in range(3):
        async with device.serving(code=None):
            pass
    assert len(set(device.codes)) == 3
    assert all(code is not None and len(code) == 6 and code.isdigit() for code in device.codes)


@pytest.mark.parametrize("event_type", [*wyoming_types(), *OURS])
async def test_before_pairing_every_message_is_refused(
    device: Device, stranger: Initiator, event_type: str
) -> None:
    async with device.serving() as port, stranger.connected(port, peer=None) as connection:
        if event_type == "ping":
            assert await ping(connection)
            return
        await connection.send(Event(event_type, {"text": "hello"}))
        with pytest.raises(RefusalError) as refused:
            await answer(connection, "nothing")
        assert refused.value.code == "not-paired"
        with pytest.raises(GONE):
            await connection.receive()
    assert device.received == []


async def test_a_payload_of_any_size_is_refused_before_pairing(
    device: Device, stranger: Initiator
) -> None:
    async with device.serving() as port:
        for data in (b'{"type":"ping","payload_length":1073741824}\n', b"x" * 20_000, b"{}\n"):
            async with stranger.connected(port, peer=None) as connection:
                connection.writer.write(data)
                with pytest.raises(GONE):
                    await asyncio.wait_for(connection.receive(), 5)
    assert device.received == []


async def test_slow_senders_are_given_up(
    device: Device, stranger: Initiator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "FRAME_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(unpaired, "SILENT_SECONDS", 0.5)
    monkeypatch.setattr(unpaired, "CONNECTION_SECONDS", 1.0)
    async with device.serving() as port:
        for piece in (b"", b"{", b'{"type":"ping"}\n'):
            async with stranger.connected(port, peer=None) as connection:

                async def drip(
                    connection: RawConnection = connection, piece: bytes = piece
                ) -> None:
                    while True:
                        connection.writer.write(piece)
                        await asyncio.sleep(0.2)

                async def listen(connection: Connection = connection) -> None:
                    while True:
                        await connection.receive()

                dripping = asyncio.create_task(drip())
                with pytest.raises(GONE):
                    await asyncio.wait_for(listen(), 10)
                dripping.cancel()


async def test_three_wrong_codes_change_the_code_and_begin_a_pause(
    device: Device, home: Initiator, stranger: Initiator
) -> None:
    async with device.serving() as port:
        for tries in (2, 1, 0):
            refused = await wrong_code(stranger, port)
            assert (refused.code, refused.data["tries"]) == ("wrong-code", tries)
        assert device.codes[0] == CODE
        new_code = device.codes[-1]
        assert len(device.codes) == 2
        assert new_code not in (None, CODE)
        for who, code in ((stranger, WRONG), (home, new_code or "")):
            with pytest.raises(RefusalError) as paused:
                await who.pair(port, code)
            assert paused.value.code == "pairing-paused"
            assert 25 < paused.value.data["seconds"] <= 31
    async with device.serving() as port:  # a restart does not help
        with pytest.raises(RefusalError) as paused:
            await home.pair(port, CODE)
        assert paused.value.code == "pairing-paused"
    assert not device.trust.paired


async def test_after_the_pause_the_new_code_pairs_and_the_next_pause_is_longer(
    device: Device, home: Initiator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responder, "FIRST_PAUSE_SECONDS", 1.5)
    async with device.serving() as port:
        for _ in range(3):
            await wrong_code(home, port)
        await asyncio.sleep(1.9)
        assert device.trust.guesses == Guesses(wrong=3, pausing=False)
        for _ in range(3):
            await wrong_code(home, port)
    async with device.serving() as port:
        assert device.trust.guesses == Guesses(wrong=6, pausing=True)
        with pytest.raises(RefusalError, match="pairing-paused"):
            await home.pair(port, CODE)
        await asyncio.sleep(3.3)
        code = device.codes[-1]
        assert code is not None
        await home.pair(port, code)
        assert device.trust.guesses == Guesses()
        assert await home.gets_in(port)


async def test_who_begins_and_comes_to_no_end_keeps_nobody_out(
    device: Device, home: Initiator, stranger: Initiator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responder, "ATTEMPT_SECONDS", 1.0)
    async with (
        device.serving() as port,
        stranger.connected(port, peer=None) as hanging,
        stranger.connected(port, peer=None) as late,
    ):
        await stranger.confirm(hanging, CODE)
        await stranger.confirm(late, CODE)
        await asyncio.sleep(1.1)
        await late.send(Event("pair-done"))
        with pytest.raises(RefusalError, match="pairing-busy"):
            await answer(late, "pair-done")
        await home.pair(port, CODE)
        with pytest.raises(GONE):
            await ping(hanging)
        assert await home.gets_in(port)
        assert not await stranger.gets_in(port)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"protocol": 1}, "newer-protocol"),
        ({"protocol": 3}, "newer-protocol"),
        ({"protocol": None}, "bad-request"),
        ({"protocol": True}, "bad-request"),
        ({"certificate": None}, "bad-request"),
        ({"certificate": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"},
         "bad-request"),
        ({"certificate": "x" * 5000}, "bad-request"),
        ({"message": "zz"}, "bad-request"),
        ({"message": "00" * 32}, "bad-request"),
        ({"message": "ff" * 32}, "bad-request"),
        ({"message": 5}, "bad-request"),
    ],
)  # fmt: skip
async def test_impossible_beginnings_are_refused(
    device: Device, home: Initiator, changed: dict[str, object], code: str
) -> None:
    async with device.serving() as port:
        with pytest.raises(RefusalError) as refused:
            await home.pair(port, CODE, **changed)
        assert refused.value.code == code
    assert device.trust.guesses == Guesses()


@pytest.mark.parametrize("event_type", ["pair-confirm", "pair-done"])
async def test_steps_out_of_order_are_refused(
    device: Device, home: Initiator, event_type: str
) -> None:
    async with device.serving() as port:
        async with home.connected(port, peer=None) as connection:
            await connection.send(Event(event_type, {"confirmation": "00" * 32}))
            with pytest.raises(RefusalError, match="bad-request"):
                await answer(connection, event_type)
        assert not device.trust.paired
        async with home.connected(port, peer=None) as connection:
            await home.confirm(connection, CODE)
            await connection.send(Event("pair-confirm", {"confirmation": "00" * 32}))
            with pytest.raises(RefusalError, match="bad-request"):
                await answer(connection, "pair-confirm")
    assert not device.trust.paired


async def test_a_line_that_breaks_before_the_end_leaves_the_device_unpaired(
    device: Device, home: Initiator
) -> None:
    async with device.serving() as port:
        async with home.connected(port, peer=None) as connection:
            await home.confirm(connection, CODE)
        await asyncio.sleep(0.1)
        assert not device.trust.paired
        async with home.pinned(port) as connection:  # a client that assumes it's paired is told
            await connection.send(Event("describe"))
            with pytest.raises(RefusalError, match="not-paired"):
                await answer(connection, "info")
        await home.pair(port, CODE)
        assert await home.gets_in(port)


async def test_the_last_answer_may_be_lost(device: Device, home: Initiator) -> None:
    async with device.serving() as port:
        async with home.connected(port, peer=None) as connection:
            await home.confirm(connection, CODE)
            await connection.send(Event("pair-done"))
        await until(lambda: (device.trust.paired, device.codes[-1] is None), all)
        assert await home.gets_in(port)


async def test_what_cannot_be_stored_is_not_paired(
    device: Device, home: Initiator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def accept(_: bytes) -> None:
        raise UserError("No space left")

    async with device.serving() as port:
        monkeypatch.setattr(device.trust, "accept", accept)
        with pytest.raises(RefusalError, match="failed"):
            await home.pair(port, CODE)
        assert not device.trust.paired
        assert device.codes == [CODE]


async def test_unpairing_closes_every_connection_and_gives_a_new_code(
    device: Device, home: Initiator, stranger: Initiator
) -> None:
    async with device.serving() as port:
        await home.pair(port, CODE)
        async with home.pinned(port) as other, home.pinned(port) as connection:
            assert await ping(other)
            await connection.send(Event("unpair"))
            await answer(connection, "unpaired")
            with pytest.raises(GONE):
                await other.receive()
            with pytest.raises(GONE):
                await connection.receive()
        assert not device.trust.paired
        code = device.codes[-1]
        assert device.codes[:2] == [CODE, None]
        assert code not in (None, CODE)
        assert not await home.gets_in(port)
        await stranger.pair(port, code or "")
        assert await stranger.gets_in(port)
        assert not await home.gets_in(port)  # its old certificate is that of a stranger
    assert device.received == ["ping", "describe"]


async def test_a_reset_makes_another_device(device: Device, home: Initiator) -> None:
    async with device.serving() as port:
        await home.pair(port, CODE)
        with pytest.raises(UserError, match="running"):
            Trust.reset(device.state_dir)
        assert await home.gets_in(port)
    Trust.reset(device.state_dir)
    assert list(device.state_dir.iterdir()) == []
    async with device.serving() as port:
        assert not device.trust.paired
        assert not await home.gets_in(port)
        assert device.trust.certificate != home.peer


@asynccontextmanager
async def in_the_middle(
    port: int, middle: Initiator, *, own_certificate: bool
) -> AsyncIterator[int]:
    """Run a man in the middle that answers for the device and forwards events."""
    answering = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    answering.load_cert_chain(middle.chain)

    async def carry(source: Connection, target: Connection) -> None:
        try:
            while True:
                event = await source.receive()
                if own_certificate and "certificate" in event.data:
                    event.data["certificate"] = middle.pem
                await target.send(event)
        except GONE:
            await target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near = Connection(reader, writer)
        async with middle.connected(port, peer=None) as far:
            await asyncio.gather(carry(near, far), carry(far, near))

    server = await asyncio.start_server(
        serve, "127.0.0.1", 0, limit=MAX_HEADER_BYTES, ssl=answering
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("own_certificate", [False, True])
async def test_nobody_comes_between(
    device: Device, home: Initiator, stranger: Initiator, *, own_certificate: bool
) -> None:
    async with (
        device.serving() as port,
        in_the_middle(port, stranger, own_certificate=own_certificate) as middle,
    ):
        with pytest.raises(RefusalError) as refused:
            await home.pair(middle, CODE)
        assert refused.value.code == "wrong-code"
        assert home.peer is None
        assert not device.trust.paired
        await home.pair(port, CODE)
        # Nor later, as a pinned link doesn't accept another certificate.
        with pytest.raises(ssl.SSLCertVerificationError):
            async with home.pinned(middle):
                pass
    assert device.received == []


async def test_a_connection_may_be_closed_twice(device: Device, home: Initiator) -> None:
    closed = asyncio.Event()

    async def close_twice(connection: Connection) -> None:
        await connection.close()
        await connection.close()
        connection.abort()
        closed.set()

    async with device.serving() as port:
        await home.pair(port, CODE)
    async with device.serving(close_twice) as port, home.pinned(port):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await closed.wait()


def test_the_codes_of_users_are_checked() -> None:
    assert responder.check_code(" 492 173") == "492173"
    for code in ("", "12345", "1234567", "abcdef", "12345\uff16"):
        with pytest.raises(UserError, match="six digits"):
            responder.check_code(code)


def test_keys_are_for_their_owner_only(tmp_path: Path, device: Device) -> None:
    device.trust.accept(device.trust.certificate)
    device.trust.keep_address("192.0.2.1")
    folder = device.state_dir / "link"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "own.pem": 0o600,
        "peer.pem": 0o600,
        "memory.json": 0o600,
    }
    again = Trust.load(device.state_dir)
    assert again.certificate == device.trust.certificate
    assert again.peer_certificate == device.trust.certificate
    assert again.peer_address == "192.0.2.1"


def test_damage_is_said_in_a_sentence(device: Device) -> None:
    own = device.state_dir / "link" / "own.pem"
    whole = own.read_bytes()
    for content in (b"", whole[: len(whole) // 2], whole.replace(b"A", b"B")):
        own.write_bytes(content)
        with pytest.raises(UserError, match="--reset"):
            Trust.load(device.state_dir)
    Trust.reset(device.state_dir)
    assert not Trust.load(device.state_dir).paired


def test_a_folder_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--state-dir"):
        Trust.load(tmp_path / "file")
    Trust.reset(tmp_path / "nothing")
