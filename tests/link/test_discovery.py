"""Tests for what a device announces, as another machine on the network receives it."""

import asyncio
import sys

import pytest
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from indoor_voice.link.discovery import SERVICE_TYPE, Announcement
from indoor_voice.link.pairing.identity import DeviceKind, Identity
from tests.waiting import until

IDENTITY = Identity(id="0123456789abcdef" * 2, kind=DeviceKind.SATELLITE)


async def heard(listener: AsyncZeroconf) -> dict[str, str | None] | None:
    info = AsyncServiceInfo(SERVICE_TYPE, f"{IDENTITY.id}.{SERVICE_TYPE}")
    if not await info.async_request(listener.zeroconf, 1000):
        return None
    assert info.port == 10700
    assert info.server == f"{IDENTITY.id}.local."
    return info.decoded_properties


async def test_it_says_whether_it_is_paired_and_nothing_of_the_household() -> None:
    said = {"id": IDENTITY.id, "protocol": "1", "kind": "satellite", "paired": "0"}
    listener = AsyncZeroconf()
    try:
        async with Announcement(IDENTITY, 10700, paired=False) as announcement:
            first = await heard(listener)
            if first is None:
                pytest.skip("this network has no multicast")
            assert first == said
            announcement.update(paired=True)
            announcement.update(paired=True)
            await until(lambda: heard(listener), lambda it: it == said | {"paired": "1"})
    finally:
        await listener.async_close()


@pytest.mark.parametrize("scenario", ["beside_containers", "new_lease", "ipv6_only"])
async def test_what_is_announced_leads_to_the_device(scenario: str) -> None:
    process = await asyncio.create_subprocess_exec(
        "unshare", "--net", "--map-root-user",
        sys.executable, "-m", "tests.link.announced", scenario,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
