"""Our end of pairing and unpairing, and the check whether a device can be paired."""

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from wyoming.error import Error
from wyoming.event import Event
from wyoming.ping import Ping, Pong

from . import tls
from .client import (
    Address,
    Bounds,
    ClientConnection,
    ClosedError,
    NotOursError,
    UnreachableError,
    UntrustedError,
    connected,
)
from .secret import PAIRING_PROTOCOL, Exchange, PairingError, Role, fingerprint, matches
from .wire import LinkError, PeerGoneError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PAIRING_TIMEOUT_SECONDS: Final = 100.0
"""For the whole pairing; if several try at once, a device serves one every 10 s."""
KNOCK_TIMEOUT_SECONDS: Final = 5.0
UNPAIR_TIMEOUT_SECONDS: Final = 4.0
_DONE_TIMEOUT_SECONDS: Final = 3.0
_BOUNDS: Final = Bounds(data_bytes=16 * 1024, payload_bytes=1024)
"""Tight, because the peer is not yet verified."""
_MAX_EVENTS: Final = 20
"""Events accepted before the expected one; a device sends no others."""
_MAX_NUMBER: Final = 86_400
"""The most tries or seconds that an error may give."""


class AlreadyPairedError(LinkError):
    """The device is already paired and demands the certificate of its peer."""


class PairingBusyError(LinkError):
    """The device is being paired by someone else."""


class NewerProtocolError(LinkError):
    """The device uses a newer pairing protocol than this version."""


class OlderProtocolError(LinkError):
    """The device uses an older pairing protocol than this version."""


class DeviceFailedError(LinkError):
    """The device cannot store the pairing."""


class InTheMiddleError(LinkError):
    """The peer does not know the code itself, so it is not the device that spoke it."""


class WrongCodeError(LinkError):
    """The code that was entered is not the device's."""

    def __init__(self, tries: int) -> None:
        """Initialize with the number of `tries` left before the device chooses a new code."""
        super().__init__("the code is wrong")
        self.tries = tries


class PairingPausedError(LinkError):
    """Too many wrong codes were entered."""

    def __init__(self, seconds: int) -> None:
        """Initialize with the number of `seconds` for which the device accepts no codes."""
        super().__init__("the device does not accept codes for a while")
        self.seconds = seconds


async def knock(address: Address) -> None:
    """Check that a device that can be paired listens at `address`.

    Raises `UnreachableError`, `NotOursError`, `AlreadyPairedError` or another `LinkError`.
    """
    async with _unverified(address, KNOCK_TIMEOUT_SECONDS) as connection:
        await connection.send(Ping())
        for _ in range(_MAX_EVENTS):
            if Pong.is_type((await connection.receive()).type):
                return
    raise NotOursError("the device did not send the expected answer")


async def pair(address: Address, code: str, own: str) -> str:
    """Pair with the device at `address`, using the pairing code of six digits that it speaks.

    `own` is our certificate and the result is the device's, both in PEM. Raises the errors of
    `knock`, and `WrongCodeError`, `PairingPausedError`, `PairingBusyError`, `InTheMiddleError`,
    `NewerProtocolError`, `OlderProtocolError`, `DeviceFailedError`. The device may miss the last
    step; only the first pinned connection shows whether it trusts us.
    """
    ours = fingerprint(ssl.PEM_cert_to_DER_cert(own))
    async with _unverified(address, PAIRING_TIMEOUT_SECONDS) as connection:
        peer = connection.certificate
        exchange = await asyncio.to_thread(Exchange, Role.INITIATOR, code, ours, fingerprint(peer))
        await _send(
            connection,
            "pair-begin",
            protocol=PAIRING_PROTOCOL,
            certificate=own,
            message=exchange.message.hex(),
        )
        message = _binary(await _receive(connection, "pair-answer"), "message")
        try:
            confirmations = await asyncio.to_thread(exchange.finish, message)
        except PairingError as err:
            raise NotOursError(str(err)) from err
        await _send(connection, "pair-confirm", confirmation=confirmations.of_initiator.hex())
        theirs = _binary(await _receive(connection, "pair-confirm"), "confirmation")
        if not matches(confirmations.of_responder, theirs):
            raise InTheMiddleError("the device does not know its own code")
        with suppress(LinkError, TimeoutError):
            async with asyncio.timeout(_DONE_TIMEOUT_SECONDS):
                await _send(connection, "pair-done")
                await _receive(connection, "pair-done")
    return ssl.DER_cert_to_PEM_cert(peer)


async def unpair(address: Address, tls_context: ssl.SSLContext) -> None:
    """Make the device forget us; raises `LinkError` if it cannot be told."""
    try:
        async with (
            asyncio.timeout(UNPAIR_TIMEOUT_SECONDS),
            connected(address, tls_context) as connection,
        ):
            await _send(connection, "unpair")
            await _receive(connection, "unpaired")
    except TimeoutError as err:
        raise UnreachableError(f"{address} does not answer in time") from err


@asynccontextmanager
async def _unverified(address: Address, seconds: float) -> AsyncGenerator[ClientConnection]:
    try:
        async with (
            asyncio.timeout(seconds),
            connected(address, await asyncio.to_thread(tls.for_pairing), _BOUNDS) as connection,
        ):
            yield connection
    except UntrustedError as err:
        raise AlreadyPairedError("the device is already paired") from err
    except PeerGoneError as err:
        raise ClosedError(f"the peer at {address} closed the connection") from err
    except TimeoutError as err:
        raise UnreachableError(f"{address} does not answer in time") from err


async def _send(connection: ClientConnection, event_type: str, **data: Any) -> None:  # noqa: ANN401 - JSON
    await connection.send(Event(type=event_type, data=data))


async def _receive(connection: ClientConnection, event_type: str) -> Event:
    """Wait for an event of a type; an `error` of the device is raised as an exception."""
    for _ in range(_MAX_EVENTS):
        event = await connection.receive()
        if event.type == event_type:
            return event
        if not Error.is_type(event.type):
            continue
        match event.data.get("code"):
            case "wrong-code":
                raise WrongCodeError(_number(event, "tries"))
            case "pairing-paused":
                raise PairingPausedError(_number(event, "seconds"))
            case "pairing-busy":
                raise PairingBusyError("the device is being paired by someone else")
            case "newer-protocol":
                raise _protocol_error(event.data.get("protocol"))
            case "failed":
                raise DeviceFailedError("the device cannot store the pairing")
            case _:
                raise NotOursError("the device does not support pairing")
    raise NotOursError("the device did not send the expected answer")


def _protocol_error(theirs: object) -> LinkError:
    # Devices with the first protocol do not give their version.
    if isinstance(theirs, int) and theirs > PAIRING_PROTOCOL:
        return NewerProtocolError("the device uses a newer pairing protocol")
    return OlderProtocolError("the device uses an older pairing protocol")


def _number(event: Event, key: str) -> int:
    number = event.data.get(key)
    if (
        isinstance(number, bool)
        or not isinstance(number, int | float)
        or not 0 <= number <= _MAX_NUMBER
    ):
        raise NotOursError(f"{key} of an error must be a number")
    return round(number)


def _binary(event: Event, key: str) -> bytes:
    text = event.data.get(key)
    try:
        return bytes.fromhex(text if isinstance(text, str) else "?")
    except ValueError as err:
        raise NotOursError(f"{key} of {event.type} must be hexadecimal") from err
