"""Lets the test harness, which was made for Home Assistant 2026.10, run with 2026.11.

A plugin of pytest, loaded before the harness by `script/test-newest-home-assistant`. It goes when
there is a harness for 2026.11.
"""

# First of all, because it refuses to be imported after httpx, which the harness imports.
import homeassistant  # noqa: F401
from homeassistant.components import logger
from homeassistant.components.logger import helpers

# The harness imports it from where it was.
logger._clear_logger_overwrites = helpers._clear_logger_overwrites  # type: ignore[attr-defined]  # noqa: SLF001 - the harness asks for that name
