"""Announces a device in the local network, with nothing in it about the household."""

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

    def __init__(self, identity: Identity, port: int) -> None:
        """Prepare the record `_indoor-voice._tcp`."""
        self._identity = identity
        self._port = port
        self._zeroconf: AsyncZeroconf | None = None

    async def __aenter__(self) -> Self:
        """Begin to announce."""
        name = f"{self._identity.id}.{SERVICE_TYPE}"
        properties = {key: str(value) for key, value in self._identity.as_dict().items()}
        try:
            self._zeroconf = AsyncZeroconf()
            await self._zeroconf.async_register_service(
                AsyncServiceInfo(
                    SERVICE_TYPE,
                    name,
                    port=self._port,
                    properties=properties,
                    server=f"{self._identity.id}.local.",
                    parsed_addresses=_own_addresses(),
                )
            )
        except (Error, OSError) as err:
            _LOGGER.warning(
                "Home Assistant cannot discover this device (%s); add it by address, port %d",
                err.args[0] if err.args else type(err).__name__,
                self._port,
            )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Withdraw the record."""
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
