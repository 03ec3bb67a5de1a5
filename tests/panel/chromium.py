"""The browser for tests, with all background requests to the internet turned off."""

import shutil
from typing import Final

from .people import HOST

CHROMIUM: Final = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "chromium"
)
"""The first of these that is installed; script/bootstrap makes sure that there is one."""
ARGUMENTS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
)  # fmt: skip
