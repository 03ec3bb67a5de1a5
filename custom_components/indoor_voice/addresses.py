"""Which addresses an integration was given, and whether they are in the house."""

import asyncio
import re
import socket
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

_IN_THE_HOUSE: Final = tuple(
    ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16"),
        *("::1/128", "fe80::/10", "fc00::/7"),
    )
)
_LOCAL_NAMES: Final = (".local", ".home.arpa", ".localhost")
_OF_ADDRESSES: Final = re.compile(
    r"host|ur[il]|addr|server|endpoint|(^|_)(ip|base|domain|broker|proxy|peer)(_|$|v?\d)",
    re.IGNORECASE,
)
"""What a field is called whose text is an address, whatever it looks like."""
_OF_OTHERS: Final = re.compile(
    r"model|voice|lang|name|user|mail|prompt|title|certificate|key|token|kind|pipeline",
    re.IGNORECASE,
)
"""What a field is called whose text is none, though it may look like one ("tiny.en")."""
_FULL_NAME: Final = re.compile(r"(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}\.?", re.UNICODE)
_LOOKUP_SECONDS: Final = 5.0


class Place(Enum):
    """Where an address is."""

    HOUSE = "house"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    """Its name has no address, or was not looked up yet."""


_LOOKED_UP: Final = HassKey[dict[str, Place]](f"{DOMAIN}_addresses")


def place_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Place:
    """Return where an entry's integration works, by all the addresses that it was given.

    By what the last `async_look_up` has found; without any address it is the house.
    """
    places = {_place(hass, host) for host in hosts_of(entry)}
    for place in (Place.OUTSIDE, Place.UNKNOWN):
        if place in places:
            return place
    return Place.HOUSE


async def async_look_up(hass: HomeAssistant, entries: Iterable[ConfigEntry[Any]]) -> None:
    """Learn where the names are that entries hold as addresses."""
    hosts = {host for entry in entries for host in hosts_of(entry) if _by_itself(host) is None}
    found = await asyncio.gather(*map(_async_resolve, hosts))
    hass.data[_LOOKED_UP] = dict(zip(hosts, found, strict=True))


def hosts_of(entry: ConfigEntry[Any]) -> set[str]:
    """Return each host that an entry's data, options and subentries name, in small letters."""
    given = (entry.data, entry.options, *(sub.data for sub in entry.subentries.values()))
    return {host for one in given for key, text in _texts("", one) if (host := _host(key, text))}


def _texts(key: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value.strip()
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _texts(key, one)
    elif hasattr(value, "items"):
        for name, one in value.items():
            yield from _texts(str(name), one)


def _host(key: str, text: str) -> str | None:
    """Return the host that a text names; None for a text that is no address."""
    if not text or any(letter.isspace() for letter in text):
        return None
    is_address = _OF_ADDRESSES.search(key) and not _OF_OTHERS.search(key)
    if "://" in text:
        return _named_in(text) or text.casefold()  # what makes no sense is somewhere else
    if _address(text.strip("[]")) is not None:
        return text.strip("[]").casefold()
    host = _named_in(f"//{text}")
    if host is None:
        return text.casefold() if is_address else None
    looks_so = _address(host) is not None or (
        _FULL_NAME.fullmatch(host) and "@" not in text and not _OF_OTHERS.search(key)
    )
    return host if is_address or looks_so else None


def _named_in(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.casefold() if host else None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return a host that is a number; also in the old ways, such as 0x7f.1, which systems take."""
    try:
        address = ip_address(host)
    except ValueError:
        if not re.fullmatch(r"(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){0,3}", host, re.IGNORECASE):
            return None
        # A number alone is a port, a size or an id, unless it is as large as an address is.
        if host.isdigit() and int(host) < 2**24:
            return None
        try:
            return IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
    return getattr(address, "ipv4_mapped", None) or address


def _by_itself(host: str) -> Place | None:
    """Return where a host is that needs no looking up."""
    if (address := _address(host)) is not None:
        return _of_address(address)
    name = host.rstrip(".")
    if "." not in name or name.endswith(_LOCAL_NAMES):
        return Place.HOUSE if re.fullmatch(r"[\w.-]+", name) else Place.UNKNOWN
    return None


def _of_address(address: IPv4Address | IPv6Address) -> Place:
    return Place.HOUSE if any(address in network for network in _IN_THE_HOUSE) else Place.OUTSIDE


def _place(hass: HomeAssistant, host: str) -> Place:
    by_itself = _by_itself(host)
    return by_itself or hass.data.get(_LOOKED_UP, {}).get(host, Place.UNKNOWN)


async def _async_resolve(host: str) -> Place:
    """Return where a name is: in the house only if all its addresses are."""
    try:
        async with asyncio.timeout(_LOOKUP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError, UnicodeError, TimeoutError:
        return Place.UNKNOWN
    addresses = [_address(str(address[0])) for *_, address in found]
    places = {_of_address(address) for address in addresses if address is not None}
    if Place.OUTSIDE in places:
        return Place.OUTSIDE
    return Place.HOUSE if places else Place.UNKNOWN
