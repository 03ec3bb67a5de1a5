"""Registers the WebSocket commands of the panel.

Nothing is decided here: each command asks the household, which applies the rules.
"""

from typing import TYPE_CHECKING

from homeassistant.core import callback

from .consents import consent_command
from .household import household_command
from .keys import key_command
from .ledger import ledger_command
from .recordings import recording_command
from .review import review_command
from .setup import setup_command
from .teaching import teaching_command

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


@callback
def async_register_websocket(hass: HomeAssistant) -> None:
    """Register all commands."""
    for commands in (
        consent_command,
        household_command,
        key_command,
        ledger_command,
        recording_command,
        review_command,
        setup_command,
        teaching_command,
    ):
        commands.async_register(hass)
