"""Tests that both ends of the link agree, as they share no package."""

import asyncio
import contextlib
import datetime as dt
import json
import ssl
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event
from wyoming.info import Attribution, Info, Satellite

from custom_components.indoor_voice import const as integration_const
from custom_components.indoor_voice.link import certificate, client, hearing, tls, verifiers
from custom_components.indoor_voice.link import pairing as initiator
from custom_components.indoor_voice.link import secret as integration_secret
from custom_components.indoor_voice.link import wire as integration_wire
from indoor_voice.errors import UserError
from indoor_voice.link import wire
from indoor_voice.link.pairing import identity, secret
from indoor_voice.link.server.connection import DATA_BYTES
from indoor_voice.link.server.server import LinkServer
from indoor_voice.room.settings import Settings
from indoor_voice.room.sound import household_verifier
from indoor_voice.room.sound.hearing import HearingMeter
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES
from indoor_voice.room.sound.wake_models import built_in_models
from indoor_voice.room.sound.wake_word import Detector
from indoor_voice.room.storage import Storage
from indoor_voice.room.wake_learning import WakeLearning
from indoor_voice.room.wire import events, learning_events
from tests.link.initiator import CODE, Device

FINITE_32 = st.floats(allow_nan=False, allow_infinity=False, width=32)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(wire, integration_wire), (secret, integration_secret)]
)
def test_what_both_sides_need_stands_the_same_on_both(ours: ModuleType, theirs: ModuleType) -> None:
    assert ours.__file__ is not None
    assert theirs.__file__ is not None
    assert Path(ours.__file__).read_bytes() == Path(theirs.__file__).read_bytes()


def test_both_sides_mean_the_same_protocol_and_kinds() -> None:
    assert client.PROTOCOL == identity.PROTOCOL
    devices = set(integration_const.EntryKind) - {integration_const.EntryKind.HOUSEHOLD}
    assert {str(kind) for kind in devices} == {str(kind) for kind in identity.DeviceKind}


def sent(event: Event) -> Event:
    """Return an event as it arrives."""
    return Event(event.type, json.loads(json.dumps(event.data)), event.payload)


def test_home_assistant_reads_how_a_satellite_heard_a_wake_word() -> None:
    meter = HearingMeter()
    for level in (1, 1, 8_000, 300):
        meter.add(np.tile(np.repeat(np.array([level, -level], np.int16), 8), BLOCK_SAMPLES // 16))
    measured = meter.measure()
    event = events.ask_for_turn(7, "hey_jarvis", measured)
    read = hearing.hearing_of(sent(event))
    assert (read.turn, read.wake_word) == (7, "hey_jarvis")
    assert (read.quality_db, tuple(read.course)) == (measured.quality_db, measured.course)
    assert read.age_seconds == measured.age_seconds


def test_home_assistant_reads_the_features_of_a_wake_word() -> None:
    embeddings = np.random.default_rng(0).normal(0, 30, household_verifier.FEATURES_SHAPE)
    features = household_verifier.features_of(embeddings.astype(np.float32))
    run = events.run_pipeline(7, "hey_jarvis", features.tobytes())
    assert verifiers.turn_features(sent(run)) == features.tobytes()
    assert verifiers.turn_features(sent(events.run_pipeline(7, "hey_jarvis"))) is None
    assert household_verifier.FEATURES_SHAPE == verifiers.FEATURES_SHAPE


def test_features_that_no_half_precision_holds_are_the_most_that_it_holds() -> None:
    embeddings = np.full(household_verifier.FEATURES_SHAPE, -1e9, np.float32)
    features = household_verifier.features_of(embeddings).tobytes()
    assert verifiers.turn_features(events.run_pipeline(1, "alexa", features)) == features


@given(
    weights=st.lists(FINITE_32, min_size=1, max_size=50),
    bias=st.floats(allow_nan=False, allow_infinity=False),
    threshold=st.floats(allow_nan=False, allow_infinity=False),
)
def test_a_satellite_takes_every_verifier_that_home_assistant_can_make(
    weights: list[float], bias: float, threshold: float
) -> None:
    numbers = np.resize(np.array(weights, "<f4"), verifiers.FEATURES_SHAPE)
    made = verifiers.WakeVerifier(numbers.tobytes(), bias, threshold)
    event = sent(verifiers.set_verifiers({"hey_jarvis": made}))
    taken = household_verifier.parse_household_verifiers(event.data["verifiers"])["hey_jarvis"]
    assert np.array_equal(taken.weights, numbers)
    assert (taken.bias, taken.threshold) == (bias, threshold)


async def test_a_satellite_does_what_home_assistant_says_about_wake_words(tmp_path: Path) -> None:
    detector = Detector([])
    storage = Storage(Settings(tmp_path, ["hey_jarvis"]), lambda: None)
    learning = WakeLearning(tmp_path, built_in_models(), storage.save, detector, lambda _: None)
    for wanted in (True, False):
        event = verifiers.wake_features(wanted=wanted)
        assert event.type in learning_events.TYPES
        assert await learning_events.apply(sent(event), learning) is None
        assert learning.wants_features is wanted
    made = verifiers.WakeVerifier(bytes(4608), 0.0, 1.0)
    for words in ({"hey_jarvis", "alexa"}, {"alexa"}, set[str]()):
        event = verifiers.set_verifiers(dict.fromkeys(words, made))
        assert event.type in learning_events.TYPES
        answer = await learning_events.apply(sent(event), learning)
        assert answer is not None
        assert answer.type == verifiers.VERIFIERS
        assert verifiers.verified_words(sent(answer)) == words
        assert detector.household.keys() == words


def test_as_many_verifiers_as_a_satellite_takes_fit_into_an_event() -> None:
    largest = np.full(verifiers.FEATURES_SHAPE, np.finfo("<f4").max, "<f4").tobytes()
    made = verifiers.WakeVerifier(largest, -sys.float_info.max, sys.float_info.min)
    words = [f"{number:060}" for number in range(household_verifier.MAX_VERIFIERS)]
    event = verifiers.set_verifiers(dict.fromkeys(words, made))
    assert len(json.dumps(event.data)) < DATA_BYTES


@pytest.fixture
def home(tmp_path: Path) -> certificate.OwnCertificate:
    return certificate.load_or_make(tmp_path / "home.pem")


def test_both_sides_know_the_name_at_the_entrance(
    device: Device, home: certificate.OwnCertificate
) -> None:
    assert device.trust.entrance_name is None
    device.trust.accept(ssl.PEM_cert_to_DER_cert(home.pem))
    context = tls.pinned(home, ssl.DER_cert_to_PEM_cert(device.trust.certificate))
    assert device.trust.entrance_name == context.entrance_name.encode("ascii")
    assert tls.for_pairing().entrance_name == ""


def at(port: int) -> client.Address:
    return client.Address(host="127.0.0.1", port=port)


async def test_a_device_is_paired_described_and_unpaired(
    device: Device, home: certificate.OwnCertificate
) -> None:
    who = identity.load_identity(device.state_dir, identity.DeviceKind.SATELLITE)
    info = Info(
        satellite=Satellite(
            name="Kitchen",
            attribution=Attribution(name="", url=""),
            installed=True,
            description=None,
            version=None,
        )
    )

    async def handle(connection: wire.Connection) -> None:
        assert (await connection.receive()).type == "describe"
        await connection.send(Event("something-else"))
        await connection.send(identity.info_event(info, who))
        await connection.receive()

    async with device.serving(handle) as port:
        await initiator.knock(at(port))
        pinned = tls.pinned(home, await initiator.pair(at(port), CODE, home.pem))
        assert device.trust.paired
        peer = await client.probe(at(port), pinned)
        assert peer.device_id == who.id
        assert peer.protocol == identity.PROTOCOL
        assert peer.info == info
        with pytest.raises(initiator.AlreadyPairedError):
            await initiator.knock(at(port))
        await initiator.unpair(at(port), pinned)
        assert not device.trust.paired
        with pytest.raises(client.UntrustedError):
            await client.probe(at(port), pinned)


async def test_each_refusal_is_understood(device: Device, home: certificate.OwnCertificate) -> None:
    async def pair(code: str) -> str:
        return await initiator.pair(at(port), code, home.pem)

    async with device.serving() as port:
        for tries in (2, 1, 0):
            with pytest.raises(initiator.WrongCodeError) as wrong:
                await pair("000000")
            assert wrong.value.tries == tries
        with pytest.raises(initiator.PairingPausedError) as paused:
            await pair(CODE)
        assert 25 < paused.value.seconds <= 31


async def test_another_certificate_is_told_from_one_that_is_not_there(
    device: Device, home: certificate.OwnCertificate, tmp_path: Path
) -> None:
    other = certificate.load_or_make(tmp_path / "other.pem")
    async with device.serving() as port:
        peer = await initiator.pair(at(port), CODE, home.pem)
        with pytest.raises(client.UntrustedError):
            await client.probe(at(port), tls.pinned(other, peer))
        with pytest.raises(client.UntrustedError):
            await client.probe(at(port), tls.pinned(home, other.pem))
    with pytest.raises(client.UnreachableError):
        await client.probe(at(port), tls.pinned(home, peer))


class RawClientConnection(client.ClientConnection):
    """A connection of the integration that also shows its stream."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, bounds: client.Bounds
    ) -> None:
        super().__init__(reader, writer, bounds)
        self.writer = writer


@pytest.mark.parametrize("later_seconds", [0, 0.01])
async def test_a_refusal_that_arrives_before_the_first_word_is_understood(
    device: Device,
    home: certificate.OwnCertificate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    later_seconds: float,
) -> None:
    monkeypatch.setattr(client, "ClientConnection", RawClientConnection)
    other = certificate.load_or_make(tmp_path / "other.pem")
    async with device.serving() as port:
        peer = await initiator.pair(at(port), CODE, home.pem)

        async def describe_late() -> None:
            async with client.connected(at(port), tls.pinned(other, peer)) as connection:
                assert isinstance(connection, RawClientConnection)
                while not connection.writer.is_closing():
                    await asyncio.sleep(later_seconds)
                await client.describe(connection)

        with pytest.raises(client.UntrustedError):
            await describe_late()


async def test_a_peer_that_is_not_wyoming_is_told_from_one_that_is_not_there() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(integration_wire.FrameError):
            await client.probe(at(port), None)
    with pytest.raises(client.UnreachableError):
        await client.probe(at(port), None)


def test_an_id_is_made_once_and_damage_never_makes_another(tmp_path: Path) -> None:
    first = identity.load_identity(tmp_path / "new", identity.DeviceKind.SPEECH)
    assert identity.load_identity(tmp_path / "new", identity.DeviceKind.SPEECH) == first
    (tmp_path / "new" / "id").write_text("not an id")
    with pytest.raises(UserError, match="--reset"):
        identity.load_identity(tmp_path / "new", identity.DeviceKind.SPEECH)
    assert (tmp_path / "new" / "id").read_text() == "not an id"


async def test_who_was_signed_by_a_paired_peer_is_not_that_peer(
    home: certificate.OwnCertificate, tmp_path: Path
) -> None:
    """OpenSSL uses the paired certificate as a trust anchor, and its key can sign others."""
    peer, leaf_chain = make_authority_and_leaf(tmp_path)
    served: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(await reader.read(1))
        writer.close()

    for chain, error in ((leaf_chain, client.UntrustedError), (peer, integration_wire.LinkError)):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            pem = peer.read_text().partition("-----END PRIVATE KEY-----\n")[2]
            with pytest.raises(error):
                await client.probe(at(port), tls.pinned(home, pem))
    # Only the peer itself received a request.
    assert [first for first in served if first] == [b"{"]


def make_authority_and_leaf(folder: Path) -> tuple[Path, Path]:
    """Write two files with a key and its certificate each; the first signs the second."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    paths = []
    for number, key in enumerate(keys):
        names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, it)]) for it in "ab"]
        made = (
            x509.CertificateBuilder()
            .subject_name(names[number])
            .issuer_name(names[0])
            .public_key(key.public_key())
            .serial_number(number + 1)
            .not_valid_before(dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
            .not_valid_after(dt.datetime(9999, 12, 31, tzinfo=dt.UTC))
            .add_extension(x509.BasicConstraints(ca=number == 0, path_length=None), critical=True)
            .sign(keys[0], SHA256())
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        paths.append(folder / f"{number}.pem")
        paths[-1].write_bytes(private + made.public_bytes(Encoding.PEM))
    return paths[0], paths[1]


async def test_an_older_device_is_said_to_be_older(
    device: Device, home: certificate.OwnCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with device.serving() as port:
        monkeypatch.setattr(initiator, "PAIRING_PROTOCOL", 3)
        with pytest.raises(initiator.OlderProtocolError):
            await initiator.pair(at(port), CODE, home.pem)
        monkeypatch.setattr(initiator, "PAIRING_PROTOCOL", 1)
        with pytest.raises(initiator.NewerProtocolError):
            await initiator.pair(at(port), CODE, home.pem)
    assert device.trust.guesses.wrong == 0


IMPOSSIBLE = pytest.mark.parametrize("host", ["kitchen..local", "x" * 70, "\ud800", "a\0b"])


@IMPOSSIBLE
async def test_what_can_be_no_address_is_not_reached(host: str) -> None:
    with pytest.raises(client.UnreachableError, match="nothing answers"):
        await client.probe(client.Address(host=host, port=10700), None)


@IMPOSSIBLE
async def test_what_can_be_no_address_is_not_listened_on(host: str) -> None:
    async def handle(_: wire.Connection) -> None: ...

    with pytest.raises(UserError, match="Cannot listen on"):
        await LinkServer(host, 0, handle, trust=None).__aenter__()


@pytest.mark.parametrize("asked", ["ping", "pair-begin"])
async def test_who_is_to_be_paired_and_answers_without_end_is_left(
    device: Device, home: certificate.OwnCertificate, asked: str
) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b'{"type":"x","data":{"a":[[],[],[]]}}\n')
                await writer.drain()
                await asyncio.sleep(0)  # Home Assistant is in the same loop

    async with await asyncio.start_server(
        flood, "127.0.0.1", 0, ssl=device.trust.context()
    ) as server:
        address = at(server.sockets[0].getsockname()[1])
        asking = (
            initiator.knock(address) if asked == "ping" else initiator.pair(address, CODE, home.pem)
        )
        with pytest.raises(client.NotOursError, match="expected answer"):
            await asking
        server.close_clients()
