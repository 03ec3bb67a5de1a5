"""Finds a Sendspin server: where the user says, or where one announces itself."""

import asyncio
import ipaddress
from typing import Final
from urllib.parse import urlsplit

from zeroconf import Error, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

SERVICE_TYPE: Final = "_sendspin-server._tcp.local."
DEFAULT_PORT: Final = 8927
DEFAULT_PATH: Final = "/sendspin"
FIND_SECONDS: Final = 10.0
_SETTLE_SECONDS: Final = 1.0
"""How long to wait for other servers, of which the first by name is taken, always the same."""
_MAX_SERVERS: Final = 16
_MAX_PATH: Final = 200


class NoServerError(Exception):
    """No server is announced in this network; the message says so."""


def server_url(address: str) -> str:
    """Return the URL for an address as users type it: a host, with a port or not, or a URL.

    Raises:
        ValueError: it is no such address.
    """
    url = address if "://" in address else f"ws://{address}"
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise ValueError("no host")
    if not url.isprintable() or " " in url:
        raise ValueError("what no address has")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("more than a host, a port and a path")
    port = parts.port or DEFAULT_PORT
    path = parts.path if parts.path not in ("", "/") else DEFAULT_PATH
    return _url(parts.scheme, parts.hostname, port, path)


async def find_server() -> str:
    """Return the URL of the first server that is announced by mDNS; raises `NoServerError`.

    This satellite does not announce itself.
    """
    try:
        zeroconf = AsyncZeroconf(ip_version=IPVersion.All)
    except (Error, OSError) as err:
        raise NoServerError(f"mDNS cannot be used: {err}") from err
    try:
        return await _look(zeroconf)
    except (TimeoutError, Error, OSError) as err:
        raise NoServerError("no Sendspin server is announced in this network") from err
    finally:
        await zeroconf.async_close()


async def _look(zeroconf: AsyncZeroconf) -> str:
    names: set[str] = set()
    seen = asyncio.Event()

    def note(
        zeroconf: Zeroconf,  # noqa: ARG001
        service_type: str,  # noqa: ARG001
        name: str,
        state_change: ServiceStateChange,
    ) -> None:
        if state_change is ServiceStateChange.Added and len(names) < _MAX_SERVERS:
            names.add(name)
            seen.set()

    browser = AsyncServiceBrowser(zeroconf.zeroconf, SERVICE_TYPE, handlers=[note])
    try:
        async with asyncio.timeout(FIND_SECONDS):
            await seen.wait()
            await asyncio.sleep(_SETTLE_SECONDS)
            for name in sorted(names):
                info = AsyncServiceInfo(SERVICE_TYPE, name)
                if await info.async_request(zeroconf.zeroconf, 2_000) and (url := _told(info)):
                    return url
    finally:
        await browser.async_cancel()
    raise TimeoutError


def _told(info: AsyncServiceInfo) -> str | None:
    """Return the URL in an announcement; None if there is none that can be used."""
    path = (info.properties.get(b"path") or DEFAULT_PATH.encode()).decode("ascii", "replace")
    if not path.startswith("/") or not path.isprintable() or len(path) > _MAX_PATH:
        return None
    for address in info.parsed_addresses(IPVersion.V4Only) or info.parsed_addresses():
        if info.port:
            return _url("ws", address, info.port, path)
    return None


def _url(scheme: str, host: str, port: int, path: str) -> str:
    try:
        is_v6 = ipaddress.ip_address(host).version == 6  # noqa: PLR2004
    except ValueError:
        is_v6 = False
    return f"{scheme}://{f'[{host}]' if is_v6 else host}:{port}{path}"
