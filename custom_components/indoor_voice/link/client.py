"""The connecting end of the link."""

import asyncio
from dataclasses import dataclass
from typing import Final

from wyoming.info import Describe, Info

from .wire import MAX_HEADER_BYTES, Connection, FrameError, LinkError, PeerGoneError

CONNECT_TIMEOUT_SECONDS: Final = 5.0
DESCRIBE_TIMEOUT_SECONDS: Final = 5.0


class UnreachableError(LinkError):
    """Nothing accepts connections at the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a satellite or a speech server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What a satellite or speech server says of itself."""

    info: Info
    device_id: str | None
    """Set for our own satellites and speech servers, None for others' software."""


async def connect(address: Address) -> Connection:
    """Open a connection; raises `UnreachableError`."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
            streams = await asyncio.open_connection(
                address.host, address.port, limit=MAX_HEADER_BYTES
            )
    except (TimeoutError, OSError) as err:
        raise UnreachableError(f"nothing answers at {address}") from err
    return Connection(*streams)


async def describe(connection: Connection) -> Peer:
    """Ask a peer what it is; raises `LinkError`."""
    try:
        async with asyncio.timeout(DESCRIBE_TIMEOUT_SECONDS):
            await connection.send(Describe())
            while not Info.is_type((event := await connection.receive()).type):
                pass
    except TimeoutError as err:
        raise PeerGoneError("the peer does not say what it is") from err
    ours = event.data.get("indoor_voice")
    device_id = ours.get("id") if isinstance(ours, dict) else None
    try:
        info = Info.from_event(event)
    except (AttributeError, KeyError, TypeError, ValueError) as err:
        raise FrameError("the peer describes itself in a way that makes no sense") from err
    return Peer(info=info, device_id=device_id if isinstance(device_id, str) else None)
