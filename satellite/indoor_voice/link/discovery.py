"""Announces a device in the local network, with nothing in it about the household."""

import asyncio
import ipaddress
import logging
from types import TracebackType
from typing import Final, Self

import ifaddr
from zeroconf import Error
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from .identity import Identity

_LOGGER = logging.getLogger(__name__)

SERVICE_TYPE: Final = "_indoor-voice._tcp.local."


class Announcement:
    """Announces `identity` at `port` while its `async with` block runs.

    A network without multicast is no reason to stop: the address can be typed in by hand.
    """

    def __init__(self, identity: Identity, port: int, *, paired: bool) -> None:
        """Prepare the record `_indoor-voice._tcp`."""
        self._identity = identity
        self._port = port
        self._paired = paired
        self._zeroconf: AsyncZeroconf | None = None
        self._changing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to announce."""
        try:
            self._zeroconf = AsyncZeroconf()
            await self._zeroconf.async_register_service(self._record())
        except (Error, OSError) as err:
            _LOGGER.warning(
                "Home Assistant cannot discover this device (%s); add it by address, port %d",
                err.args[0] if err.args else type(err).__name__,
                self._port,
            )
        return self

    def update(self, *, paired: bool) -> None:
        """Announce from now on whether the device is paired."""
        if paired != self._paired:
            self._paired = paired
            former = self._changing
            self._changing = asyncio.create_task(self._change(former))

    async def _change(self, former: asyncio.Task[None] | None) -> None:
        if former is not None:
            await former
        if self._zeroconf is not None:
            try:
                await self._zeroconf.async_update_service(self._record())
            except (Error, OSError) as err:
                _LOGGER.debug("The record cannot be changed: %s", type(err).__name__)

    def _record(self) -> AsyncServiceInfo:
        return AsyncServiceInfo(
            SERVICE_TYPE,
            f"{self._identity.id}.{SERVICE_TYPE}",
            port=self._port,
            properties={
                **{key: str(value) for key, value in self._identity.as_dict().items()},
                "paired": "1" if self._paired else "0",
            },
            server=f"{self._identity.id}.local.",
            parsed_addresses=_own_addresses(),
        )

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Withdraw the record."""
        if self._changing is not None:
            await self._changing
        if self._zeroconf is not None:
            await self._zeroconf.async_unregister_all_services()
            await self._zeroconf.async_close()


def _own_addresses() -> list[str]:
    """Return the IPv4 addresses of this machine that others can reach."""
    return [
        ip.ip
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str) and not ipaddress.ip_address(ip.ip).is_loopback
    ]
