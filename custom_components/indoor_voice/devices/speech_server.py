"""Watches whether a speech server is there, and what it offers."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from ..link.client import Address, BusyError, ClosedError, Peer, SlowError
from ..link.wire import PeerGoneError
from .connecting import async_probe_entry

if TYPE_CHECKING:
    from ssl import SSLContext

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

_LOGGER = logging.getLogger(__name__)

_UPDATE_INTERVAL: Final = timedelta(seconds=5)
_AWAY_INTERVAL: Final = timedelta(seconds=2)
_MISSES: Final = 2
"""How often in a row a server may hang up or be slow before it counts as gone."""


class SpeechCoordinator(DataUpdateCoordinator[Peer]):
    """Asks a speech server what it is, regularly and after each request that it failed."""

    config_entry: ConfigEntry[Any]

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        address: Address,
        tls_context: SSLContext | None,
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
        self.tls_context = tls_context
        self._misses = 0

    @override
    async def _async_update_data(self) -> Peer:
        # A server that is gone is asked more often, to have it back soon.
        self.update_interval = _AWAY_INTERVAL
        try:
            peer = await async_probe_entry(
                self.hass, self.config_entry, self.address, self.tls_context, UpdateFailed
            )
        except UpdateFailed as err:
            if self._is_only_busy(err.__cause__):
                return self.data
            raise
        self._misses = 0
        self.update_interval = _UPDATE_INTERVAL
        return peer

    def _is_only_busy(self, why: BaseException | None) -> bool:
        """Tell whether a server that was there has too much to do, which is not to be away."""
        if self.data is None or not self.last_update_success:
            return False
        if isinstance(why, BusyError):
            return True
        self._misses += 1
        return isinstance(why, ClosedError | SlowError | PeerGoneError) and self._misses <= _MISSES


@dataclass(slots=True, kw_only=True)
class SpeechData:
    """A speech server."""

    coordinator: SpeechCoordinator
    counts: Counter[str] = field(default_factory=Counter)
    """How often what happened since set-up; names of outcomes, nothing of what was said."""

    @property
    def is_reachable(self) -> bool:
        """Whether the speech server answered last time."""
        return self.coordinator.last_update_success

    @property
    def peer(self) -> Peer:
        """The speech server's latest description of itself."""
        return self.coordinator.data
