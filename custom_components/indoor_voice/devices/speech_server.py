"""Runtime data of a speech server: whether it answers and what it offers."""

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

UPDATE_INTERVAL: Final = timedelta(seconds=5)
AWAY_INTERVAL: Final = timedelta(seconds=2)
_MAX_MISSES: Final = 2
"""How often in a row a server may hang up or be slow before it counts as gone."""


class SpeechCoordinator(DataUpdateCoordinator[Peer]):
    """Polls a speech server for its description, regularly and after each failed request."""

    config_entry: ConfigEntry[Any]

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        address: Address,
        tls_context: SSLContext | None,
    ) -> None:
        """Initialize for the server at `address`; without a `tls_context` the link is plain."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"speech server at {address}",
            update_interval=UPDATE_INTERVAL,
            always_update=False,
        )
        self.address = address
        self.tls_context = tls_context
        self._misses = 0

    @override
    async def _async_update_data(self) -> Peer:
        # A server that is gone is polled more often, so that its return is noticed soon.
        self.update_interval = AWAY_INTERVAL
        try:
            peer = await async_probe_entry(
                self.hass, self.config_entry, self.address, self.tls_context, UpdateFailed
            )
        except UpdateFailed as err:
            if self._is_only_busy(err.__cause__):
                return self.data
            raise
        self._misses = 0
        self.update_interval = UPDATE_INTERVAL
        return peer

    def _is_only_busy(self, reason: BaseException | None) -> bool:
        """Return whether a server that was available is merely busy and should remain available."""
        if self.data is None or not self.last_update_success:
            return False
        if isinstance(reason, BusyError):
            return True
        self._misses += 1
        may_be_busy = isinstance(reason, ClosedError | SlowError | PeerGoneError)
        return may_be_busy and self._misses <= _MAX_MISSES


@dataclass(slots=True, kw_only=True)
class SpeechData:
    """Runtime data of a speech server's config entry."""

    coordinator: SpeechCoordinator
    counts: Counter[str] = field(default_factory=Counter)
    """How often each outcome occurred since set-up; holds nothing of what was said."""

    @property
    def is_reachable(self) -> bool:
        """Whether the speech server answered the last time it was asked."""
        return self.coordinator.last_update_success

    @property
    def peer(self) -> Peer:
        """The speech server's latest description of itself."""
        return self.coordinator.data

    @property
    def can_disguise(self) -> bool:
        """Whether the speech server answers and can disguise voices; older ones can't."""
        return self.is_reachable and self.peer.disguises
