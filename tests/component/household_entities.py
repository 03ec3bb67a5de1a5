"""The household's entities and their states."""

from typing import TYPE_CHECKING, Any

from custom_components.indoor_voice.privacy.types import EndedTurn

from .keeping import (
    keeper_of,
)
from .peers import SATELLITE_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import HomeAssistant

KEEPS = "binary_sensor.kitchen_kitchen_satellite_recordings_are_kept_here"


KEPT = "sensor.household_kept_recordings"


OPTED_OUT = "switch.household_keep_nothing"


DELETE_LAST = "button.household_delete_the_last_recording"


def state_of(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state.state


def attributes_of(hass: HomeAssistant, entity_id: str) -> Mapping[str, Any]:
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state.attributes


async def say(hass: HomeAssistant, *, seconds: float = 1.0) -> None:
    """End a turn in the kitchen."""
    turn = EndedTurn(
        room=SATELLITE_ID,
        understood=True,
        about_keeping=False,
        sound=bytes(int(seconds * 32_000)),
        words={"transcript": "what is the secret of the marzipan"},
    )
    await keeper_of(hass).async_turn_ended(turn)
