"""The connecting end of the link."""

import asyncio
import re
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, Union, get_args, get_origin, get_type_hints

from wyoming.audio import AudioFormat
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info

from .refusal import BUSY, code_of
from .text import clean_all
from .tls import LinkContext
from .wire import MAX_HEADER_BYTES, Connection, FrameError, LinkError, PeerGoneError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from wyoming.info import AsrModel, TtsVoice

PROTOCOL: Final = 1
"""The version of what is ours in the protocol; see docs/wire.md."""

CONNECT_TIMEOUT_SECONDS: Final = 3.5
"""For TCP and TLS; a lost SYN is sent again after 1 s and after 3 s."""
DESCRIBE_TIMEOUT_SECONDS: Final = 5.0
_TURNED_AWAY_SECONDS: Final = 2.5
"""How long to connect anew while what answers closes the connection."""
_AGAIN_SECONDS: Final = 0.05
PROBE_TIMEOUT_SECONDS: Final = 4.0
"""From connecting to the description."""

_DEFAULT_SOUND: Final = AudioFormat(rate=22050, width=2, channels=1)
_SOUND_RATES: Final = range(8000, 192_001)
_SOUND_CHANNELS: Final = (1, 2)

DEVICE_ID: Final = re.compile(r"[0-9a-f]{32}")
"""By which a device of ours is known, and no other entry."""
_MAX_EVENTS: Final = 20
"""Before a description; nobody sends any."""
_HUNG_UP: Final = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)


class UnreachableError(LinkError):
    """Nothing accepts connections at the address."""


class ClosedError(UnreachableError):
    """What listens at the address hangs up, as a device does that is overrun."""


class BusyError(LinkError):
    """The device is there, and has too much to do to answer."""


class SlowError(UnreachableError):
    """The device takes the connection, and does not answer in time."""


class NotOursError(UnreachableError):
    """What listens at the address is not protected as our satellites and speech servers are."""


class UntrustedError(LinkError):
    """The device has another certificate than the one paired, or does not know ours."""


class WrongDeviceError(LinkError):
    """Another device answers at the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a satellite or a speech server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The most that a peer's event may have, beside its header line."""

    data_bytes: int
    payload_bytes: int


DESCRIPTION: Final = Bounds(data_bytes=256 * 1024, payload_bytes=4 * 1024)
"""Others' speech servers list a hundred voices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What a satellite or speech server says of itself."""

    info: Info
    device_id: str | None
    """Set for our own satellites and speech servers, None for others' software."""

    protocol: int | None
    """The version of our protocol that it speaks, None for others' software."""

    @property
    def sound_format(self) -> AudioFormat:
        """The format that suits its loudspeaker, always 16 bit."""
        for program in self.info.snd:
            wanted = program.snd_format
            if wanted.rate in _SOUND_RATES and wanted.channels in _SOUND_CHANNELS:
                return AudioFormat(rate=wanted.rate, width=2, channels=wanted.channels)
        return _DEFAULT_SOUND

    def wake_word_phrase(self, name: str | None) -> str | None:
        """The words of the wake word called `name`; the name itself when they are not known."""
        for program in self.info.wake:
            for model in program.models:
                if model.name == name:
                    return model.phrase or name
        return name


class ClientConnection(Connection):
    """A connection that we opened."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, bounds: Bounds
    ) -> None:
        """Take over both halves of a stream."""
        super().__init__(
            reader,
            writer,
            max_data_bytes=bounds.data_bytes,
            max_payload_bytes=bounds.payload_bytes,
        )
        session: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
        certificate = session.getpeercert(binary_form=True) if session else None
        self.certificate: bytes = certificate or b""
        """What the peer showed, in DER; empty when the connection is not protected."""


@asynccontextmanager
async def connected(
    address: Address, tls_context: ssl.SSLContext | None, bounds: Bounds = DESCRIPTION
) -> AsyncGenerator[ClientConnection]:
    """Hold a connection open for the length of a block.

    Without `security` it is plain, which only others' speech servers are spoken to. Raises
    `UnreachableError`, `ClosedError`, `NotOursError`, and `UntrustedError` also from within the
    block: a peer that does not know our certificate says so after the handshake.
    """
    connection = ClientConnection(*await _open(address, tls_context), bounds)
    try:
        # Before anything is said: the anchor of trust alone lets in whom the peer has signed.
        expected = tls_context.peer_certificate if isinstance(tls_context, LinkContext) else None
        if expected not in (None, connection.certificate):
            raise UntrustedError("the device has another certificate")
        yield connection
    except PeerGoneError as err:
        # TLS 1.3 alerts are encrypted: this comes from the peer, not from the network.
        if isinstance(err.__cause__, ssl.SSLError) and "ALERT" in (err.__cause__.reason or ""):
            raise UntrustedError("the device does not know our certificate") from err
        raise
    finally:
        await connection.close()


async def _open(
    address: Address, tls_context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
            return await _open_unless_turned_away(address, tls_context)
    except ssl.SSLCertVerificationError as err:
        raise UntrustedError("the device has another certificate") from err
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, *_HUNG_UP) as err:
        raise ClosedError(f"what answers at {address} hangs up") from err
    except ssl.SSLError as err:
        raise NotOursError(f"what answers at {address} is not protected as it must be") from err
    except (OSError, ValueError) as err:  # the latter for names that no network can have
        raise UnreachableError(f"nothing answers at {address}") from err


async def _open_unless_turned_away(
    address: Address, tls_context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect, and again when that is closed at once: strangers may be in the way."""
    patience = asyncio.get_running_loop().time() + _TURNED_AWAY_SECONDS
    while True:
        try:
            return await asyncio.open_connection(
                address.host,
                address.port,
                limit=MAX_HEADER_BYTES,
                ssl=tls_context,
                server_hostname=_name(tls_context),
            )
        except _HUNG_UP:
            if tls_context is None or asyncio.get_running_loop().time() > patience:
                raise
            await asyncio.sleep(_AGAIN_SECONDS)


def _name(tls_context: ssl.SSLContext | None) -> str | None:
    """Return what a connection is opened with as its server's name: never a name of anything."""
    if isinstance(tls_context, LinkContext):
        return tls_context.entrance_name
    return "" if tls_context else None


async def describe(connection: Connection) -> Peer:
    """Ask a peer what it is; raises `BusyError` or another `LinkError`."""
    try:
        async with asyncio.timeout(DESCRIBE_TIMEOUT_SECONDS):
            await connection.send(Describe())
            for _ in range(_MAX_EVENTS):
                event = await connection.receive()
                if Info.is_type(event.type):
                    return parse_peer(event)
                if Error.is_type(event.type):
                    _raise_refusal(code_of(event))
    except TimeoutError as err:
        raise PeerGoneError("the peer does not say what it is") from err
    raise FrameError("the peer does not say what it is")


def _raise_refusal(code: str) -> None:
    if code == "not-paired":
        raise UntrustedError("the device is not paired any more")
    if code == BUSY:
        raise BusyError("the device has too much to do")


async def probe(
    address: Address, tls_context: ssl.SSLContext | None, device_id: str | None = None
) -> Peer:
    """Connect, ask what is there, and hang up.

    Raises `WrongDeviceError` unless it is the device with that id, when given, or another
    `LinkError`.
    """
    try:
        async with (
            asyncio.timeout(PROBE_TIMEOUT_SECONDS),
            connected(address, tls_context) as connection,
        ):
            peer = await describe(connection)
    except TimeoutError as err:
        raise SlowError(f"{address} does not answer in time") from err
    if device_id not in (None, peer.device_id):
        raise WrongDeviceError("another device answers at its address")
    return peer


def parse_peer(event: Event) -> Peer:
    """Read an `info` event; raises `FrameError` when its content makes no sense.

    Every text in it is one line of at most `MAX_NAME` characters that can be seen.
    """
    data = clean_all(event.data)
    try:
        info = Info.from_event(Event(type=event.type, data=data))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as err:
        raise FrameError("the peer describes itself in a way that makes no sense") from err
    if not _fits(info, Info):
        raise FrameError("the peer describes itself in a way that makes no sense")
    _drop_nameless(info)
    ours = data.get("indoor_voice")
    device_id, protocol = (
        (ours.get("id"), ours.get("protocol")) if isinstance(ours, dict) else (None, None)
    )
    is_id = isinstance(device_id, str) and DEVICE_ID.fullmatch(device_id)
    is_number = isinstance(protocol, int) and not isinstance(protocol, bool)
    return Peer(
        info=info,
        device_id=device_id if is_id else None,
        protocol=protocol if is_number else None,
    )


def _drop_nameless(info: Info) -> None:
    """Forget what nobody could choose or ask for."""
    for asr in info.asr:
        asr.models = [model for model in asr.models if _is_named(model)]
    for tts in info.tts:
        tts.voices = [voice for voice in tts.voices if _is_named(voice)]
    for wake in info.wake:
        wake.models = [model for model in wake.models if model.name]


def _is_named(spoken: AsrModel | TtsVoice) -> bool:
    spoken.languages = [language for language in spoken.languages if language]
    return bool(spoken.name)


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401 - any type annotation
    """Tell whether a value has the type that wyoming's data class declares but does not check."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, option) for option in get_args(hint))
    if origin is list:
        (item_hint,) = get_args(hint)
        return isinstance(value, list) and all(_fits(item, item_hint) for item in value)
    if not isinstance(value, hint):
        return False
    if not is_dataclass(value):
        return True
    hints = get_type_hints(type(value))
    return all(_fits(getattr(value, field.name), hints[field.name]) for field in fields(value))
