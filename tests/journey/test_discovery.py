"""Discovery needs a network with multicast: one of our own, that ends where it begins."""

import asyncio
import sys
from pathlib import Path

import pytest


# That network has no registry from which Home Assistant could install what the integration needs:
# the house has let it do so before.
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
