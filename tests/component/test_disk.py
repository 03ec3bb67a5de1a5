"""A disk fault stops keeping while it lasts, and not a minute longer."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mounts import UNSHARED, needs_mounts

_MODULE = Path(__file__).with_name("on_a_disk.py")


@needs_mounts
@pytest.mark.timeout(600)
def test_a_disk_that_goes_wrong_is_told_and_used_again_within_a_minute() -> None:
    """Runs `on_a_disk.py` in a process of its own, which mounts disks of its own."""
    ran = subprocess.run(  # noqa: S603 - fixed arguments
        [*UNSHARED, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(_MODULE)],
        cwd=_MODULE.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
