"""Which addresses an integration was given, and whether they are in the house."""

import asyncio
import re
import socket
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from homeassistant.const import CONF_LLM_HASS_API
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

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
_LOCAL_NAMES: Final = (".local", ".home.arpa")
_NAME: Final = re.compile(r"[\w.-]+")
_OF_ADDRESSES: Final = re.compile(
    r"host|ur[il]|addr|server|endpoint|(^|_)(ip|base|domain|broker|proxy|peer)(_|$|v?\d)",
    re.IGNORECASE,
)
"""What a field is called whose text is an address, whatever it looks like."""
_OF_OTHERS: Final = re.compile(
    r"model|voice|lang|(?<!host)(?<!host_)(?<!server_)name|user|mail|title|kind|pipeline",
    re.IGNORECASE,
)
"""What a field is called whose text is none, though it may look like one ("tiny.en")."""
_OF_NONE: Final = re.compile(r"prompt|instruction|certificate|key|token|password", re.IGNORECASE)
"""The same, also where it is called as an address is, too."""
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FILE: Final = re.compile(r"(unix|file):///", re.IGNORECASE)
_FULL_NAME: Final = re.compile(r"(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}\.?", re.UNICODE)
_LOOKUP_SECONDS: Final = 5.0


class AddressScope(Enum):
    """Where an address is."""

    HOUSE = "house"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    """Its name has no address, or was not looked up yet."""


_LOOKED_UP: Final = HassKey[dict[str, AddressScope]](f"{DOMAIN}_addresses")


def scope_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> AddressScope:
    """Return where an entry's integration works, by all the addresses that it was given.

    By what the last `async_look_up` has found; without any address it is the house.
    """
    places = {_place(hass, host) for one in _with_tools(hass, entry) for host in hosts_of(one)}
    for place in (AddressScope.OUTSIDE, AddressScope.UNKNOWN):
        if place in places:
            return place
    return AddressScope.HOUSE


async def async_look_up(hass: HomeAssistant, entries: Iterable[ConfigEntry[Any]]) -> None:
    """Learn where the names are that entries hold as addresses."""
    asked = (one for entry in entries for one in _with_tools(hass, entry))
    hosts = {host for entry in asked for host in hosts_of(entry) if _by_itself(host) is None}
    found = await asyncio.gather(*map(_async_resolve, hosts))
    hass.data[_LOOKED_UP] = dict(zip(hosts, found, strict=True))


def hosts_of(entry: ConfigEntry[Any]) -> set[str]:
    """Return each host that an entry's data, options and subentries name, in small letters."""
    return {host for key, text in _given_to(entry) if (host := _host(key, text))}


def _with_tools(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Iterator[ConfigEntry[Any]]:
    """Yield an entry, and those whose tools its agent was given, which hear what it asks of them.

    Such tools go by the integration and its entry, or a name that the entry has for them.
    """
    yield entry
    for tools in {text for key, text in _given_to(entry) if key == CONF_LLM_HASS_API}:
        for other in hass.config_entries.async_entries(tools.partition("-")[0]):
            if tools in {
                f"{other.domain}-{name}" for name in (other.entry_id, other.data.get("slug"))
            }:
                yield other


def _given_to(entry: ConfigEntry[Any]) -> Iterator[tuple[str, str]]:
    for one in (entry.data, entry.options, *(sub.data for sub in entry.subentries.values())):
        yield from _texts("", one)


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
    called_so = bool(_OF_ADDRESSES.search(key)) and not _OF_NONE.search(key)
    is_address = called_so and not _OF_OTHERS.search(key)
    spaced = any(letter.isspace() for letter in text)
    if "://" in text and not (spaced and (_OF_NONE.search(key) or not _URL.match(text))):
        if _FILE.match(text):
            return None
        # What makes no sense is somewhere else, and so is what programs read in different ways.
        return (None if "\\" in text else _named_in(text)) or text.casefold()
    if spaced or not text:
        return text.casefold() if text and is_address else None
    if _address(text.strip("[]")) is not None:
        return text.strip("[]").casefold()
    host = _named_in(f"//{text}")
    if host is None:
        return text.casefold() if is_address else None
    may_look_so = called_so or not (_OF_OTHERS.search(key) or _OF_NONE.search(key))
    looks_so = _address(host) is not None or (
        may_look_so and _FULL_NAME.fullmatch(host) and "@" not in text
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


def _by_itself(host: str) -> AddressScope | None:
    """Return where a host is that needs no looking up."""
    if (address := _address(host)) is not None:
        return _of_address(address)
    if not _NAME.fullmatch(host):
        return AddressScope.UNKNOWN
    return AddressScope.HOUSE if f".{host.rstrip('.')}".endswith(".localhost") else None


def _of_unknown(host: str) -> AddressScope:
    """Return where a name is that has no address here: what only houses have, is in this one."""
    name = host.rstrip(".")
    return (
        AddressScope.HOUSE
        if "." not in name or name.endswith(_LOCAL_NAMES)
        else AddressScope.UNKNOWN
    )


def _of_address(address: IPv4Address | IPv6Address) -> AddressScope:
    return (
        AddressScope.HOUSE
        if any(address in network for network in _IN_THE_HOUSE)
        else AddressScope.OUTSIDE
    )


def _place(hass: HomeAssistant, host: str) -> AddressScope:
    by_itself = _by_itself(host)
    return by_itself or hass.data.get(_LOOKED_UP, {}).get(host) or _of_unknown(host)


async def _async_resolve(host: str) -> AddressScope:
    """Return where a name is: in the house only if all its addresses are."""
    try:
        async with asyncio.timeout(_LOOKUP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError, UnicodeError, TimeoutError:
        return _of_unknown(host)
    addresses = [_address(str(address[0])) for *_, address in found]
    places = {_of_address(address) for address in addresses if address is not None}
    if AddressScope.OUTSIDE in places:
        return AddressScope.OUTSIDE
    return AddressScope.HOUSE if places else _of_unknown(host)
