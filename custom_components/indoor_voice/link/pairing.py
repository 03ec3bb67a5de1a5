"""Pairing, unpairing, and finding out whether a device is there to be paired: our end."""

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
"""For the whole of it; while others try too, a device gives turns, one every 10 s."""
KNOCK_TIMEOUT_SECONDS: Final = 5.0
UNPAIR_TIMEOUT_SECONDS: Final = 4.0
_DONE_TIMEOUT_SECONDS: Final = 3.0
_BOUNDS: Final = Bounds(data_bytes=16 * 1024, payload_bytes=1024)
"""Nobody knows yet who answers."""
_MAX_EVENTS: Final = 20
"""Before the one that is waited for; a device sends no other."""
_MOST: Final = 86_400
"""That an error may say: tries, or seconds."""


class AlreadyPairedError(LinkError):
    """The device is paired: it asks for the certificate of the one that it is paired with."""


class PairingBusyError(LinkError):
    """The device is being paired by somebody else at this moment."""


class NewerProtocolError(LinkError):
    """The device pairs in a way that is newer than this version knows."""


class OlderProtocolError(LinkError):
    """The device pairs in a way that is older than this version knows."""


class DeviceFailedError(LinkError):
    """The device cannot store the pairing."""


class InTheMiddleError(LinkError):
    """What answers does not know the code itself: it is not the device that spoke it."""


class WrongCodeError(LinkError):
    """The device does not know the code that was entered."""

    def __init__(self, tries: int) -> None:
        """Say how many `tries` are left before the device chooses new digits."""
        super().__init__("the code is wrong")
        self.tries = tries


class PairingPausedError(LinkError):
    """Too many wrong codes were entered."""

    def __init__(self, seconds: int) -> None:
        """Say for how many `seconds` the device does not listen to codes."""
        super().__init__("the device does not take codes for a while")
        self.seconds = seconds


async def knock(address: Address) -> None:
    """Find out whether a device that can be paired listens at `address`.

    Raises `UnreachableError`, `NotOursError`, `AlreadyPairedError` or another `LinkError`.
    """
    async with _unverified(address, KNOCK_TIMEOUT_SECONDS) as connection:
        await connection.send(Ping())
        for _ in range(_MAX_EVENTS):
            if Pong.is_type((await connection.receive()).type):
                return
    raise NotOursError("the device answers something else")


async def pair(address: Address, code: str, own: str) -> str:
    """Make the device at `address` and us trust each other, by the six digits that it speaks.

    `own` is our certificate, the result that of the device, both PEM. Raises the errors of
    `knock`, and `WrongCodeError`, `PairingPausedError`, `PairingBusyError`, `InTheMiddleError`,
    `NewerProtocolError`, `OlderProtocolError`, `DeviceFailedError`. The device may have missed the
    last step: whether it trusts us, the first pinned connection shows.
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
    """Make the device forget us; raises `LinkError` when it cannot be told."""
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
        raise AlreadyPairedError("the device is paired already") from err
    except PeerGoneError as err:
        raise ClosedError(f"what answers at {address} breaks off") from err
    except TimeoutError as err:
        raise UnreachableError(f"{address} does not answer in time") from err


async def _send(connection: ClientConnection, event_type: str, **data: Any) -> None:  # noqa: ANN401 - JSON
    await connection.send(Event(type=event_type, data=data))


async def _receive(connection: ClientConnection, event_type: str) -> Event:
    """Wait for an event of a type; raises what the device's `error` means."""
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
                raise PairingBusyError("the device is being paired by somebody else")
            case "newer-protocol":
                raise _other_protocol(event.data.get("protocol"))
            case "failed":
                raise DeviceFailedError("the device cannot store the pairing")
            case _:
                raise NotOursError("the device does not take part in pairing")
    raise NotOursError("the device answers something else")


def _other_protocol(theirs: object) -> LinkError:
    # Devices before the second protocol do not say which is theirs.
    if isinstance(theirs, int) and theirs > PAIRING_PROTOCOL:
        return NewerProtocolError("the device pairs in a newer way")
    return OlderProtocolError("the device pairs in an older way")


def _number(event: Event, key: str) -> int:
    number = event.data.get(key)
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= _MOST:
        raise NotOursError(f"{key} of an error must be a number")
    return round(number)


def _binary(event: Event, key: str) -> bytes:
    text = event.data.get(key)
    try:
        return bytes.fromhex(text if isinstance(text, str) else "?")
    except ValueError as err:
        raise NotOursError(f"{key} of {event.type} must be hexadecimal") from err
