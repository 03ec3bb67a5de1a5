"""Finds Sendspin servers that announce themselves, on a network with only this machine.

Run it in a new network namespace: `unshare --net --map-root-user python -m …announced_sendspin`.
"""

import asyncio
import ipaddress
import subprocess
from unittest.mock import patch

from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from indoor_voice.room.music.sendspin import address

_NETWORK = (
    "link set lo up",
    "link add lan type veth peer name street",
    "address add 10.77.0.1/24 dev lan",
    "link set lan up multicast on",
    "link set street up",
)
_SERVERS = (
    ("A with a bad path", {"path": "no slash"}),
    ("B", {"path": "/music"}),
    ("C", {"path": "/other"}),
)


def server(name: str, properties: dict[str, str]) -> AsyncServiceInfo:
    return AsyncServiceInfo(
        address.SERVICE_TYPE,
        f"{name}.{address.SERVICE_TYPE}",
        addresses=[ipaddress.ip_address("10.77.0.5").packed],
        port=9999,
        properties=properties,
        server="music.local.",
    )


async def main() -> None:
    for command in _NETWORK:
        subprocess.run(["ip", *command.split()], check=True)  # noqa: ASYNC221, S603, S607 - constants
    with patch.object(address, "FIND_SECONDS", 2.0):
        try:
            await address.find_server()
        except address.NoServerError as err:
            assert "no Sendspin server is announced" in str(err)  # noqa: PT017 - no pytest here
        else:
            raise AssertionError("nobody is there")
    announcer = AsyncZeroconf(ip_version=IPVersion.V4Only)
    try:
        for name, properties in _SERVERS:
            await announcer.async_register_service(server(name, properties))
        # For a second, an answer that everybody has just heard is not repeated (RFC 6762, 6).
        await asyncio.sleep(2)
        found = await address.find_server()
        assert found == "ws://10.77.0.5:9999/music", found
    finally:
        await announcer.async_close()


if __name__ == "__main__":
    asyncio.run(main())
