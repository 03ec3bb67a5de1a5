"""A disk fault stops keeping while it lasts, and not a minute longer."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_MODULE = Path(__file__).with_name("on_a_disk.py")
_UNSHARE = ("unshare", "--mount", "--map-root-user")


def can_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    command = [*_UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


@pytest.mark.skipif(not can_mount(), reason="may not mount a file system")
@pytest.mark.timeout(600)
def test_a_disk_that_goes_wrong_is_told_and_used_again_within_a_minute() -> None:
    """Runs `on_a_disk.py` in a process of its own, which mounts disks of its own."""
    ran = subprocess.run(  # noqa: S603 - fixed arguments
        [*_UNSHARE, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(_MODULE)],
        cwd=_MODULE.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
