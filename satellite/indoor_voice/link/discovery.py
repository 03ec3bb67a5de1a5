"""Announces a device on the local network without revealing anything about the household."""

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
"""How often to check the addresses of this machine."""


class Announcement:
    """Announces a device while its `async with` block runs, following changes of address.

    A network without multicast is not an error, as users can type the address.
    """

    def __init__(
        self, identity: Identity, port: int, *, paired: bool, host: str = ANY_HOST
    ) -> None:
        """Prepare to announce that `identity` listens on `host` and `port`."""
        self._identity = identity
        self._port = port
        self._paired = paired
        self._host = host
        self._addresses: list[str] = []
        self._zeroconf: AsyncZeroconf | None = None
        self._changing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._warned: str | None = None

    async def __aenter__(self) -> Self:
        """Start announcing."""
        await self._follow_addresses()
        self._start(self._watch())
        return self

    def update(self, *, paired: bool) -> None:
        """Change whether the device is announced as paired."""
        if paired != self._paired:
            self._paired = paired
            self._start(self._update_record())

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._follow_addresses()

    async def _follow_addresses(self) -> None:
        """Announce again if the addresses have changed, or if the last attempt failed."""
        try:
            addresses = await asyncio.to_thread(addresses_of, self._host)
        except OSError:
            return
        async with self._changing:
            if addresses == self._addresses and (self._zeroconf is not None or not addresses):
                self._warn_if_unreachable(addresses)
                return
            self._addresses = addresses
            await self._withdraw()
            if addresses:
                await self._announce()
            self._warn_if_unreachable(addresses)

    async def _announce(self) -> None:
        # zeroconf's sockets are bound to the addresses that existed when it was created.
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

    def _warn_if_unreachable(self, addresses: list[str]) -> None:
        if not addresses:
            self._warn("this machine has no address in the network")
        elif all(ipaddress.ip_address(address).is_link_local for address in addresses):
            self._warn("this machine has only link-local addresses")

    def _warn(self, reason: object) -> None:
        """Warn that discovery doesn't work, unless the last warning gave the same reason."""
        if self._warned != str(reason):
            self._warned = str(reason)
            _LOGGER.warning(
                "Home Assistant cannot discover this device (%s); add it by address, port %d",
                reason,
                self._port,
            )

    async def _update_record(self) -> None:
        async with self._changing:
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
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._withdraw()

    async def _withdraw(self) -> None:
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is not None:
            try:
                # Nobody receives this if the addresses are gone.
                await zeroconf.async_unregister_all_services()
            except (Error, OSError) as err:
                _LOGGER.debug("The record cannot be withdrawn: %s", type(err).__name__)
            finally:
                await zeroconf.async_close()


def addresses_of(host: str) -> list[str]:
    """Return the addresses at which others reach a listener on `host`; raises `OSError`."""
    try:
        listened_on = ipaddress.ip_address(host)
    except ValueError:
        return own_addresses() if host == ANY_HOST else _resolve(host)
    if listened_on.is_unspecified:
        return [
            address
            for address in own_addresses()
            if ipaddress.ip_address(address).version == listened_on.version
        ]
    return [str(listened_on)]


def _resolve(host: str) -> list[str]:
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, None)))
