"""What happens to recordings, told to automations and the logbook; no content, person or room."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_send

from ..const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from ..privacy.types import Totals

SIGNAL_HAPPENED: Final = f"{DOMAIN}_happened"
"""Sent with a `Happening`, to our own entities."""
EVENT_RECORDINGS: Final = f"{DOMAIN}_recordings"
"""Fired with `kind` and `count`, for the logbook."""


class What(StrEnum):
    """What can happen to a recording."""

    KEPT = "kept"
    OPENED = "opened"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, to so many recordings."""

    what: What
    count: int


@callback
def async_tell_happenings(hass: HomeAssistant, before: Totals, now: Totals) -> None:
    """Tell what has happened between two counts."""
    for what, count in (
        (What.KEPT, now.kept - before.kept),
        (What.OPENED, now.opened - before.opened),
        (What.DELETED, now.deleted - before.deleted),
    ):
        if count > 0:
            async_dispatcher_send(hass, SIGNAL_HAPPENED, Happening(what, count))
            hass.bus.async_fire(EVENT_RECORDINGS, {"kind": what, "count": count})
