"""Computes when a night without keeping ends."""

from datetime import timedelta
from typing import Final

from homeassistant.util import dt as dt_util

MORNING_HOUR: Final = 6


def next_morning() -> float:
    """Return the time of the next local morning in seconds since 1970."""
    now = dt_util.now()
    morning = now.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    if morning <= now:
        morning += timedelta(days=1)
    return morning.timestamp()
