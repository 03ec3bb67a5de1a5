"""Watches whether a speech server is there, and what it offers."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final, override

from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .const import DOMAIN
from .link.client import Address, Peer, probe
from .link.wire import LinkError

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .data import IndoorVoiceConfigEntry

_LOGGER = logging.getLogger(__name__)

_UPDATE_INTERVAL: Final = timedelta(seconds=30)


class SpeechCoordinator(DataUpdateCoordinator[Peer]):
    """Asks a speech server what it is, regularly and after each request that it failed."""

    config_entry: IndoorVoiceConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: IndoorVoiceConfigEntry, address: Address
    ) -> None:
        """Prepare to watch the server at `address`."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"speech server at {address}",
            update_interval=_UPDATE_INTERVAL,
            always_update=False,
        )
        self.address = address

    @override
    async def _async_update_data(self) -> Peer:
        try:
            peer = await probe(self.address)
        except LinkError as err:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="not_connected",
                translation_placeholders={"address": str(self.address)},
            ) from err
        if self.config_entry.unique_id not in (None, peer.device_id):
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="another_device",
                translation_placeholders={"address": str(self.address)},
            )
        return peer
