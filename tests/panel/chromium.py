"""The browser of the tests, without what it would otherwise ask the internet for."""

import shutil
from typing import Final

from .people import HOST

CHROMIUM: Final = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "chromium"
)
"""Whichever of them the machine has; script/bootstrap sees to it that there is one."""
ARGUMENTS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
)  # fmt: skip
