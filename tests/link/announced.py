"""Checks what a device announces, on a network with only this machine.

Run it in a new network namespace: `unshare --net --map-root-user python -m …announced SCENARIO`.
"""

import asyncio
import subprocess
import sys
from unittest.mock import patch

from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from indoor_voice.link import discovery
from indoor_voice.link.addresses import ANY_HOST
from indoor_voice.link.discovery import SERVICE_TYPE, Announcement
from indoor_voice.link.pairing.identity import DeviceKind, Identity
from indoor_voice.link.server.server import LinkServer
from indoor_voice.link.wire import Connection
from tests.waiting import until

IDENTITY = Identity(id="0123456789abcdef" * 2, kind=DeviceKind.SATELLITE)
_LAN = (
    "link set lo up",
    "link add lan type veth peer name street",
    "link set lan up multicast on",
    "link set street up",
)
_DOCKER = (
    "link add docker0 type bridge",
    "link add inside type veth peer name plug",
    "link set plug master docker0",
    "link set plug up",
    "link set inside up",
    "address add 172.17.0.1/16 dev docker0",
    "link set docker0 up",
)


def ip(*commands: str) -> None:
    for command in commands:
        subprocess.run(["ip", *command.split()], check=True)  # noqa: S603, S607 - constants


async def announced() -> set[str]:
    """Return the addresses that another machine on the network receives now."""
    listener = AsyncZeroconf(ip_version=IPVersion.All)
    try:
        info = AsyncServiceInfo(SERVICE_TYPE, f"{IDENTITY.id}.{SERVICE_TYPE}")
        if not await info.async_request(listener.zeroconf, 2000):
            return set()
        return set(info.parsed_addresses(IPVersion.All))
    finally:
        await listener.async_close()


async def until_announced(expected: set[str]) -> None:
    await until(announced, lambda heard: heard == expected, seconds=60, pause_seconds=0.2)


async def beside_containers() -> None:
    """Only addresses that others can reach are announced, unless there are no such addresses."""
    ip(*_LAN, "address add 10.77.0.1/24 dev lan", *_DOCKER)
    ip("address add 10.77.0.9/24 dev lan label lan:1")
    ip("address add 172.17.0.9/16 dev docker0 label docker0:1")
    async with Announcement(IDENTITY, 10700, paired=False):
        await until_announced({"10.77.0.1", "10.77.0.9"})
        ip("address flush dev lan", "address add 169.254.7.7/16 dev lan")
        await until_announced({"169.254.7.7"})
        ip("link delete lan")
        await until_announced({"172.17.0.1", "172.17.0.9"})


async def new_lease() -> None:
    """The record follows the addresses, even if there is none at first."""
    ip(*_LAN)
    async with Announcement(IDENTITY, 10700, paired=False) as announcement:
        ip("address add 10.77.0.1/24 dev lan")
        await until_announced({"10.77.0.1"})
        ip("address delete 10.77.0.1/24 dev lan", "address add 10.77.0.2/24 dev lan")
        announcement.update(paired=True)
        await until_announced({"10.77.0.2"})


async def ipv6_only() -> None:
    """A device is announced and can be reached without IPv4."""
    ip(*_LAN, "address add fd77::1/64 dev lan nodad")
    served = asyncio.Event()

    async def serve(connection: Connection) -> None:
        served.set()

    async with (
        LinkServer(ANY_HOST, 0, serve, trust=None) as server,
        Announcement(IDENTITY, server.port, paired=False),
    ):
        await until_announced({"fd77::1"})
        _, writer = await asyncio.open_connection("fd77::1", server.port)
        await asyncio.wait_for(served.wait(), 5)
        writer.close()
        ip("address add 10.77.0.1/24 dev lan")
        await until_announced({"fd77::1", "10.77.0.1"})


if __name__ == "__main__":
    scenario = {f.__name__: f for f in (beside_containers, new_lease, ipv6_only)}[sys.argv[1]]
    with patch.object(discovery, "LOOK_SECONDS", 0.3):
        asyncio.run(scenario())
