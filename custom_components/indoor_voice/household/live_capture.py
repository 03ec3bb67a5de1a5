"""Records in the ledger when Home Assistant starts streaming a satellite's live audio to a user.

Administrators can request this (`assist_pipeline/device/capture`). The event that Home Assistant
fires at the start is the only visible trace. Code inside Home Assistant that takes the audio in
another way can't be detected.
"""

import logging
import time
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.assist_pipeline import EVENT_RECORDING
from homeassistant.components.websocket_api.connection import current_connection
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr

from ..const import DOMAIN
from ..devices.entries import device_key, satellite_entries
from ..privacy.store.ledger_rows import RowKind
from .keeper import KEEPER

if TYPE_CHECKING:
    from homeassistant.core import Event, HomeAssistant

    from ..privacy.people import RoomId
    from ..privacy.types import Actor
    from .keeper import Keeper

_LOGGER = logging.getLogger(__name__)

CAPTURE_SECONDS: Final = 60.0
"""The longest capture that Home Assistant allows.

Captures that the same account starts in a room within this time share one row, so that nobody can
flood the ledger.
"""


@callback
def async_watch_captures(hass: HomeAssistant) -> None:
    """Record captures in the ledger until Home Assistant stops."""
    noted: dict[tuple[RoomId, str | None], float] = {}

    @callback
    def captured(event: Event) -> None:
        keeper = hass.data.get(KEEPER)
        room = _room_of(hass, event.data[ATTR_DEVICE_ID])
        if keeper is None or room is None:
            return
        connection = current_connection.get()
        actor = keeper.actor(None if connection is None else connection.user.id, "options")
        now, capture = time.monotonic(), (room, actor.person)
        if now - noted.get(capture, -CAPTURE_SECONDS) >= CAPTURE_SECONDS:
            noted[capture] = now
            hass.async_create_task(_async_note(keeper, actor, room), eager_start=True)

    hass.bus.async_listen(EVENT_RECORDING, captured)


async def _async_note(keeper: Keeper, actor: Actor, room: RoomId) -> None:
    detail: dict[str, Any] = {"how": actor.how}
    try:
        await keeper.run(lambda household: household.note(RowKind.CAPTURED, actor, room, detail))
    except HomeAssistantError:
        _LOGGER.warning("The ledger could not be written")


def _room_of(hass: HomeAssistant, device_id: str) -> RoomId | None:
    """Return the room of a satellite's device, or None for any other device."""
    device = dr.async_get(hass).async_get(device_id)
    ids = (
        set() if device is None else {id_ for domain, id_ in device.identifiers if domain == DOMAIN}
    )
    return next((key for e in satellite_entries(hass) if (key := device_key(e)) in ids), None)
