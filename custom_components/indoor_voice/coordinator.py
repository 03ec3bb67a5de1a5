"""Watches whether a speech server is there, and what it offers."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final, override

from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .link.client import Address, Peer
from .reach import async_ask

if TYPE_CHECKING:
    from ssl import SSLContext

    from homeassistant.core import HomeAssistant

    from .data import IndoorVoiceConfigEntry

_LOGGER = logging.getLogger(__name__)

_UPDATE_INTERVAL: Final = timedelta(seconds=5)
_AWAY_INTERVAL: Final = timedelta(seconds=2)


class SpeechCoordinator(DataUpdateCoordinator[Peer]):
    """Asks a speech server what it is, regularly and after each request that it failed."""

    config_entry: IndoorVoiceConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: IndoorVoiceConfigEntry,
        address: Address,
        security: SSLContext | None,
    ) -> None:
        """Prepare to watch the server at `address`; without `security` over a plain link."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"speech server at {address}",
            update_interval=_UPDATE_INTERVAL,
            always_update=False,
        )
        self.address = address
        self.security = security

    @override
    async def _async_update_data(self) -> Peer:
        # A server that is gone is asked more often, to have it back soon.
        self.update_interval = _AWAY_INTERVAL
        peer = await async_ask(
            self.hass, self.config_entry, self.address, self.security, UpdateFailed
        )
        self.update_interval = _UPDATE_INTERVAL
        return peer
