"""Finds a device that has moved to another address."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_interval

from ..link.client import Address, probe
from ..link.reaching import first_that_answers
from ..link.wire import LinkError
from .entries import address_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from datetime import datetime
    from ssl import SSLContext

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

SERVICE_TYPE: Final = "_indoor-voice._tcp.local."
LOOK_INTERVAL: Final = timedelta(seconds=10)
"""Pause between two searches while the device is away."""
_REQUEST_MILLISECONDS: Final = 3000


async def async_moved(
    entry: ConfigEntry[Any], tls_context: SSLContext | None, announced: Sequence[Address]
) -> Address | None:
    """Return the new address of the entry's device, or None if it has not moved.

    Anyone can announce a device's id, so an address counts only if the device with the paired
    certificate answers there.
    """
    known = address_of(entry)
    if all(address == known for address in announced):
        return None
    # The known address goes first: a device that answers there has not moved.
    addresses = sorted(announced, key=lambda address: address != known)
    try:
        found = await first_that_answers(
            addresses, lambda address: probe(address, tls_context, entry.unique_id)
        )
    except LinkError:
        return None
    return None if found == known else found


@callback
def async_follow(
    hass: HomeAssistant, entry: ConfigEntry[Any], tls_context: SSLContext | None
) -> None:
    """Search for the entry's device at other addresses while it is away, until unloaded."""
    if tls_context is None or entry.unique_id is None:
        return

    async def look(_: datetime) -> None:
        if not entry.runtime_data.is_reachable and await async_look_elsewhere(
            hass, entry, tls_context
        ):
            hass.config_entries.async_schedule_reload(entry.entry_id)

    # A search takes 3 s for the request plus the time for the slowest address.
    entry.async_on_unload(
        async_track_time_interval(
            hass, _one_at_a_time(look), LOOK_INTERVAL, cancel_on_shutdown=True
        )
    )


def _one_at_a_time(
    work: Callable[[datetime], Awaitable[None]],
) -> Callable[[datetime], Coroutine[Any, Any, None]]:
    """Return a function that does nothing while an earlier call is running."""
    lock = asyncio.Lock()

    async def run(now: datetime) -> None:
        if not lock.locked():
            async with lock:
                await work(now)

    return run


async def async_look_elsewhere(
    hass: HomeAssistant, entry: ConfigEntry[Any], tls_context: SSLContext | None
) -> bool:
    """Store the device's new address if it has moved; return whether it has."""
    found = await async_moved(entry, tls_context, await async_announced(hass, entry.unique_id))
    if found is None:
        return False
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_HOST: found.host, CONF_PORT: found.port}
    )
    return True


async def async_announced(hass: HomeAssistant, device_id: str | None) -> list[Address]:
    """Return the addresses in a device's current zeroconf record."""
    if "zeroconf" not in hass.config.components:
        return []
    # Imported here because an installation without the integration may lack the library.
    from homeassistant.components.zeroconf import async_get_async_instance  # noqa: PLC0415
    from zeroconf import IPVersion  # noqa: PLC0415
    from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415

    network = await async_get_async_instance(hass)
    info = AsyncServiceInfo(SERVICE_TYPE, f"{device_id}.{SERVICE_TYPE}")
    if not await info.async_request(network.zeroconf, _REQUEST_MILLISECONDS) or info.port is None:
        return []
    return [
        Address(host=str(ip), port=info.port)
        for ip in info.ip_addresses_by_version(IPVersion.All)
        if not ip.is_link_local and not ip.is_unspecified
    ]
