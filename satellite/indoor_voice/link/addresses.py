"""Finds the addresses at which other machines on the network reach this one.

Besides its network card a machine may have container bridges, tunnels and the like, whose addresses
others can't use. On Linux, netlink tells them apart. Elsewhere all addresses are treated alike.
"""

import ipaddress
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import ifaddr

ANY_HOST: Final = ""
"""Every IPv4 and IPv6 address of this machine, as Home Assistant is another machine."""

_DUMP_LINKS: Final = struct.pack("=IHHIIBxHiII", 32, 18, 0x301, 1, 0, 0, 0, 0, 0, 0)
"""RTM_GETLINK with NLM_F_REQUEST and NLM_F_DUMP."""
_NEW_LINK: Final = 16
_DONE: Final = 3
_HEADER: Final = struct.Struct("=IHHII")
_LINK: Final = struct.Struct("=BxHiII")
_ATTRIBUTE: Final = struct.Struct("=HH")
_NAME, _MASTER, _INFO, _KIND = 3, 10, 18, 1
_POINT_TO_POINT: Final = 0x10
_RUNNING: Final = 0x40
_ANSWER_SECONDS: Final = 2.0
_LINK_LOCAL: Final = {4: 1, 6: 20}
"""Added to the rank of link-local addresses, by IP version."""

_CARD_KINDS: Final = frozenset(
    ("", "bond", "hsr", "ipvlan", "macsec", "macvlan", "team", "vlan", "vrf")
)
"""Links on the local network: a network card has no kind, the others are built on one."""
_CONTAINER_KINDS: Final = frozenset(("dummy", "netkit", "veth"))
"""Links that serve as the network card inside a container."""


@dataclass(frozen=True, slots=True)
class _Link:
    index: int
    name: str
    kind: str
    flags: int
    master: int


def own_addresses() -> list[str]:
    """Return the addresses of this machine that others can reach, IPv4 first.

    Link-local addresses, and those of bridges and tunnels, are included only if there are no
    others.
    """
    ranks = {link.name: rank for link, rank in _rank(_links())}
    found: list[tuple[int, str]] = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            address = ipaddress.ip_address(text)
            if address.is_loopback or address.is_unspecified or address.is_multicast:
                continue
            # The name may have a label, such as "eth0:1".
            rank = ranks.get(adapter.name.partition(":")[0], 0)
            if address.is_link_local:
                # A link-local IPv4 address works, for example on a cable between two machines.
                # Every card has one of IPv6, but others need to know which of their own cards to
                # use it with.
                rank += _LINK_LOCAL[address.version]
            found.append((rank, text))
    best = min((rank for rank, _ in found), default=0)
    addresses = dict.fromkeys(text for rank, text in found if rank == best)
    return sorted(addresses, key=lambda text: ":" in text)


def _rank(links: list[_Link]) -> Iterator[tuple[_Link, int]]:
    """Yield each link with a rank of how likely others can reach it; 0 is best."""
    bridges_with_card = {link.master for link in links if link.master and link.kind in _CARD_KINDS}
    for link in links:
        if link.flags & _POINT_TO_POINT:
            rank = 4
        elif link.kind in _CARD_KINDS or (
            link.kind == "bridge" and link.index in bridges_with_card
        ):
            rank = 0
        else:
            rank = 2 if link.kind in _CONTAINER_KINDS else 4
        yield link, rank if link.flags & _RUNNING else rank + 10


def _links() -> list[_Link]:
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:
        return []
    links: list[_Link] = []
    try:
        with socket.socket(family, socket.SOCK_RAW, 0) as kernel:
            kernel.settimeout(_ANSWER_SECONDS)
            kernel.send(_DUMP_LINKS)
            while True:
                for kind, body in _messages(kernel.recv(1 << 18)):
                    if kind == _NEW_LINK:
                        links.append(_link(body))
                    elif kind <= _DONE:
                        return links
    except (OSError, struct.error):
        return links


def _messages(received: bytes) -> Iterator[tuple[int, bytes]]:
    while len(received) >= _HEADER.size:
        length, kind, _, _, _ = _HEADER.unpack_from(received)
        yield kind, received[_HEADER.size : length]
        received = received[max(_aligned(length), _HEADER.size) :]


def _link(body: bytes) -> _Link:
    _, _, index, flags, _ = _LINK.unpack_from(body)
    attributes = _attributes(body[_LINK.size :])
    info = _attributes(attributes.get(_INFO, b""))
    return _Link(
        index=index,
        name=_text(attributes.get(_NAME, b"")),
        kind=_text(info.get(_KIND, b"")),
        flags=flags,
        master=int.from_bytes(attributes.get(_MASTER, b""), sys.byteorder),
    )


def _attributes(body: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while len(body) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(body)
        found[kind & 0x3FFF] = body[_ATTRIBUTE.size : length]
        body = body[max(_aligned(length), _ATTRIBUTE.size) :]
    return found


def _aligned(length: int) -> int:
    return (length + 3) & ~3


def _text(raw: bytes) -> str:
    return raw.rstrip(b"\0").decode(errors="replace")
