"""Announces a device in the local network, with nothing in it about the household."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Coroutine
from types import TracebackType
from typing import Final, Self

from zeroconf import Error, IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from .addresses import ANY_HOST, own_addresses
from .pairing.identity import Identity

_LOGGER = logging.getLogger(__name__)

SERVICE_TYPE: Final = "_indoor-voice._tcp.local."


LOOK_SECONDS: Final = 3.0
"""Between two looks at the addresses of this machine."""


class Announcement:
    """Announces `identity` at `port` while its `async with` block runs, by its present addresses.

    A network without multicast is no reason to stop: the address can be typed in by hand.
    """

    def __init__(
        self, identity: Identity, port: int, *, paired: bool, host: str = ANY_HOST
    ) -> None:
        """Prepare the record `_indoor-voice._tcp` of a device that listens on `host`."""
        self._identity = identity
        self._port = port
        self._paired = paired
        self._host = host
        self._addresses: list[str] = []
        self._zeroconf: AsyncZeroconf | None = None
        self._announced = asyncio.Lock()
        self._changing: set[asyncio.Task[None]] = set()
        self._warned: str | None = None

    async def __aenter__(self) -> Self:
        """Begin to announce."""
        await self._follow()
        self._start(self._watch())
        return self

    def update(self, *, paired: bool) -> None:
        """Announce from now on whether the device is paired."""
        if paired != self._paired:
            self._paired = paired
            self._start(self._change())

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._changing.add(task)
        task.add_done_callback(self._changing.discard)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._follow()

    async def _follow(self) -> None:
        """Announce by other addresses when they have changed, or when it did not work before."""
        try:
            addresses = await asyncio.to_thread(addresses_of, self._host)
        except OSError:
            return
        async with self._announced:
            if addresses == self._addresses and (self._zeroconf is not None or not addresses):
                self._warn_without(addresses)
                return
            self._addresses = addresses
            await self._withdraw()
            if addresses:
                await self._announce()
            self._warn_without(addresses)

    async def _announce(self) -> None:
        # Its sockets belong to the addresses that there were when it was made.
        zeroconf: AsyncZeroconf | None = None
        try:
            zeroconf = AsyncZeroconf(ip_version=self._ip_version())
            await zeroconf.async_register_service(self._record())
        except (Error, OSError) as err:
            self._warn(err.args[0] if err.args else type(err).__name__)
            if zeroconf is not None:
                await zeroconf.async_close()
            return
        self._zeroconf = zeroconf
        self._warned = None

    def _ip_version(self) -> IPVersion:
        families = {":" in address for address in self._addresses}
        if len(families) > 1:
            return IPVersion.All
        return IPVersion.V6Only if families == {True} else IPVersion.V4Only

    def _warn_without(self, addresses: list[str]) -> None:
        if not addresses:
            self._warn("this machine has no address in the network")
        elif all(ipaddress.ip_address(address).is_link_local for address in addresses):
            self._warn("this machine has only link-local addresses")

    def _warn(self, why: object) -> None:
        """Say that it does not work, once for each reason."""
        if self._warned != str(why):
            self._warned = str(why)
            _LOGGER.warning(
                "Home Assistant cannot discover this device (%s); add it by address, port %d",
                why,
                self._port,
            )

    async def _change(self) -> None:
        async with self._announced:
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
            parsed_addresses=self._addresses,
        )

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Withdraw the record."""
        for task in self._changing:
            task.cancel()
        await asyncio.gather(*self._changing, return_exceptions=True)
        await self._withdraw()

    async def _withdraw(self) -> None:
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is not None:
            try:
                # By addresses that are gone nobody hears it.
                await zeroconf.async_unregister_all_services()
            except (Error, OSError) as err:
                _LOGGER.debug("The record cannot be withdrawn: %s", type(err).__name__)
            finally:
                await zeroconf.async_close()


def addresses_of(host: str) -> list[str]:
    """Return by which addresses others reach what listens on `host`; raises `OSError`."""
    try:
        listened_on = ipaddress.ip_address(host)
    except ValueError:
        return own_addresses() if host == ANY_HOST else _resolved(host)
    if listened_on.is_unspecified:
        return [
            address
            for address in own_addresses()
            if ipaddress.ip_address(address).version == listened_on.version
        ]
    return [str(listened_on)]


def _resolved(host: str) -> list[str]:
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, None)))
