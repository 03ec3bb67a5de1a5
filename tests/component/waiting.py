"""Helpers that wait for states in Home Assistant."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

SATELLITE = "assist_satellite.kitchen_kitchen_satellite"
CONNECTION = "binary_sensor.kitchen_kitchen_satellite_connection"


async def shows(hass: HomeAssistant, entity_id: str, accept: Callable[[str], bool]) -> None:
    """Wait until an entity has an acceptable state."""
    changed = asyncio.Event()

    @callback
    def note(_event: Event[EventStateChangedData]) -> None:
        changed.set()

    def shown() -> str | None:
        state = hass.states.get(entity_id)
        return None if state is None else state.state

    forget = async_track_state_change_event(hass, entity_id, note)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (state := shown()) is None or not accept(state):
                await changed.wait()
                changed.clear()
    except TimeoutError:
        pytest.fail(f"{entity_id} is still {shown()}")
    finally:
        forget()


async def reaches(hass: HomeAssistant, wanted: str) -> None:
    """Wait until the satellite is in a state."""
    await shows(hass, SATELLITE, lambda state: state == wanted)
