"""Waiting for what Home Assistant shows."""

import asyncio
from typing import TYPE_CHECKING

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

if TYPE_CHECKING:
    from collections.abc import Callable

SATELLITE = "assist_satellite.kitchen_kitchen_satellite"
CONNECTION = "binary_sensor.kitchen_kitchen_satellite_connection"


async def shows(hass: HomeAssistant, entity_id: str, accept: Callable[[str], bool]) -> None:
    """Wait until an entity has a state that is accepted."""
    changed = asyncio.Event()

    @callback
    def note(_event: Event[EventStateChangedData]) -> None:
        changed.set()

    def shown() -> bool:
        state = hass.states.get(entity_id)
        return state is not None and accept(state.state)

    forget = async_track_state_change_event(hass, entity_id, note)
    try:
        async with asyncio.timeout(30):
            while not shown():
                await changed.wait()
                changed.clear()
    finally:
        forget()


async def reaches(hass: HomeAssistant, wanted: str) -> None:
    """Wait until the satellite is in a state."""
    await shows(hass, SATELLITE, lambda state: state == wanted)
