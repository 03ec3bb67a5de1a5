"""Connects to satellites and speech servers, and asks them for their description."""

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
from wyoming.info import Artifact, Describe, Info

from .refusal import BUSY, code_of
from .text import clean_all
from .tls import LinkContext
from .wire import MAX_HEADER_BYTES, Connection, FrameError, LinkError, PeerGoneError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from wyoming.info import AsrModel, TtsVoice

PROTOCOL: Final = 1
"""The version of our extensions to the Wyoming protocol; see docs/wire.md."""

CONNECT_TIMEOUT_SECONDS: Final = 3.5
"""For TCP and TLS; a lost SYN is sent again after 1 s and after 3 s."""
DESCRIBE_TIMEOUT_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 2.5
"""How long to reconnect while the peer closes each connection."""
_RETRY_PAUSE_SECONDS: Final = 0.05
PROBE_TIMEOUT_SECONDS: Final = 4.0
"""From connecting to the description."""

_DEFAULT_FORMAT: Final = AudioFormat(rate=22050, width=2, channels=1)
_SOUND_RATES: Final = range(8000, 192_001)
_SOUND_CHANNELS: Final = (1, 2)

DEVICE_ID: Final = re.compile(r"[0-9a-f]{32}")
"""The form of a device's id, which no other unique id has."""
SENSITIVITIES: Final = ("slight", "default", "strong")
"""The levels of a satellite's sensitivity to a wake word."""
_MAX_EVENTS: Final = 20
"""Events accepted before the description; normally there are none."""
_HUNG_UP: Final = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)


class UnreachableError(LinkError):
    """Nothing accepts connections at the address."""


class ClosedError(UnreachableError):
    """The peer at the address closes the connection, as an overloaded device does."""


class BusyError(LinkError):
    """The device answers that it is too busy."""


class SlowError(UnreachableError):
    """The device accepts the connection but does not answer in time."""


class NotOursError(UnreachableError):
    """The peer at the address is not protected like our satellites and speech servers."""


class UntrustedError(LinkError):
    """The device's certificate is not the paired one, or the device does not know ours."""


class WrongDeviceError(LinkError):
    """A different device answers at the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The address of a satellite or speech server."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The largest sizes of a peer's event, apart from its header line."""

    data_bytes: int
    payload_bytes: int


DESCRIPTION: Final = Bounds(data_bytes=256 * 1024, payload_bytes=4 * 1024)
"""For a description; speech servers of other vendors list a hundred voices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The description of a satellite or speech server."""

    info: Info
    device_id: str | None
    """Set for our own satellites and speech servers, None for those of other vendors."""

    protocol: int | None
    """The version of our protocol that it speaks, None for software of other vendors."""

    wake_sensitivities: Mapping[str, str | float]
    """A satellite's sensitivity to each of its wake words: a level, or a number from 0 to 1."""

    plays_music: bool = False
    """Whether a satellite plays media by their address."""

    disguises: bool = False
    """Whether a speech server disguises voices."""

    @property
    def sound_format(self) -> AudioFormat:
        """The audio format for its loudspeaker, always 16 bit."""
        for program in self.info.snd:
            wanted = program.snd_format
            if wanted.rate in _SOUND_RATES and wanted.channels in _SOUND_CHANNELS:
                return AudioFormat(rate=wanted.rate, width=2, channels=wanted.channels)
        return _DEFAULT_FORMAT

    @property
    def voices(self) -> list[TtsVoice]:
        """The installed voices of a speech server."""
        return [v for program in self.info.tts for v in program.voices if v.installed]

    @property
    def software(self) -> Artifact | None:
        """What runs there: a satellite, or the first program of a speech server."""
        return self.info.satellite or next(iter((*self.info.asr, *self.info.tts)), None)

    @property
    def version(self) -> str | None:
        """The version of its software."""
        return (self.software and self.software.version) or None

    @property
    def active_wake_words(self) -> list[str]:
        """The names of the wake words that a satellite listens for, in their order."""
        satellite = self.info.satellite
        return list((satellite and satellite.active_wake_words) or ())

    @property
    def wake_words(self) -> list[str]:
        """The names of all wake words that a satellite knows."""
        return [model.name for program in self.info.wake for model in program.models]

    def wake_word_phrase(self, name: str | None) -> str | None:
        """Return the phrase of a wake word, or its name if the phrase is not known."""
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
        """Initialize from both halves of a stream."""
        super().__init__(
            reader,
            writer,
            max_data_bytes=bounds.data_bytes,
            max_payload_bytes=bounds.payload_bytes,
        )
        session: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
        certificate = session.getpeercert(binary_form=True) if session else None
        self.certificate: bytes = certificate or b""
        """The peer's certificate (DER); empty on a plain connection."""


@asynccontextmanager
async def connected(
    address: Address, tls_context: ssl.SSLContext | None, bounds: Bounds = DESCRIPTION
) -> AsyncGenerator[ClientConnection]:
    """Hold a connection open during a block.

    Without a `tls_context` it is plain, which is only used for speech servers of other vendors.
    Raises `UnreachableError`, `ClosedError`, `NotOursError` and `UntrustedError`. The last can
    also occur within the block, because a peer rejects our certificate only after the handshake.
    """
    connection = ClientConnection(*await _open(address, tls_context), bounds)
    try:
        # Before anything is sent: OpenSSL also accepts certificates that the paired one signed.
        expected = tls_context.peer_certificate if isinstance(tls_context, LinkContext) else None
        if expected not in (None, connection.certificate):
            raise UntrustedError("the device has another certificate")
        yield connection
    except PeerGoneError as err:
        # TLS 1.3 alerts are encrypted, so this one comes from the peer, not from the network.
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
            return await _open_with_retries(address, tls_context)
    except ssl.SSLCertVerificationError as err:
        raise UntrustedError("the device has another certificate") from err
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, *_HUNG_UP) as err:
        raise ClosedError(f"the peer at {address} closed the connection") from err
    except ssl.SSLError as err:
        raise NotOursError(f"the peer at {address} does not use the required encryption") from err
    except (OSError, ValueError) as err:  # the latter for invalid host names
        raise UnreachableError(f"nothing answers at {address}") from err


async def _open_with_retries(
    address: Address, tls_context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect, and retry if the device closes the connection because strangers overload it."""
    deadline = asyncio.get_running_loop().time() + _RETRY_SECONDS
    while True:
        try:
            return await asyncio.open_connection(
                address.host,
                address.port,
                limit=MAX_HEADER_BYTES,
                ssl=tls_context,
                server_hostname=_server_name(tls_context),
            )
        except _HUNG_UP:
            if tls_context is None or asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(_RETRY_PAUSE_SECONDS)


def _server_name(tls_context: ssl.SSLContext | None) -> str | None:
    """Return the TLS server name to send, which carries the entrance name and never a host name."""
    if isinstance(tls_context, LinkContext):
        return tls_context.entrance_name
    return "" if tls_context else None


async def describe(connection: Connection) -> Peer:
    """Ask a peer for its description; raises `BusyError` or another `LinkError`."""
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
        raise PeerGoneError("the peer did not describe itself in time") from err
    raise FrameError("the peer does not describe itself")


def _raise_refusal(code: str) -> None:
    if code == "not-paired":
        raise UntrustedError("the device is no longer paired")
    if code == BUSY:
        raise BusyError("the device is busy")


async def probe(
    address: Address, tls_context: ssl.SSLContext | None, device_id: str | None = None
) -> Peer:
    """Connect, return the peer's description, and disconnect.

    Raises `WrongDeviceError` if `device_id` is given and the peer has another, or any other
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
        raise WrongDeviceError("a different device answers at its address")
    return peer


def _sensitivities(ours: object) -> dict[str, str | float]:
    levels = ours.get("wake_sensitivities") if isinstance(ours, dict) else None
    if not isinstance(levels, dict):
        return {}
    return {name: level for name, level in levels.items() if _is_sensitivity(level)}


def _is_sensitivity(level: object) -> bool:
    if isinstance(level, str):
        return level in SENSITIVITIES
    return isinstance(level, int | float) and not isinstance(level, bool) and 0 <= level <= 1


def parse_peer(event: Event) -> Peer:
    """Parse an `info` event; raises `FrameError` if its content is invalid.

    Every text in the result is a single line of at most `MAX_NAME` visible characters.
    """
    data = clean_all(event.data)
    try:
        info = Info.from_event(Event(type=event.type, data=data))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as err:
        raise FrameError("the peer sent an invalid description") from err
    if not _fits(info, Info):
        raise FrameError("the peer sent an invalid description")
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
        wake_sensitivities=_sensitivities(ours),
        plays_music=isinstance(ours, dict) and ours.get("music") is True,
        disguises=isinstance(ours, dict) and ours.get("disguise") is True,
    )


def _drop_nameless(info: Info) -> None:
    """Drop models and voices without a name, which nobody could select."""
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
    """Return whether a value has the type that wyoming's data class declares but doesn't check."""
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
