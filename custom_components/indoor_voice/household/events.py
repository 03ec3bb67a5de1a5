"""Reports what happens to recordings, without content, person or room."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_send

from ..const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from ..privacy.types import Totals

SIGNAL_RECORDINGS: Final = f"{DOMAIN}_happened"
"""Sent with `RecordingEvents` to our own entities."""
EVENT_RECORDINGS: Final = f"{DOMAIN}_recordings"
"""Fired with `kind` and `count`, for the logbook."""


class RecordingEvent(StrEnum):
    """An event in the life of a recording."""

    KEPT = "kept"
    OPENED = "opened"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class RecordingEvents:
    """An event, and the number of recordings that it happened to."""

    event: RecordingEvent
    count: int


@callback
def async_report_events(hass: HomeAssistant, before: Totals, now: Totals) -> None:
    """Report the events between two counts to our entities and to the event bus."""
    for event, count in (
        (RecordingEvent.KEPT, now.kept - before.kept),
        (RecordingEvent.OPENED, now.opened - before.opened),
        (RecordingEvent.DELETED, now.deleted - before.deleted),
    ):
        if count > 0:
            async_dispatcher_send(hass, SIGNAL_RECORDINGS, RecordingEvents(event, count))
            hass.bus.async_fire(EVENT_RECORDINGS, {"kind": event, "count": count})
