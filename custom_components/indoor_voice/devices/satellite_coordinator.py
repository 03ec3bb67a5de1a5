"""How a satellite fares, and how its turns end."""

import logging
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, override

from homeassistant.core import callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from ..link.satellite import Status

_LOGGER = logging.getLogger(__name__)


class Outcome(StrEnum):
    """How a turn ended; says nothing of what was said."""

    ANSWERED = "answered"
    DONE = "done"
    """There was nothing to answer."""

    NOT_UNDERSTOOD = "not_understood"
    """The assistant could make nothing of the text."""

    NOTHING_SAID = "nothing_said"
    FAILED = "failed"
    GIVEN_UP = "given_up"
    """It took longer than the satellite waits, or was ended in the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is known of how a satellite fares."""

    connected: bool = False
    """It has us as its controller."""

    status: Status | None = None
    """Its own account; None until it gave one over the present connection."""

    last_turn: Outcome | None = None
    """Of the last turn that came to an end; None until one did since set-up."""


class SatelliteCoordinator(DataUpdateCoordinator[Health]):
    """Tells a satellite's entities how it fares; it is told, and asks for nothing."""

    config_entry: ConfigEntry[Any]

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Know nothing yet."""
        super().__init__(hass, _LOGGER, config_entry=entry, name="satellite")
        self.data = Health()

    @override
    async def _async_update_data(self) -> Health:
        return self.data

    @callback
    def note_connected(self) -> None:
        """Take note that the satellite has us as its controller."""
        self.async_set_updated_data(replace(self.data, connected=True))

    @callback
    def note_disconnected(self) -> None:
        """Take note that the satellite is gone; how it fares there is not known."""
        self.async_set_updated_data(replace(self.data, connected=False, status=None))

    @callback
    def note_status(self, status: Status) -> None:
        """Take note of the satellite's own account."""
        self.async_set_updated_data(replace(self.data, status=status))

    @callback
    def note_turn(self, outcome: Outcome) -> None:
        """Take note of how a turn ended."""
        self.async_set_updated_data(replace(self.data, last_turn=outcome))
