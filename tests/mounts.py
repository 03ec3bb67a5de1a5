"""Runs programs that mount disks of their own, which no other process sees."""

import shutil
import subprocess
from typing import Final

import pytest

UNSHARED: Final = ("unshare", "--mount", "--map-root-user")
"""Put before a command: in its own name spaces, an ordinary user may mount as well."""


def _can_mount() -> bool:
    command = [*UNSHARED, "mount", "-t", "tmpfs", "none", "/mnt"]
    return bool(
        shutil.which("unshare")
        and subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
    )


needs_mounts: Final = pytest.mark.skipif(not _can_mount(), reason="can't mount a file system")
