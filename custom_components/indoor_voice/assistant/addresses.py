"""Finds the addresses in an integration's settings and whether they are in the house.

Settings have no schema that marks addresses, so a text counts as one by the name of its field and
by its form. What can't be judged must not count as in the house.
"""

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

_HOUSE_NETWORKS: Final = tuple(
    ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16"),
        *("::1/128", "fe80::/10", "fc00::/7"),
    )
)
_LOCAL_NAMES: Final = (".local", ".home.arpa")
_NAME: Final = re.compile(r"[\w.-]+")
_ADDRESS_FIELD: Final = re.compile(
    r"host|ur[il]|addr|server|endpoint|(^|_)(ip|base|domain|broker|proxy|peer)(_|$|v?\d)",
    re.IGNORECASE,
)
"""Names of fields whose text is an address, whatever it looks like."""
_OTHER_FIELD: Final = re.compile(
    r"model|voice|lang|(?<!host)(?<!host_)(?<!server_)name|user|mail|title|kind|pipeline",
    re.IGNORECASE,
)
"""Names of fields whose text is not an address, although it may look like one ("tiny.en")."""
_NEVER_ADDRESS_FIELD: Final = re.compile(
    r"prompt|instruction|certificate|key|token|password", re.IGNORECASE
)
"""The same, even if the name also matches `_ADDRESS_FIELD`."""
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FILE: Final = re.compile(r"(unix|file):///", re.IGNORECASE)
_FULL_NAME: Final = re.compile(r"(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}\.?", re.UNICODE)
_LOOKUP_SECONDS: Final = 5.0


class AddressScope(Enum):
    """Whether an address is in the house."""

    HOUSE = "house"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    """Its name has no address or has not been looked up yet."""


_LOOKED_UP: Final = HassKey[dict[str, AddressScope]](f"{DOMAIN}_addresses")


def scope_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> AddressScope:
    """Return where an entry's integration works, by all the addresses in its settings.

    Uses the results of the last `async_look_up`. An entry without any address is in the house.
    """
    scopes = {_scope(hass, host) for one in _with_tools(hass, entry) for host in hosts_of(one)}
    for scope in (AddressScope.OUTSIDE, AddressScope.UNKNOWN):
        if scope in scopes:
            return scope
    return AddressScope.HOUSE


async def async_look_up(hass: HomeAssistant, entries: Iterable[ConfigEntry[Any]]) -> None:
    """Resolve the host names in the settings of entries, for `scope_of`."""
    all_entries = (one for entry in entries for one in _with_tools(hass, entry))
    hosts = {
        host
        for entry in all_entries
        for host in hosts_of(entry)
        if _scope_without_lookup(host) is None
    }
    scopes = await asyncio.gather(*map(_async_resolve, hosts))
    hass.data[_LOOKED_UP] = dict(zip(hosts, scopes, strict=True))


def hosts_of(entry: ConfigEntry[Any]) -> set[str]:
    """Return the hosts in an entry's data, options and subentries, in lower case."""
    return {host for key, text in _settings(entry) if (host := _host(key, text))}


def _with_tools(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Iterator[ConfigEntry[Any]]:
    """Yield an entry, and those whose tools its agent can use, which hear the agent's requests.

    The id of such tools consists of the integration and either the entry's id or its slug.
    """
    yield entry
    for tools in {text for key, text in _settings(entry) if key == CONF_LLM_HASS_API}:
        for other in hass.config_entries.async_entries(tools.partition("-")[0]):
            if tools in {
                f"{other.domain}-{name}" for name in (other.entry_id, other.data.get("slug"))
            }:
                yield other


def _settings(entry: ConfigEntry[Any]) -> Iterator[tuple[str, str]]:
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
    """Return the host that a setting names, or None if the setting is not an address."""
    never_address = _NEVER_ADDRESS_FIELD.search(key)
    other_field = _OTHER_FIELD.search(key)
    address_field = bool(_ADDRESS_FIELD.search(key)) and not never_address
    is_address = address_field and not other_field
    has_space = any(letter.isspace() for letter in text)
    if "://" in text and not (has_space and (never_address or not _URL.match(text))):
        if _FILE.match(text):
            return None
        # A URL that is invalid, or that programs parse differently, counts as an unknown host.
        return (None if "\\" in text else _url_host(text)) or text.casefold()
    if has_space or not text:
        return text.casefold() if text and is_address else None
    if _address(text.strip("[]")) is not None:
        return text.strip("[]").casefold()
    host = _url_host(f"//{text}")
    if host is None:
        return text.casefold() if is_address else None
    may_be_name = address_field or not (other_field or never_address)
    looks_like_address = _address(host) is not None or (
        may_be_name and _FULL_NAME.fullmatch(host) and "@" not in text
    )
    return host if is_address or looks_like_address else None


def _url_host(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.casefold() if host else None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return a numeric host as an address, also in old notations such as 0x7f.1."""
    try:
        address = ip_address(host)
    except ValueError:
        if not re.fullmatch(r"(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){0,3}", host, re.IGNORECASE):
            return None
        # A single small number is a port, a size or an id.
        if host.isdigit() and int(host) < 2**24:
            return None
        try:
            return IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
    return getattr(address, "ipv4_mapped", None) or address


def _scope_without_lookup(host: str) -> AddressScope | None:
    """Return the scope of a host, or None if it must be looked up."""
    if (address := _address(host)) is not None:
        return _address_scope(address)
    if not _NAME.fullmatch(host):
        return AddressScope.UNKNOWN
    return AddressScope.HOUSE if f".{host.rstrip('.')}".endswith(".localhost") else None


def _unresolved_scope(host: str) -> AddressScope:
    """Return the scope of a name that does not resolve: in the house if its form is local."""
    name = host.rstrip(".")
    return (
        AddressScope.HOUSE
        if "." not in name or name.endswith(_LOCAL_NAMES)
        else AddressScope.UNKNOWN
    )


def _address_scope(address: IPv4Address | IPv6Address) -> AddressScope:
    return (
        AddressScope.HOUSE
        if any(address in network for network in _HOUSE_NETWORKS)
        else AddressScope.OUTSIDE
    )


def _scope(hass: HomeAssistant, host: str) -> AddressScope:
    looked_up = hass.data.get(_LOOKED_UP, {})
    return _scope_without_lookup(host) or looked_up.get(host) or _unresolved_scope(host)


async def _async_resolve(host: str) -> AddressScope:
    """Look up a name; it is in the house only if all its addresses are."""
    try:
        async with asyncio.timeout(_LOOKUP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError, UnicodeError, TimeoutError:
        return _unresolved_scope(host)
    addresses = [_address(str(address[0])) for *_, address in found]
    scopes = {_address_scope(address) for address in addresses if address is not None}
    if AddressScope.OUTSIDE in scopes:
        return AddressScope.OUTSIDE
    return AddressScope.HOUSE if scopes else _unresolved_scope(host)
