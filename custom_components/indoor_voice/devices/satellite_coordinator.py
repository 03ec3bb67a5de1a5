"""Push-only coordinator for a satellite's connection, status and last turn."""

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
    """How a turn ended, without anything of what was said."""

    ANSWERED = "answered"
    DONE = "done"
    """It was carried out, and needed no answer."""

    NOT_UNDERSTOOD = "not_understood"
    """The assistant did not understand the text."""

    NOTHING_SAID = "nothing_said"
    FAILED = "failed"
    GIVEN_UP = "given_up"
    """It took longer than the satellite waits, or someone in the room cancelled it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The known state of a satellite."""

    connected: bool = False
    """Whether it has accepted this Home Assistant as its controller."""

    status: Status | None = None
    """Its own report; None until it sends one over the current connection."""

    last_turn: Outcome | None = None
    """The outcome of the last turn; None until one has ended since set-up."""


class SatelliteCoordinator(DataUpdateCoordinator[Health]):
    """Push-only coordinator for a satellite's connection, status and last turn."""

    config_entry: ConfigEntry[Any]

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize with nothing known."""
        super().__init__(hass, _LOGGER, config_entry=entry, name="satellite")
        self.data = Health()

    @override
    async def _async_update_data(self) -> Health:
        return self.data

    @callback
    def note_connected(self) -> None:
        """Record that the satellite has accepted us as its controller."""
        self.async_set_updated_data(replace(self.data, connected=True))

    @callback
    def note_disconnected(self) -> None:
        """Record that the satellite is gone, and forget its status."""
        self.async_set_updated_data(replace(self.data, connected=False, status=None))

    @callback
    def note_status(self, status: Status) -> None:
        """Record the satellite's own status report."""
        self.async_set_updated_data(replace(self.data, status=status))

    @callback
    def note_turn(self, outcome: Outcome) -> None:
        """Record the outcome of a turn."""
        self.async_set_updated_data(replace(self.data, last_turn=outcome))
