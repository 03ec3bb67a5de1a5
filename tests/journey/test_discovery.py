"""Discovery, in a separate network, because it needs multicast that leaves this machine alone."""

import asyncio
import sys
from pathlib import Path

import pytest


# From that network Home Assistant can't install the integration's requirements, so the shared house
# has installed them before.
@pytest.mark.usefixtures("house")
async def test_a_satellite_is_found_paired_and_found_again_at_another_port(folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        "unshare", "--net", "--map-root-user",
        sys.executable, "-m", "tests.journey.discovered", str(folder / "discovery"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
